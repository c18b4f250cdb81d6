#include "pieces/protobuf.h"

#include <string.h>

#include "base/little_endian.h"

static thor_status cut_off(const thor_pb *message, size_t at, const char *what, thor_error *error)
{
    return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: %s runs past the end of its message at %zu; "
                     "the file is truncated or no SentencePiece model", message->name, at, what, message->end);
}

/* Seven bits a byte, lowest first, at most ten bytes. */
static thor_status read_varint(thor_pb *message, uint64_t *value, thor_error *error)
{
    size_t start = message->at;
    *value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (message->at == message->end)
            return cut_off(message, start, "a number", error);
        uint64_t byte = message->bytes[message->at++];
        *value |= shift < 64 ? (byte & 0x7F) << shift : 0;
        if (byte < 0x80)
            return THOR_OK;
    }
    return thor_fail(error, THOR_E_FORMAT,
                     "%s: offset %zu: a number of more than ten bytes; expected a SentencePiece model", message->name,
                     start);
}

static thor_status read_fixed(thor_pb *message, thor_pb_field *field, size_t size, thor_error *error)
{
    if (message->end - message->at < size)
        return cut_off(message, message->at, "a number", error);
    const unsigned char *p = message->bytes + message->at;
    field->value = size == 4 ? thor_get32(p) : thor_get64(p);
    message->at += size;
    return THOR_OK;
}

thor_status thor_pb_next(thor_pb *message, thor_pb_field *field, bool *more, thor_error *error)
{
    *more = message->at < message->end;
    if (!*more)
        return THOR_OK;
    size_t start = message->at;
    uint64_t key;
    THOR_TRY(read_varint(message, &key, error));
    uint64_t number = key >> 3;
    if (number == 0 || number > 0x1FFFFFFF)
        return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: field number %llu; expected a SentencePiece model",
                         message->name, start, (unsigned long long)number);
    *field = (thor_pb_field){ .number = (uint32_t)number, .wire = (thor_pb_wire)(key & 7), .at = message->at };
    switch (field->wire) {
    case THOR_PB_VARINT:
        return read_varint(message, &field->value, error);
    case THOR_PB_FIXED64:
        return read_fixed(message, field, 8, error);
    case THOR_PB_FIXED32:
        return read_fixed(message, field, 4, error);
    case THOR_PB_BYTES:
        THOR_TRY(read_varint(message, &field->value, error));
        field->at = message->at;
        if (field->value > message->end - message->at)
            return cut_off(message, start, "a field", error);
        message->at += (size_t)field->value;
        return THOR_OK;
    }
    return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: wire type %d; expected a SentencePiece model",
                     message->name, start, (int)field->wire);
}

thor_pb thor_pb_inside(const thor_pb *message, const thor_pb_field *field)
{
    return (thor_pb){ .name = message->name, .bytes = message->bytes, .at = field->at,
                      .end = field->at + (size_t)field->value };
}

thor_status thor_pb_expect(const thor_pb *message, const thor_pb_field *field, thor_pb_wire wire, const char *what,
                           thor_error *error)
{
    if (field->wire == wire)
        return THOR_OK;
    return thor_fail(error, THOR_E_FORMAT, "%s: offset %zu: %s has wire type %d; expected %d", message->name, field->at,
                     what, (int)field->wire, (int)wire);
}

float thor_pb_float(const thor_pb_field *field)
{
    uint32_t bits = (uint32_t)field->value;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void put_varint(thor_bytes *out, uint64_t value)
{
    while (value >= 0x80) {
        thor_bytes_add_byte(out, (char)(value | 0x80));
        value >>= 7;
    }
    thor_bytes_add_byte(out, (char)value);
}

void thor_pb_put_number(thor_bytes *out, uint32_t field, int64_t value)
{
    put_varint(out, (uint64_t)field << 3 | THOR_PB_VARINT);
    put_varint(out, (uint64_t)value);
}

void thor_pb_put_float(thor_bytes *out, uint32_t field, float value)
{
    uint32_t bits;
    unsigned char bytes[4];
    memcpy(&bits, &value, sizeof bits);
    thor_put32(bytes, bits);
    put_varint(out, (uint64_t)field << 3 | THOR_PB_FIXED32);
    thor_bytes_add(out, bytes, sizeof bytes);
}

void thor_pb_put_bytes(thor_bytes *out, uint32_t field, const void *data, size_t count)
{
    put_varint(out, (uint64_t)field << 3 | THOR_PB_BYTES);
    put_varint(out, count);
    thor_bytes_add(out, data, count);
}

void thor_pb_put_text(thor_bytes *out, uint32_t field, const char *text)
{
    thor_pb_put_bytes(out, field, text, strlen(text));
}
