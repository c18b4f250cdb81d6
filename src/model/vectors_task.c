/* The task predictor and the mixed task representation r, one vector a sentence, for all mixtures of both stacks. */
#include <math.h>

#include "model/vectors.h"
#include "nn/task.h"

typedef struct {
    thor_task_saved task;
    float *d_pooled, *d_vectors;        /* [B,d] each */
} own_saved;

static void name_weights(void *own, const thor_weights *weights, const thor_config *config)
{
    thor_task *task = own;
    int64_t K = thor_config_tasks(config), d = config->model.width;
    *task = (thor_task){ .pool = config->task.pool, .representation = config->task.representation, .tasks = K, .d = d };
    task->predictor = thor_weights_linear(weights, "task.predictor", K, d, false);
    task->embedding = thor_weights_matrix(weights, "task.embedding.weight", THOR_INIT_NORMAL, 1 / sqrt((double)d), K,
                                          d);
}

/* Before the first layer with experts; after the last layer where the encoder has none. */
static int32_t tap(const thor_stack *encoder, const thor_config *config)
{
    if (config->task.tap == THOR_TAP_EMBEDDING)
        return 0;
    int32_t i = 0;
    while (i < encoder->count && !encoder->items[i].ops->experts_of_row)
        i++;
    while (i > 0 && i < encoder->count && !encoder->items[i - 1].ends_layer)
        i--;
    return i;
}

static void place(thor_pass *pass, const thor_sublayer_room *room)
{
    const thor_task *task = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    int64_t d = task->d, K = task->tasks, sentences = room->sentences;
    saved->task.pooled = THOR_TAKE(room->arena, float, sentences * d);
    saved->task.from = THOR_TAKE(room->arena, int32_t, sentences * d);
    saved->task.probs = THOR_TAKE(room->arena, float, sentences * K);
    saved->task.mixed = THOR_TAKE(room->arena, float, sentences * d);
    saved->task.predicted = THOR_TAKE(room->arena, int32_t, sentences);
    saved->task.d_probs = THOR_TAKE(room->arena, float, sentences * K);
    saved->task.nll = THOR_TAKE(room->arena, float, sentences);
    saved->d_pooled = THOR_TAKE(room->arena, float, sentences * d);
    saved->d_vectors = THOR_TAKE(room->arena, float, sentences * d);
}

static void forward(thor_pass *pass, const float *stream, thor_losses *losses)
{
    const thor_task *task = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    const thor_batch *batch = pass->batch;
    losses->part[THOR_LOSS_TASK] = thor_task_forward(pass->compute, &saved->task, stream, &pass->encoder.packing,
                                                     batch->task_label, task) /
                                   (double)batch->sentences;
    losses->task_sentences = batch->task_label ? batch->sentences : 0;
    for (int64_t b = 0; b < losses->task_sentences; b++)
        losses->task_right += saved->task.predicted[b] == batch->task_label[b];
    if (pass->model->config.task.use != THOR_USE_NONE)
        pass->given.vectors = saved->task.mixed;
    pass->given.table = thor_matrix_f32(&task->embedding);
    pass->given.table_rows = task->tasks;
}

/* U gets r's part first, then L_tb's. */
static void backward(thor_pass *pass)
{
    const thor_task *task = pass->network.vectors_weights;
    own_saved *saved = pass->vectors_saved;
    const thor_batch *batch = pass->batch;
    float *d_embedding = thor_gradient_of(pass, task->embedding.data);
    bool any = thor_vectors_collect(pass, saved->d_vectors, false, false, batch->sentences * task->d);
    float weight = thor_pass_loss_weight(pass, THOR_LOSS_TASK) / (float)batch->sentences;
    thor_task_backward(pass->compute, thor_gradient_of(pass, task->predictor.weight.data), d_embedding, saved->d_pooled,
                       any ? saved->d_vectors : NULL, &saved->task, batch->task_label, batch->sentences, weight, task);
    thor_vectors_collect(pass, d_embedding, true, true, task->tasks * task->d);
    thor_task_pool_backward(pass->compute, pass->encoder.d_stream, saved->d_pooled, &saved->task,
                            &pass->encoder.packing, task);
}

static void show(const thor_pass *pass, const thor_viewer *view)
{
    const thor_task *task = pass->network.vectors_weights;
    const own_saved *saved = pass->vectors_saved;
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_F32, saved->task.probs, task->tasks, "task.probs");
    thor_viewer_show(view, THOR_VIEW_SENTENCES, THOR_F32, saved->task.mixed, task->d, "task.mixed");
}

const thor_vectors thor_vectors_task = { .name = "task predictor", .weights_size = sizeof(thor_task),
                                         .saved_size = sizeof(own_saved), .weights = name_weights, .tap = tap,
                                         .place = place, .forward = forward, .backward = backward, .show = show };
