/* The wire format of protocol buffers: as much as a SentencePiece model needs, reading with every size checked. */
#ifndef THOR_PIECES_PROTOBUF_H
#define THOR_PIECES_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

/* A message, or one inside another: bytes at … end-1 of a file are still to be read. */
typedef struct thor_pb {
    const char *name;               /* the file's, for errors */
    const unsigned char *bytes;     /* the whole file */
    size_t at, end;
} thor_pb;

typedef enum thor_pb_wire {
    THOR_PB_VARINT = 0,
    THOR_PB_FIXED64 = 1,
    THOR_PB_BYTES = 2,
    THOR_PB_FIXED32 = 5
} thor_pb_wire;

typedef struct thor_pb_field {
    uint32_t number;
    thor_pb_wire wire;
    size_t at;                      /* where in the file the field's value starts */
    uint64_t value;                 /* VARINT, FIXED32 and FIXED64: the number's bits; BYTES: their count */
} thor_pb_field;

/* Reads the next field and steps over it. *more is false at the end of the message. Errors: THOR_E_FORMAT with the
 * offset. */
thor_status thor_pb_next(thor_pb *message, thor_pb_field *field, bool *more, thor_error *error);

/* The message inside a field of bytes. */
thor_pb thor_pb_inside(const thor_pb *message, const thor_pb_field *field);

/* THOR_E_FORMAT unless the field has this wire type; `what` names the field. */
thor_status thor_pb_expect(const thor_pb *message, const thor_pb_field *field, thor_pb_wire wire, const char *what,
                           thor_error *error);

float thor_pb_float(const thor_pb_field *field);

/* Writing. */
void thor_pb_put_number(thor_bytes *out, uint32_t field, int64_t value);
void thor_pb_put_float(thor_bytes *out, uint32_t field, float value);
void thor_pb_put_bytes(thor_bytes *out, uint32_t field, const void *data, size_t count);
void thor_pb_put_text(thor_bytes *out, uint32_t field, const char *text);

#endif
