#include "model/systems.h"

#include "model/families.h"
#include "model/vectors.h"
#include "nn/stages.h"

#define REFUSE(...) thor_fail(error, THOR_E_USAGE, __VA_ARGS__)

/* ---- thor, and the systems that differ in settings alone ------------------------------------------------------- */

static const thor_stage *task_candidates(const thor_config *config)
{
    return thor_config_has_task_router(config) ? &thor_candidates_task : NULL;
}

static bool infuses(const thor_config *config)
{
    return thor_config_has_predictor(config) && config->task.use == THOR_USE_INFUSE;
}

static const thor_stage *context_input(const thor_config *config, bool decoder)
{
    (void)decoder;
    if (config->context.form != THOR_CONTEXT_NONE)
        return &thor_input_context;
    return infuses(config) ? &thor_input_infused : &thor_input_row;
}

static const thor_vectors *task_vectors(const thor_config *config)
{
    return thor_config_has_predictor(config) ? &thor_vectors_task : NULL;
}

static void set_thor(thor_mixture *mixture, const thor_config *config, int64_t tasks)
{
    const thor_stage *input = mixture->stage[THOR_STAGE_INPUT];
    if (mixture->stage[THOR_STAGE_CANDIDATES])
        thor_candidates_task_set(mixture, config->balance.task_over == THOR_TASK_OVER_TASKS ? tasks : 0);
    if (input != &thor_input_row)
        thor_input_context_set(mixture, config->context.form, infuses(config));
}

/* The token router reads the row. */
static const thor_stage *row_input(const thor_config *config, bool decoder)
{
    (void)config, (void)decoder;
    return &thor_input_row;
}

/* ---- fixed ----------------------------------------------------------------------------------------------------- */

static thor_status check_fixed(const thor_config *config, thor_error *error)
{
    if (config->moe.experts / 2 < config->languages.count)
        return REFUSE("moe.experts is %d, but moe.system = fixed gives each of the %d languages two experts and needs "
                      "%lld or more", (int)config->moe.experts, (int)config->languages.count,
                      2 * (long long)config->languages.count);
    if (config->router.policy != THOR_TOP_K)
        return REFUSE("router.policy is top_p, but moe.system = fixed has two experts for each language and chooses "
                      "both; set it to top_k");
    if (config->router.k != 2)
        return REFUSE("router.k is %d, but moe.system = fixed has two experts for each language and chooses both; set "
                      "it to 2", (int)config->router.k);
    if (config->router.renormalize == THOR_RENORMALIZE_TRUE)
        return REFUSE("router.renormalize is true, but moe.system = fixed never divides the weights of its two "
                      "experts; set it to auto or false");
    return THOR_OK;
}

static const thor_stage *own_experts(const thor_config *config)
{
    (void)config;
    return &thor_candidates_fixed;
}

static void set_fixed(thor_mixture *mixture, const thor_config *config, int64_t tasks)
{
    (void)config, (void)tasks;
    thor_candidates_fixed_set(mixture);
}

/* ---- residual -------------------------------------------------------------------------------------------------- */

static thor_status check_residual(const thor_config *config, thor_error *error)
{
    static const char *const instead = "--set residual.form=softmax --set router.k=1";
    if (config->residual.form != THOR_RESIDUAL_SOFTMAX)
        return THOR_OK;
    if (config->router.policy != THOR_TOP_K)
        return REFUSE("router.policy is top_p, but residual.form = softmax chooses one expert a token; try %s --set "
                      "router.policy=top_k", instead);
    if (config->router.k != 1)
        return REFUSE("router.k is %d, but residual.form = softmax chooses one expert a token; try %s",
                      (int)config->router.k, instead);
    if (config->router.renormalize == THOR_RENORMALIZE_TRUE)
        return REFUSE("router.renormalize is true, but residual.form = softmax does not divide the weight of its one "
                      "expert; set it to auto or false");
    return THOR_OK;
}

static const thor_stage *shared_network(const thor_config *config)
{
    (void)config;
    return &thor_blend_residual;
}

static void set_residual(thor_mixture *mixture, const thor_config *config, int64_t tasks)
{
    (void)tasks;
    thor_blend_residual_set(mixture, config->residual.form, config->residual.budget);
}

/* ---- hybrid ---------------------------------------------------------------------------------------------------- */

static const thor_stage *hybrid_input(const thor_config *config, bool decoder)
{
    (void)config;
    return decoder ? &thor_input_language : &thor_input_row;
}

static const thor_vectors *language_rows(const thor_config *config)
{
    (void)config;
    return &thor_vectors_language;
}

/* ---- lingual ---------------------------------------------------------------------------------------------------- */

static const thor_stage *language_candidates(const thor_config *config)
{
    (void)config;
    return &thor_candidates_language;
}

static const thor_vectors *language_network(const thor_config *config)
{
    (void)config;
    return &thor_vectors_language_network;
}

/* The memory of top-p is that of the largest group there may be. */
static void set_lingual(thor_mixture *mixture, const thor_config *config, int64_t tasks)
{
    (void)tasks;
    thor_candidates_language_set(mixture, config->languages.count);
    if (config->lingual.dynamic)
        mixture->router.C = config->moe.experts;
}

static thor_status check_lingual(const thor_config *config, thor_error *error)
{
    const int32_t *sizes = config->lingual.sizes, least = thor_config_group(config), most = config->moe.experts;
    for (int i = 0; sizes[0] > 0 && i < THOR_GROUPS; i++)
        if (sizes[i] < least || sizes[i] > most)
            return REFUSE("lingual.sizes is [%d, %d, %d], but has to be a list of three whole numbers from %d to %d: "
                          "high, medium, low", (int)sizes[0], (int)sizes[1], (int)sizes[2], (int)least, (int)most);
    return thor_families_check(&config->lingual.families, error);
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

static const thor_system_line lines[] = {
    [THOR_SYSTEM_DENSE] = { .mixtures = false },
    [THOR_SYSTEM_TOKEN] = { .mixtures = true, .input_of = context_input, .set = set_thor },
    [THOR_SYSTEM_FIXED] = { .mixtures = true, .owned = 2, .candidates_of = own_experts, .input_of = row_input,
                            .set = set_fixed, .check = check_fixed },
    [THOR_SYSTEM_HYBRID] = { .mixtures = true, .input_of = hybrid_input, .vectors_of = language_rows,
                             .experts_read_rows = true },      /* not a vector of the sentence */
    [THOR_SYSTEM_RESIDUAL] = { .mixtures = true, .input_of = row_input, .blend_of = shared_network,
                               .set = set_residual, .check = check_residual },
    [THOR_SYSTEM_LINGUAL] = { .mixtures = true, .candidates = true, .candidates_of = language_candidates,
                              .input_of = row_input, .vectors_of = language_network, .set = set_lingual,
                              .check = check_lingual },
    [THOR_SYSTEM_THOR] = { .mixtures = true, .guided = true, .candidates_of = task_candidates,
                           .input_of = context_input, .vectors_of = task_vectors, .set = set_thor },
};

const thor_system_line *thor_system_of(const thor_config *config)
{
    return &lines[config->moe.system];
}

void thor_system_stages(const thor_stage *stage[THOR_STAGES], const thor_config *config, bool decoder)
{
    const thor_system_line *line = thor_system_of(config);
    stage[THOR_STAGE_CANDIDATES] = line->candidates_of ? line->candidates_of(config) : NULL;
    stage[THOR_STAGE_INPUT] = line->input_of ? line->input_of(config, decoder) : NULL;
    stage[THOR_STAGE_BLEND] = line->blend_of ? line->blend_of(config) : NULL;
}

/* ---- what follows from it -------------------------------------------------------------------------------------- */

bool thor_config_has_mixtures(const thor_config *config)
{
    return thor_system_of(config)->mixtures;
}

bool thor_config_has_predictor(const thor_config *config)
{
    return thor_system_of(config)->guided && config->task.representation != THOR_REPRESENTATION_NONE;
}

bool thor_config_has_task_router(const thor_config *config)
{
    return thor_config_has_predictor(config) && config->task.use == THOR_USE_HIERARCHICAL;
}

bool thor_system_feeds_experts(const thor_config *config)
{
    return config->context.feed_experts && !thor_system_of(config)->experts_read_rows;
}

bool thor_system_has_groups(const thor_config *config)
{
    return config->moe.system == THOR_SYSTEM_LINGUAL && config->lingual.dynamic;
}

bool thor_system_has_candidates(const thor_config *config)
{
    return thor_config_has_task_router(config) || thor_system_of(config)->candidates;
}

bool thor_config_is_mixture(const thor_config *config, int32_t layer)
{
    int32_t every = config->moe.every;
    return thor_config_has_mixtures(config) && every > 0 && layer % every == every - 1;
}
