#include "learn/unigram_prune.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/dmath.h"
#include "learn/unigram_em.h"

/* What takes the place of a piece. */
typedef struct instead {
    bool keep;                  /* it is the best path through its own text, or the only one */
    uint32_t first, count;      /* of its part's `pieces`; none: it has to stay */
} instead;

/* A growing list of pieces. */
typedef struct piece_list {
    uint32_t *items;
    size_t count, room;
    bool failed;
} piece_list;

typedef struct pruning {
    const thor_unigram_model *model;
    const thor_word_list *words;
    instead *instead;           /* [pieces] */
    piece_list others[THOR_UNIGRAM_PARTS];      /* second best paths of a part of the pieces */
    piece_list paths[THOR_UNIGRAM_PARTS];       /* best paths of a part of the words: piece << 1 | last of its word */
    float *counts;              /* [parts][pieces], the sum of all parts in the first */
    float *shares;              /* [pieces] */
    float word_sums[THOR_UNIGRAM_PARTS];
} pruning;

static void list_add(piece_list *list, uint32_t piece)
{
    if (!thor_grow(&list->items, &list->room, list->count, 1, sizeof *list->items))
        list->failed = true;
    else
        list->items[list->count++] = piece;
}

/* Appends the path that ends with a node, first piece first. */
static void list_add_path(piece_list *list, const thor_lattice *lattice, int32_t last)
{
    size_t start = list->count;
    for (int32_t i = last; i >= 0; i = lattice->nodes[i].previous)
        list_add(list, (uint32_t)lattice->nodes[i].piece);
    for (size_t i = start, j = list->count; i + 1 < j; i++) {
        uint32_t swap = list->items[i];
        list->items[i] = list->items[--j];
        list->items[j] = swap;
    }
}

static void find_instead(pruning *p, thor_lattice *lattice, size_t piece, piece_list *others)
{
    size_t bytes;
    const char *text = thor_strings_text(p->model->text, p->model->number[piece], &bytes);
    instead *found = &p->instead[piece];
    thor_lattice_fill(lattice, p->model, text, bytes);
    int32_t best = thor_lattice_best(lattice, -1);
    *found = (instead){ .keep = best >= 0 && lattice->nodes[best].start == 0, .first = (uint32_t)others->count };
    if (!found->keep || lattice->length < 2)
        return;
    list_add_path(others, lattice, thor_lattice_best(lattice, best));
    found->count = (uint32_t)others->count - found->first;
}

static void find_instead_part(void *context, int64_t begin, int64_t end, int thread)
{
    pruning *p = context;
    thor_lattice lattice = { .count = 0 };
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        size_t count = p->model->count, first = count * (size_t)part / THOR_UNIGRAM_PARTS;
        for (size_t i = first; i < count * ((size_t)part + 1) / THOR_UNIGRAM_PARTS; i++)
            find_instead(p, &lattice, i, &p->others[part]);
        p->others[part].failed = p->others[part].failed || lattice.failed;
    }
    thor_lattice_free(&lattice);
}

static void count_part(void *context, int64_t begin, int64_t end, int thread)
{
    pruning *p = context;
    thor_lattice lattice = { .count = 0 };
    (void)thread;
    for (int64_t part = begin; part < end; part++) {
        float *counts = p->counts + (size_t)part * p->model->count;
        piece_list *paths = &p->paths[part];
        for (size_t i = (size_t)part; i < p->words->count && !paths->failed; i += THOR_UNIGRAM_PARTS) {
            size_t start = p->words->starts[i], stop = p->words->starts[i + 1], at = paths->count;
            float weight = (float)p->words->weights[i];
            thor_lattice_fill(&lattice, p->model, p->words->text + start, stop - start);
            list_add_path(paths, &lattice, thor_lattice_best(&lattice, -1));
            p->word_sums[part] += weight;
            for (; at < paths->count; at++) {
                counts[paths->items[at]] += weight;
                paths->items[at] = paths->items[at] << 1 | (at + 1 == paths->count);
            }
        }
        paths->failed = paths->failed || lattice.failed;
    }
    thor_lattice_free(&lattice);
}

/* Adds the parts in their order; a share runs through all words without stopping at a part's end. */
static float add_parts(pruning *p)
{
    float all = 0;
    size_t pieces = p->model->count;
    for (size_t part = 0; part < THOR_UNIGRAM_PARTS; part++) {
        all += p->word_sums[part];
        for (size_t i = 0; part > 0 && i < pieces; i++)
            p->counts[i] += p->counts[part * pieces + i];
        size_t word = part;
        for (size_t i = 0; i < p->paths[part].count; i++) {
            uint32_t item = p->paths[part].items[i];
            float *share = &p->shares[item >> 1];
            *share += (float)p->words->weights[word];
            word += item & 1 ? THOR_UNIGRAM_PARTS : 0;
        }
    }
    return all;
}

typedef struct candidate {
    float loss;
    uint32_t piece;
} candidate;

static int by_loss(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->loss != y->loss)
        return x->loss > y->loss ? -1 : 1;
    return x->piece < y->piece ? -1 : x->piece > y->piece;
}

/* The formula of the header; `log_sum` is log f. */
static float loss_of(const pruning *p, size_t piece, size_t part, float words, float sum, float log_sum, bool exact)
{
    const instead *other = &p->instead[piece];
    float count = p->counts[piece], share = p->shares[piece] / words;
    float with = (float)(thor_ln((double)count) - (double)log_sum);
    float more = count * (float)((exact ? other->count : p->model->count) - 1);
    float log_other = (float)thor_ln((double)(sum + more)), without = 0;
    for (uint32_t i = 0; i < other->count; i++) {
        float more_of = p->counts[p->others[part].items[other->first + i]] + count;
        without = (float)((double)without + (thor_ln((double)more_of) - (double)log_other));
    }
    return share * (with - without);
}

static size_t choose(const pruning *p, float words, bool exact, uint32_t *kept, candidate *candidates, size_t *offered)
{
    double sum = 0;
    size_t count = p->model->count, first = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)p->counts[i];
    float all = (float)sum, log_sum = (float)thor_ln((double)all);
    *offered = 0;
    for (size_t i = 0, part = 0; i < count; i++) {
        while (i >= count * (part + 1) / THOR_UNIGRAM_PARTS)
            part++;
        if (p->counts[i] == 0 || !p->instead[i].keep)
            continue;
        if (p->instead[i].count == 0)
            kept[first++] = (uint32_t)i;
        else
            candidates[(*offered)++] = (candidate){ loss_of(p, i, part, words, all, log_sum, exact), (uint32_t)i };
    }
    if (*offered > 0)
        qsort(candidates, *offered, sizeof *candidates, by_loss);
    return first;
}

/* Puts the pieces to keep into the model, in the order of `kept`. */
static bool keep(thor_unigram_model *model, const uint32_t *kept, size_t count)
{
    uint32_t *number = malloc((count + 1) * sizeof *number);
    float *score = malloc((count + 1) * sizeof *score);
    bool fits = number && score;
    for (size_t i = 0; fits && i < count; i++) {
        number[i] = model->number[kept[i]];
        score[i] = model->score[kept[i]];
    }
    if (fits)
        thor_unigram_model_set(model, number, score, count);
    free(number);
    free(score);
    return fits;
}

static bool prune(pruning *p, thor_unigram_model *model, const thor_learn_options *options, size_t least)
{
    size_t count = model->count, offered, most = (size_t)(float)((float)options->shrinking * (float)count);
    most = most < least ? least : most;
    float words = add_parts(p);
    uint32_t *kept = malloc((count + 1) * sizeof *kept);
    candidate *candidates = malloc((count + 1) * sizeof *candidates);
    bool fits = kept && candidates;
    if (fits) {
        size_t done = choose(p, words, options->exact_loss, kept, candidates, &offered);
        for (size_t i = 0; i < offered && done != most; i++)
            kept[done++] = candidates[i].piece;
        fits = keep(model, kept, done);
    }
    free(kept);
    free(candidates);
    return fits;
}

thor_status thor_unigram_prune(thor_unigram_model *model, const thor_word_list *words,
                               const thor_learn_options *options, size_t least, const thor_par *par,
                               thor_error *error)
{
    pruning p = { .model = model, .words = words };
    p.instead = calloc(model->count + 1, sizeof *p.instead);
    p.counts = calloc(THOR_UNIGRAM_PARTS * model->count + 1, sizeof *p.counts);
    p.shares = calloc(model->count + 1, sizeof *p.shares);
    bool fits = p.instead && p.counts && p.shares;
    if (fits) {
        thor_par_each(par, THOR_UNIGRAM_PARTS, find_instead_part, &p);
        thor_par_each(par, THOR_UNIGRAM_PARTS, count_part, &p);
    }
    for (int part = 0; part < THOR_UNIGRAM_PARTS; part++)
        fits = fits && !p.others[part].failed && !p.paths[part].failed;
    fits = fits && prune(&p, model, options, least);
    for (int part = 0; part < THOR_UNIGRAM_PARTS; part++) {
        free(p.others[part].items);
        free(p.paths[part].items);
    }
    free(p.instead);
    free(p.counts);
    free(p.shares);
    if (!fits)
        return thor_fail(error, THOR_E_MEMORY, "no memory for pruning %zu pieces", model->count);
    return THOR_OK;
}
