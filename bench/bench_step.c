/* Training steps: forward, backward and Adam on one shard of invented sentences without padding, for the models that
 * PyTorch's step is compared with (bench/peers). Target tokens a second, operations of the matrix products a second and
 * their share of the peak of fused multiply-adds that is measured in the same run, time by phase and part, memory.
 *
 *   bench_step [--size small|base] [--experts N] [--every N] [--threads N] [--isa NAME] [--steps N] [--json]
 *              [--sentences N] [--length N] [--dropout P] [--smoothing P]
 *
 * Without --size and --experts: small and base, dense and with 32 experts in every 2nd and in every layer. Every model
 * runs in a process of its own, so that memory is its own. Times are medians over the steps after the first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_machine.h"
#include "bench_work.h"
#include "model/work.h"
#include "train/trainer.h"

enum { MOST_STEPS = 100, TRIAD_FLOATS = 1 << 24, BYTES_A_PARAMETER = 16 };

static const char *const phase_names[THOR_PHASES] = { "forward", "backward", "update" };
static const char *const part_names[THOR_PARTS] = {
    [THOR_PART_EMBEDDING] = "embedding", [THOR_PART_SELF_ATTENTION] = "self-attention",
    [THOR_PART_CROSS_ATTENTION] = "cross-attention", [THOR_PART_FFN] = "feed-forward",
    [THOR_PART_MIXTURE] = "mixture", [THOR_PART_NORM] = "norm and residual", [THOR_PART_TASK] = "task",
    [THOR_PART_LOSS] = "output and loss", [THOR_PART_SUM] = "sum of shards",
    [THOR_PART_GRADIENT_NORM] = "gradient norm", [THOR_PART_ADAM] = "Adam",
};

typedef struct settings {
    bench_work work;
    const char *isa;
    int threads, steps;
    bool json, all;
} settings;

/* Seconds of every part of every step. */
typedef struct stopwatch {
    double parts[MOST_STEPS][THOR_PHASES][THOR_PARTS], step[MOST_STEPS];
    double since;
    thor_phase phase;
    thor_part part;
    int index;
} stopwatch;

static void enter(void *context, thor_phase phase, thor_part part)
{
    stopwatch *watch = context;
    double now = machine_seconds();
    watch->parts[watch->index][watch->phase][watch->part] += now - watch->since;
    watch->since = now;
    watch->phase = phase;
    watch->part = part;
}

typedef struct result {
    const settings *set;
    const thor_compute *compute;
    double peak[2], triad, step, parts[THOR_PHASES][THOR_PARTS];
    double tokens, operations, parameters, memory;
} result;

static double median_of(const stopwatch *watch, int steps, int phase, int part)
{
    double values[MOST_STEPS];
    for (int i = 0; i < steps; i++)
        values[i] = phase < 0 ? watch->step[i] : watch->parts[i][phase][part];
    return machine_median(values, steps);
}

static void collect(result *r, const stopwatch *watch, int steps)
{
    r->step = median_of(watch, steps, -1, 0);
    for (int phase = 0; phase < THOR_PHASES; phase++)
        for (int part = 0; part < THOR_PARTS; part++)
            r->parts[phase][part] = median_of(watch, steps, phase, part);
}

static double phase_time(const result *r, int phase)
{
    double sum = 0;
    for (int part = 0; part < THOR_PARTS; part++)
        sum += r->parts[phase][part];
    return sum;
}

/* ---- running --------------------------------------------------------------------------------------------------- */

static thor_status run_steps(stopwatch *watch, thor_trainer *trainer, const thor_batch *batch, int steps,
                             thor_error *error)
{
    for (int i = -1; i < steps; i++) {
        thor_step_report report;
        watch->index = i < 0 ? 0 : i;
        memset(watch->parts[watch->index], 0, sizeof watch->parts[0]);
        double start = watch->since = machine_seconds();
        watch->phase = THOR_PHASE_FORWARD;
        watch->part = THOR_PART_EMBEDDING;
        THOR_TRY(thor_trainer_step(trainer, batch, 1, &report, error));
        enter(watch, THOR_PHASE_FORWARD, THOR_PART_EMBEDDING);
        watch->step[watch->index] = machine_seconds() - start;
    }
    return THOR_OK;
}

static thor_status train(result *r, const thor_config *config, const thor_compute *compute, const thor_batch *batch,
                         thor_error *error)
{
    static stopwatch watch;
    thor_watch told = { enter, &watch };
    thor_model model;
    thor_trainer trainer = { .model = NULL };
    thor_shape most = { batch->sentences, batch->source_rows, batch->target_rows, batch->source_width,
                        batch->target_width };
    THOR_TRY(thor_model_open(&model, config, error));
    thor_params_init(model.values, &model.params, config->seed, NULL);
    thor_status status = thor_trainer_open(&trainer, &model, compute, &most, 1, error);
    trainer.watch = &told;
    if (status == THOR_OK)
        status = run_steps(&watch, &trainer, batch, r->set->steps, error);
    r->parameters = (double)model.params.elements;
    r->memory = machine_peak_memory();
    collect(r, &watch, r->set->steps);
    thor_trainer_close(&trainer);
    thor_model_close(&model);
    return status;
}

static thor_status measure(result *r, thor_error *error)
{
    const bench_work *work = &r->set->work;
    thor_config config;
    thor_batch batch;
    THOR_TRY(bench_work_config(&config, work, error));
    thor_status status = bench_work_batch(&batch, work, &config, error);
    if (status == THOR_OK) {
        thor_lengths lengths = thor_lengths_of(&batch);
        r->tokens = (double)batch.target_rows;
        r->operations = 3 * thor_work_forward(&config, &lengths, 2).total;
        r->peak[0] = machine_peak(r->compute);
        status = train(r, &config, r->compute, &batch, error);
        r->peak[1] = machine_peak(r->compute);
        r->triad = machine_triad(r->compute, TRIAD_FLOATS);
        bench_work_free_batch(&batch);
    }
    thor_config_free(&config);
    return status;
}

/* ---- reports --------------------------------------------------------------------------------------------------- */

static void name_model(char name[64], const bench_work *work)
{
    if (work->experts > 0)
        snprintf(name, 64, "%s, %d experts, every %d", work->size, (int)work->experts, (int)work->every);
    else
        snprintf(name, 64, "%s, dense", work->size);
}

static double higher_peak(const result *r)
{
    return r->peak[0] > r->peak[1] ? r->peak[0] : r->peak[1];
}

static void print_json(const result *r, const char *name)
{
    const bench_work *work = &r->set->work;
    printf("{\"bench\":\"step\",\"model\":\"%s\",\"size\":\"%s\",\"experts\":%d,\"every\":%d,\"isa\":\"%s\","
           "\"threads\":%d,\"sentences\":%lld,\"length\":%lld,\"steps\":%d,", name, work->size, (int)work->experts,
           (int)work->every, r->compute->kernels->name, r->compute->par.threads, (long long)work->sentences,
           (long long)work->length, r->set->steps);
    printf("\"tokens_per_second\":%.1f,\"step_seconds\":%.4f,\"gflop\":%.1f,\"gflops\":%.1f,\"peak_gflops\":%.1f,"
           "\"peak_gflops_after\":%.1f,\"triad_gbs\":%.1f,\"parameters\":%.0f,\"memory_bytes\":%.0f,\"seconds\":{",
           r->tokens / r->step, r->step, r->operations * 1e-9, r->operations / r->step * 1e-9, r->peak[0], r->peak[1],
           r->triad, r->parameters, r->memory);
    const char *between = "";
    for (int phase = 0; phase < THOR_PHASES; phase++)
        for (int part = 0; part < THOR_PARTS; part++)
            if (r->parts[phase][part] > 0) {
                printf("%s\"%s, %s\":%.5f", between, phase_names[phase], part_names[part], r->parts[phase][part]);
                between = ",";
            }
    printf("}}\n");
}

static void print_table(const result *r, const char *name)
{
    double peak = higher_peak(r), beyond = r->memory - BYTES_A_PARAMETER * r->parameters;
    printf("%s: kernels %s, threads %d, %.0f target tokens a step, %.1f M parameters\n", name,
           r->compute->kernels->name, r->compute->par.threads, r->tokens, r->parameters * 1e-6);
    printf("  %.0f tokens/s, %.3f s a step; %.0f GFLOP a step, %.0f GFLOP/s, %.1f %% of the peak %.0f (before %.0f, "
           "after %.0f); triad %.1f GB/s\n", r->tokens / r->step, r->step, r->operations * 1e-9,
           r->operations / r->step * 1e-9, 100 * r->operations / r->step * 1e-9 / peak, peak, r->peak[0], r->peak[1],
           r->triad);
    printf("  memory %.2f GiB, %.2f beyond %d bytes a parameter\n", r->memory / 1073741824, beyond / 1073741824,
           BYTES_A_PARAMETER);
    printf("  %-20s", "milliseconds");
    for (int phase = 0; phase < THOR_PHASES; phase++)
        printf(" %10s", phase_names[phase]);
    printf(" %10s\n", "share");
    for (int part = 0; part < THOR_PARTS; part++) {
        double sum = 0;
        for (int phase = 0; phase < THOR_PHASES; phase++)
            sum += r->parts[phase][part];
        if (sum <= 0)
            continue;
        printf("  %-20s", part_names[part]);
        for (int phase = 0; phase < THOR_PHASES; phase++)
            printf(" %10.1f", 1e3 * r->parts[phase][part]);
        printf(" %8.1f %%\n", 100 * sum / r->step);
    }
    printf("  %-20s", "all");
    for (int phase = 0; phase < THOR_PHASES; phase++)
        printf(" %10.1f", 1e3 * phase_time(r, phase));
    printf("\n");
}

/* ---- one process for each model -------------------------------------------------------------------------------- */

static int bench_model(const settings *set)
{
    thor_compute compute;
    thor_error error;
    char name[64];
    result r = { .set = set, .compute = &compute };
    name_model(name, &set->work);
    thor_status status = thor_compute_open(&compute, set->isa, set->threads, &error);
    if (status == THOR_OK) {
        status = measure(&r, &error);
        if (status == THOR_OK)
            (set->json ? print_json : print_table)(&r, name);
        thor_compute_close(&compute);
    }
    if (status != THOR_OK)
        fprintf(stderr, "bench_step: %s: %s\n", name, error.text);
    return status == THOR_OK ? 0 : thor_exit_code(status);
}

static int bench_alone(const settings *set)
{
    int how = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int code = bench_model(set);
        fflush(NULL);
        _exit(code);
    }
    if (child < 0 || waitpid(child, &how, 0) < 0) {
        perror("bench_step");
        return 1;
    }
    if (WIFSIGNALED(how))
        fprintf(stderr, "bench_step: the measuring process was ended by signal %d (out of memory?)\n", WTERMSIG(how));
    return WIFEXITED(how) ? WEXITSTATUS(how) : 1;
}

static int bench_all(settings set)
{
    static const struct { const char *size; int32_t experts, every; } models[] = {
        { "small", 0, 1 }, { "small", 32, 2 }, { "small", 32, 1 }, { "base", 0, 1 }, { "base", 32, 2 },
        { "base", 32, 1 },
    };
    int worst = 0;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        set.work.size = models[i].size;
        set.work.experts = models[i].experts;
        set.work.every = models[i].every;
        int code = bench_alone(&set);
        worst = code > worst ? code : worst;
    }
    return worst;
}

/* ---- options --------------------------------------------------------------------------------------------------- */

static bool read_number(settings *set, const char *option, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || value < 0 || value > 1e6)
        return false;
    if (strcmp(option, "--experts") == 0)
        set->work.experts = (int32_t)value;
    else if (strcmp(option, "--every") == 0)
        set->work.every = (int32_t)value;
    else if (strcmp(option, "--threads") == 0)
        set->threads = (int)value;
    else if (strcmp(option, "--steps") == 0 && value >= 1 && value <= MOST_STEPS)
        set->steps = (int)value;
    else if (strcmp(option, "--sentences") == 0 && value >= 1)
        set->work.sentences = (int64_t)value;
    else if (strcmp(option, "--length") == 0 && value >= 1)
        set->work.length = (int64_t)value;
    else if (strcmp(option, "--dropout") == 0 && value < 1)
        set->work.dropout = value;
    else if (strcmp(option, "--smoothing") == 0 && value < 1)
        set->work.smoothing = value;
    else
        return false;
    return true;
}

static bool read_options(settings *set, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *option = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        set->all = set->all && strcmp(option, "--size") != 0 && strcmp(option, "--experts") != 0;
        if (strcmp(option, "--json") == 0) {
            set->json = true;
            continue;
        }
        if (!value)
            return false;
        i++;
        if (strcmp(option, "--size") == 0)
            set->work.size = value;
        else if (strcmp(option, "--isa") == 0)
            set->isa = value;
        else if (!read_number(set, option, value))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    settings set = { .work = { .size = "base", .every = 2, .sentences = 164, .length = 25, .dropout = 0.1,
                               .smoothing = 0.1 }, .steps = 3, .all = true };
    if (!read_options(&set, argc, argv)) {
        fprintf(stderr, "usage: bench_step [--size small|base] [--experts N] [--every N] [--threads N] [--isa NAME]"
                        " [--steps N] [--json]\n                  [--sentences N] [--length N] [--dropout P]"
                        " [--smoothing P]\n");
        return 2;
    }
    return set.all ? bench_all(set) : bench_model(&set);
}
