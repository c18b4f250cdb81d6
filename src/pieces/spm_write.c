#include "pieces/spm.h"

#include <stdlib.h>

#include "pieces/protobuf.h"

void thor_spm_put_piece(thor_bytes *out, const char *text, size_t count, float score, thor_piece_type type)
{
    thor_bytes piece = { .data = NULL };
    thor_pb_put_bytes(&piece, 1, text, count);
    thor_pb_put_float(&piece, 2, score);
    if (type != THOR_PIECE_NORMAL)
        thor_pb_put_number(&piece, 3, type);
    thor_pb_put_bytes(out, 1, piece.data, piece.count);
    out->failed = out->failed || piece.failed;
    free(piece.data);
}

/* TrainerSpec: the fields are those that SentencePiece's programs look at, and how the model was learned. */
static void put_trainer(thor_bytes *out, const thor_spm_header *header)
{
    thor_pb_put_number(out, 3, header->type);
    thor_pb_put_number(out, 4, header->vocab_size);
    thor_pb_put_float(out, 10, header->character_coverage);
    thor_pb_put_number(out, 18, header->longest_line);
    thor_pb_put_number(out, 20, header->longest_piece);
    thor_pb_put_number(out, 21, header->split_by_script);
    thor_pb_put_number(out, 22, header->split_by_blank);
    thor_pb_put_number(out, 23, header->split_by_number);
    thor_pb_put_number(out, 24, header->blank_as_suffix);
    thor_pb_put_number(out, 25, header->split_digits);
    thor_pb_put_number(out, 26, header->blank_pieces);
    thor_pb_put_number(out, 33, 0);     /* hard_vocab_limit */
    thor_pb_put_number(out, 35, header->byte_fallback);
    if (header->required && *header->required)
        thor_pb_put_text(out, 36, header->required);
    thor_pb_put_number(out, 40, 0);     /* unk_id, bos_id, eos_id, pad_id */
    thor_pb_put_number(out, 41, 1);
    thor_pb_put_number(out, 42, 2);
    thor_pb_put_number(out, 43, -1);
    thor_pb_put_text(out, 44, " \xE2\x81\x87 ");
    thor_pb_put_text(out, 45, "<unk>");
    thor_pb_put_text(out, 46, "<s>");
    thor_pb_put_text(out, 47, "</s>");
    thor_pb_put_text(out, 48, "<pad>");
}

static void put_normalizer(thor_bytes *out, const thor_spm_header *header)
{
    thor_pb_put_text(out, 1, header->normalization ? header->normalization : "identity");
    thor_pb_put_bytes(out, 2, header->charsmap, header->charsmap_bytes);
    thor_pb_put_number(out, 3, !header->no_dummy_prefix);
    thor_pb_put_number(out, 4, !header->keep_extra_blanks);
    thor_pb_put_number(out, 5, 1);      /* escape_whitespaces */
}

void thor_spm_put_header(thor_bytes *out, const thor_spm_header *header)
{
    thor_bytes trainer = { .data = NULL }, normalizer = { .data = NULL };
    put_trainer(&trainer, header);
    put_normalizer(&normalizer, header);
    thor_pb_put_bytes(out, 2, trainer.data, trainer.count);
    thor_pb_put_bytes(out, 3, normalizer.data, normalizer.count);
    out->failed = out->failed || trainer.failed || normalizer.failed;
    free(trainer.data);
    free(normalizer.data);
}
