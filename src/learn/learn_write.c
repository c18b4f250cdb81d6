#include "learn/learn_write.h"

#include <string.h>

/* Returns how many there are. */
static size_t put_meta(const thor_learn_options *options, thor_bytes *model)
{
    char text[8];
    const char *spelling;
    size_t count = 0;
    for (thor_piece_type type; (type = thor_learn_meta(options, count, text, &spelling)); count++)
        thor_spm_put_piece(model, spelling, strlen(spelling), 0, type);
    return count;
}

/* The file's last part, without the folder; a table is of no use where only the model is. */
static const char *rule_name(const char *normalization)
{
    const char *slash = strrchr(normalization, '/');
    return slash ? slash + 1 : normalization;
}

thor_status thor_learn_write(const thor_learn_options *options, const thor_words *words,
                             const thor_learned_piece *pieces, size_t count, thor_bytes *model, thor_error *error)
{
    size_t meta = put_meta(options, model);
    for (size_t i = 0; i < count; i++)
        thor_spm_put_piece(model, pieces[i].text, pieces[i].bytes, pieces[i].score, THOR_PIECE_NORMAL);
    thor_spm_header header = { .type = options->type,
                               .vocab_size = (int32_t)(meta + count),
                               .character_coverage = (float)options->character_coverage,
                               .longest_line = options->longest_line,
                               .longest_piece = options->longest_piece,
                               .split_by_script = options->split_by_script,
                               .split_by_number = options->split_by_number,
                               .split_by_blank = options->split_by_blank,
                               .split_digits = options->split_digits,
                               .blank_as_suffix = options->blank_as_suffix,
                               .blank_pieces = options->blank_pieces,
                               .byte_fallback = options->byte_fallback,
                               .required = options->required,
                               .normalization = rule_name(options->normalization),
                               .no_dummy_prefix = !options->add_dummy_prefix,
                               .keep_extra_blanks = !options->remove_extra_blanks };
    header.charsmap = thor_words_charsmap(words, &header.charsmap_bytes);
    thor_spm_put_header(model, &header);
    return thor_bytes_check(model, "a vocabulary", error);
}
