/* Composes the phrasebook, a small parallel corpus in eight languages, from sentence frames and a lexicon (README.md).
 * The output depends on these two files and the options alone, down to its bytes, on any machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "compose_options.h"
#include "corpus.h"
#include "fail.h"

int main(int argc, char **argv)
{
    struct options options = parse_options(argc, argv);
    struct pool pool = { .newest = NULL };
    struct book book = { .pool = &pool };
    read_lexicon(&book, options.lexicon);
    read_frames(&book, options.frames);
    struct corpus corpus = compose_corpus(&book, &options);
    hold_out(&corpus, &options);
    check_corpus(&corpus, &options);
    if (options.folder != NULL)
        write_corpus(&corpus, options.folder);
    report_corpus(&corpus, &book, &options);
    give_back_all(&pool);
    if (fflush(stdout) != 0)
        fail("standard output", 0, "cannot write: %s", strerror(errno));
    return EXIT_SUCCESS;
}
