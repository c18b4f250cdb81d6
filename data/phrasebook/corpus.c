#include "corpus.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "fill_frame.h"

enum { MOST_COMBINATIONS = 200000, MOST_PERCENT = 3 };

/* Number of a combination of words, and its place among the others. */
struct combination {
    uint64_t key;
    size_t number;
};

/* For arrays whose items start with their key. */
static int by_key(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* All combinations of a frame's words, in an order that the seed gives. */
static struct combination *shuffle(const struct book *book, const struct frame *frame, const struct options *options,
                                   size_t *count)
{
    *count = 1;
    for (size_t i = 0; i < frame->slots; i++)
        *count *= frame->slot[i].count;
    if (*count > MOST_COMBINATIONS)
        fail(options->frames, frame->line, "%s has %zu combinations, more than %d", frame->name, *count,
             (int)MOST_COMBINATIONS);
    struct combination *order = take(book->pool, *count, sizeof *order);
    uint64_t hash = hash_text(options->seed, frame->name, strlen(frame->name));
    for (size_t i = 0; i < *count; i++)
        order[i] = (struct combination){ mix(hash ^ mix(i)), i };
    qsort(order, *count, sizeof *order, by_key);
    return order;
}

/* The words of a combination; false where one word stands twice. */
static bool pick_words(struct filling *filling, size_t number)
{
    for (size_t i = 0; i < filling->frame->slots; i++) {
        const struct slot *slot = &filling->frame->slot[i];
        filling->pick[i] = &filling->book->word[slot->words[number % slot->count]];
        number /= slot->count;
        for (size_t k = 0; k < i; k++)
            if (filling->pick[k] == filling->pick[i])
                return false;
    }
    return true;
}

/* Fills in all languages; false where one of the sentences is there already. */
static bool compose_sentence(struct sentence *sentence, struct filling *filling, struct count_table seen[LANGUAGES])
{
    for (filling->language = 0; filling->language < LANGUAGES; filling->language++)
        sentence->text[filling->language] = fill_frame(filling);
    for (int i = 0; i < LANGUAGES; i++)
        if (*table_count(&seen[i], sentence->text[i], strlen(sentence->text[i])) > 0)
            return false;
    for (int i = 0; i < LANGUAGES; i++)
        *table_count(&seen[i], sentence->text[i], strlen(sentence->text[i])) = 1;
    return true;
}

static void compose_frame(struct corpus *corpus, const struct book *book, size_t which, const struct options *options,
                          struct count_table seen[LANGUAGES])
{
    const struct frame *frame = &book->frame[which];
    struct filling filling = { .book = book, .frame = frame, .file = options->frames };
    size_t count, made = 0;
    struct combination *order = shuffle(book, frame, options, &count);
    for (size_t i = 0; i < count && made < frame->limit; i++) {
        struct sentence sentence = { .frame = which, .split = TRAIN };
        if (!pick_words(&filling, order[i].number) || !compose_sentence(&sentence, &filling, seen))
            continue;
        const char *english = sentence.text[ENGLISH];
        sentence.key = hash_text(options->seed, english, strlen(english));
        corpus->sentence = grow(corpus->pool, corpus->sentence, corpus->sentences, sizeof *corpus->sentence);
        corpus->sentence[corpus->sentences++] = sentence;
        made++;
    }
}

/* Prints the first sentences of a frame, for a reader to check. */
static void show_frame(const struct corpus *corpus, const struct frame *frame, size_t first, size_t count)
{
    for (size_t i = first; i < corpus->sentences && i < first + count; i++) {
        printf("%s\n", frame->name);
        for (int k = 0; k < LANGUAGES; k++)
            printf("  %s  %s\n", language_code[k], corpus->sentence[i].text[k]);
    }
}

/* Keeps the first `count` sentences in the order of their keys; no frame may make too many of them. */
static void keep_sentences(struct corpus *corpus, const struct book *book, size_t count, const char *file)
{
    if (corpus->sentences < count)
        fail(file, 0, "only %zu sentences, not %zu", corpus->sentences, count);
    qsort(corpus->sentence, corpus->sentences, sizeof *corpus->sentence, by_key);
    corpus->sentences = count;
    corpus->from_frame = take(corpus->pool, book->frames, sizeof *corpus->from_frame);
    for (size_t i = 0; i < count; i++) {
        corpus->from_frame[corpus->sentence[i].frame]++;
        count_words(corpus, &corpus->sentence[i], 1);
    }
    for (size_t i = 0; i < book->frames; i++)
        if (100 * corpus->from_frame[i] > MOST_PERCENT * count)
            fail(file, book->frame[i].line, "%s makes %zu of %zu sentences, more than %d%%", book->frame[i].name,
                 corpus->from_frame[i], count, (int)MOST_PERCENT);
}

struct corpus compose_corpus(const struct book *book, const struct options *options)
{
    struct corpus corpus = { .pool = book->pool };
    struct count_table seen[LANGUAGES];
    for (int i = 0; i < LANGUAGES; i++)
        seen[i] = corpus.words[i] = (struct count_table){ .pool = book->pool };
    for (size_t i = 0; i < book->frames; i++) {
        size_t before = corpus.sentences;
        compose_frame(&corpus, book, i, options, seen);
        show_frame(&corpus, &book->frame[i], before, options->show);
    }
    size_t wanted = options->count[TRAIN] + options->count[DEV] + options->count[TEST];
    keep_sentences(&corpus, book, wanted, options->frames);
    return corpus;
}
