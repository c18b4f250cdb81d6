#include "bench_shapes.h"

#include <stdlib.h>

const char *const shape_class_names[SHAPE_CLASSES] = { "training", "few rows", "decoding", "other" };
const char *const gemm_kind_names[KINDS] = { "forward", "forward [in,out]", "dX", "dW" };

const gemm_shape gemm_shapes[] = {
    { "base 4096x512x512", SHAPE_TRAINING, 4096, 512, 512, 1 },
    { "base 4096x512x2048", SHAPE_TRAINING, 4096, 512, 2048, 1 },
    { "base 4096x2048x512", SHAPE_TRAINING, 4096, 2048, 512, 1 },
    { "base 4096x512x32000", SHAPE_TRAINING, 4096, 512, 32000, 1 },
    { "small 4096x256x256", SHAPE_TRAINING, 4096, 256, 256, 1 },
    { "small 4096x256x1024", SHAPE_TRAINING, 4096, 256, 1024, 1 },
    { "small 4096x1024x256", SHAPE_TRAINING, 4096, 1024, 256, 1 },
    { "small 2048x256x8000", SHAPE_TRAINING, 2048, 256, 8000, 1 },
    { "32 experts 256x512x2048", SHAPE_TRAINING, 256, 512, 2048, 32 },
    { "32 experts 256x2048x512", SHAPE_TRAINING, 256, 2048, 512, 32 },
    { "32 experts 128x512x2048", SHAPE_TRAINING, 128, 512, 2048, 32 },
    { "32 experts 256x256x1024", SHAPE_TRAINING, 256, 256, 1024, 32 },
    { "32 experts 32x512x2048", SHAPE_FEW_ROWS, 32, 512, 2048, 32 },
    { "32 experts 32x2048x512", SHAPE_FEW_ROWS, 32, 2048, 512, 32 },
    { "32 experts 8x512x2048", SHAPE_FEW_ROWS, 8, 512, 2048, 32 },
    { "32 experts 8x2048x512", SHAPE_FEW_ROWS, 8, 2048, 512, 32 },
    { "decoding 1x512x512", SHAPE_DECODING, 1, 512, 512, 1 },
    { "decoding 1x512x2048", SHAPE_DECODING, 1, 512, 2048, 1 },
    { "decoding 1x512x32000", SHAPE_DECODING, 1, 512, 32000, 1 },
    { "decoding 5x512x512", SHAPE_DECODING, 5, 512, 512, 1 },
    { "decoding 5x512x2048", SHAPE_DECODING, 5, 512, 2048, 1 },
    { "decoding 5x512x32000", SHAPE_DECODING, 5, 512, 32000, 1 },
    { "decoding 32x512x512", SHAPE_DECODING, 32, 512, 512, 1 },
    { "decoding 32x512x2048", SHAPE_DECODING, 32, 512, 2048, 1 },
    { "decoding 32x512x32000", SHAPE_DECODING, 32, 512, 32000, 1 },
    { "decoding 160x512x32000", SHAPE_OTHER, 160, 512, 32000, 1 },
    { "attention 25x64x25", SHAPE_OTHER, 25, 64, 25, 1 },
};
const size_t gemm_shape_count = sizeof gemm_shapes / sizeof *gemm_shapes;

enum { LINE = 64 };

/* Begins on a cache line, as the parameters of a model do. */
static float *make_array(int64_t count, int period)
{
    size_t bytes = (size_t)count * sizeof(float);
    float *p = aligned_alloc(LINE, (bytes + LINE - 1) / LINE * LINE);
    for (int64_t i = 0; p && i < count; i++)
        p[i] = (float)(i % period) / (float)period - 0.5f;
    return p;
}

shape_arrays shape_open(const gemm_shape *s)
{
    shape_arrays a = { make_array(s->count * s->rows * s->in, 7), make_array(s->count * s->in * s->out, 5),
                       make_array(s->count * s->rows * s->out, 3), false };
    a.ready = a.x && a.w && a.y;
    return a;
}

void shape_close(shape_arrays *a)
{
    free(a->x);
    free(a->w);
    free(a->y);
}

static thor_gemm product(float *x, float *w, float *y, const gemm_shape *s, gemm_kind kind)
{
    thor_gemm in_out = { .m = s->rows, .n = s->out, .k = s->in, .a = x, .a_row = s->in, .a_column = 1, .b = w,
                         .b_row = s->out, .b_column = 1, .c = y, .c_row = s->out };
    return kind == KIND_FORWARD          ? thor_gemm_forward(y, x, w, NULL, s->rows, s->in, s->out)
           : kind == KIND_FORWARD_IN_OUT ? in_out
           : kind == KIND_INPUT          ? thor_gemm_input_gradient(x, y, w, s->rows, s->in, s->out)
                                         : thor_gemm_weight_gradient(w, y, x, s->rows, s->in, s->out);
}

void shape_products(thor_gemm *products, const gemm_shape *s, const shape_arrays *a, gemm_kind kind)
{
    for (int64_t i = 0; i < s->count; i++)
        products[i] = product(a->x + i * s->rows * s->in, a->w + i * s->in * s->out, a->y + i * s->rows * s->out, s,
                              kind);
}

double shape_work(const gemm_shape *s)
{
    return 2.0 * (double)(s->rows * s->in * s->out * s->count);
}
