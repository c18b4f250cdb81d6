/* Six lines in four scripts with two references. What the tests expect of them was computed by sacreBLEU 2.6.0 with
 * numpy 1.24. */
#ifndef TESTS_SCORE_TEXTS_H
#define TESTS_SCORE_TEXTS_H

#include "score/metric.h"

enum { TEXT_LINES = 6 };

static const char *const text_hypotheses[TEXT_LINES] = {
    "The quick brown fox jumped over the lazy dog, didn't it?",
    "Prices rose by 3.5% (to $1,200.00) in 2019-2020...",
    "他说“你好”，然后离开了。",
    "Der Hund &quot;Bello&quot; schläft auf dem Sofa .",
    "",
    "ΟΔΟΣ İzmir",
};

static const char *const text_references[2][TEXT_LINES] = {
    {
        "The quick brown fox jumps over the lazy dog, does it not?",
        "Prices rose 3.5% (to $1,200.00) in 2019-2020.",
        "他说：“你好！”然后走了。",
        "Der Hund \"Bello\" schläft auf einem Sofa.",
        "Nothing was said.",
        "οδος i̇zmir",
    },
    {
        "A fast brown fox jumped over a lazy dog, did it not?",
        "In 2019-2020 prices went up by 3.5%, to $1,200.00.",
        "他说“你好”，就走了。",
        "Bello, der Hund, schläft auf dem Sofa.",
        "",
        "Οδός İzmir",
    },
};

typedef struct text_corpus {
    thor_score_line hypotheses[TEXT_LINES], references[2][TEXT_LINES];
    const thor_score_line *streams[2];
    thor_score_corpus corpus;
} text_corpus;

/* The corpus points into *made, which therefore must not move. */
static inline const thor_score_corpus *make_text_corpus(text_corpus *made, size_t reference_count)
{
    for (size_t i = 0; i < TEXT_LINES; i++) {
        made->hypotheses[i] = thor_score_line_of(text_hypotheses[i]);
        for (size_t r = 0; r < 2; r++)
            made->references[r][i] = thor_score_line_of(text_references[r][i]);
    }
    made->streams[0] = made->references[0];
    made->streams[1] = made->references[1];
    made->corpus = (thor_score_corpus){ made->hypotheses, made->streams, reference_count, TEXT_LINES };
    return &made->corpus;
}

#endif
