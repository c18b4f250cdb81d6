/* One checked table, for the instruction set CHECKED; included by checked.c alone, once for each. */

#define PASTE_(a, b, c) a##b##c
#define PASTE(a, b, c) PASTE_(a, b, c)
#define TEXT_(a) #a
#define TEXT(a) TEXT_(a)
#define FAST PASTE(thor_kernels_, CHECKED, )
#define SLOW thor_kernels_scalar
#define K(kernel) PASTE(checked_, CHECKED, _##kernel)
#define SAME(kernel, expected, found, n) same(#kernel, TEXT(CHECKED), expected, found, n)

#define CHECK_TWO(kernel)                                                       \
    static void K(kernel)(float *y, const float *a, int64_t n)                  \
    {                                                                           \
        float *e = floats(y, n);                                                \
        SLOW.kernel(e, input(a, y, e), n);                                      \
        FAST.kernel(y, a, n);                                                   \
        SAME(kernel, e, y, n);                                                  \
    }

#define CHECK_THREE(kernel)                                                     \
    static void K(kernel)(float *y, const float *a, const float *b, int64_t n)  \
    {                                                                           \
        float *e = floats(y, n);                                                \
        SLOW.kernel(e, input(a, y, e), input(b, y, e), n);                      \
        FAST.kernel(y, a, b, n);                                                \
        SAME(kernel, e, y, n);                                                  \
    }

#define CHECK_FACTOR(kernel)                                                    \
    static void K(kernel)(float *y, const float *a, float s, int64_t n)         \
    {                                                                           \
        float *e = floats(y, n);                                                \
        SLOW.kernel(e, input(a, y, e), s, n);                                   \
        FAST.kernel(y, a, s, n);                                                \
        SAME(kernel, e, y, n);                                                  \
    }

#define CHECK_SUM(kernel)                                                       \
    static float K(kernel)(const float *a, int64_t n)                           \
    {                                                                           \
        float s = FAST.kernel(a, n);                                            \
        same_float(#kernel, TEXT(CHECKED), 0, SLOW.kernel(a, n), s);            \
        return s;                                                               \
    }

static bool K(exact)(void)
{
    return SLOW.exact() && FAST.exact();
}

CHECK_THREE(add)
CHECK_THREE(subtract)
CHECK_THREE(multiply)
CHECK_THREE(add_product)
CHECK_THREE(relu_backward)
CHECK_THREE(sigmoid_backward)
CHECK_THREE(softmax_backward)
CHECK_FACTOR(scale)
CHECK_FACTOR(divide)
CHECK_FACTOR(add_scaled)
CHECK_TWO(relu)
CHECK_TWO(exp)
CHECK_TWO(log)
CHECK_TWO(sigmoid)
CHECK_TWO(tanh)
CHECK_TWO(erf)
CHECK_SUM(sum)
CHECK_SUM(sum_squares)
CHECK_SUM(largest)

static void K(maximum)(float *y, const float *a, int32_t *from, int32_t row, int64_t n)
{
    float *e = floats(y, n);
    int32_t *rows = copy_of(from, n, sizeof *from);
    SLOW.maximum(e, input(a, y, e), rows, row, n);
    FAST.maximum(y, a, from, row, n);
    SAME(maximum, e, y, n);
    for (int64_t i = 0; i < n; i++)
        if (rows[i] != from[i])
            differ("maximum", TEXT(CHECKED), i, (double)rows[i], (double)from[i]);
    free(rows);
}

static void K(interpolate)(float *u, const float *gate, const float *x, const float *c, int64_t n)
{
    float *e = floats(u, n);
    SLOW.interpolate(e, input(gate, u, e), input(x, u, e), input(c, u, e), n);
    FAST.interpolate(u, gate, x, c, n);
    SAME(interpolate, e, u, n);
}

static void K(interpolate_backward)(float *dgate, float *dx, float *dc, const float *du, const float *gate,
                                    const float *x, const float *c, int64_t n)
{
    float *e = floats(dgate, n), *f = floats(dx, n), *g = floats(dc, n);
    float *d = floats(du, n), *s = floats(gate, n), *v = floats(x, n), *w = floats(c, n);
    SLOW.interpolate_backward(e, f, g, d, s, v, w, n);
    FAST.interpolate_backward(dgate, dx, dc, du, gate, x, c, n);
    SAME(interpolate_backward, e, dgate, n);
    SAME(interpolate_backward, f, dx, n);
    SAME(interpolate_backward, g, dc, n);
    free(d);
    free(s);
    free(v);
    free(w);
}

static void K(dropout_mask)(uint8_t *keep, const thor_dropout_rule *rule, uint64_t first, int64_t n)
{
    check_elements("dropout_mask", first, n);
    uint8_t *e = copy_of(keep, n, 1);
    SLOW.dropout_mask(e, rule, first, n);
    FAST.dropout_mask(keep, rule, first, n);
    for (int64_t i = 0; i < n; i++)
        if (e[i] != keep[i])
            differ("dropout_mask", TEXT(CHECKED), i, e[i], keep[i]);
    free(e);
}

static void K(dropout_apply)(float *y, const float *a, const uint8_t *keep, float scale, int64_t n)
{
    float *e = floats(y, n);
    SLOW.dropout_apply(e, input(a, y, e), keep, scale, n);
    FAST.dropout_apply(y, a, keep, scale, n);
    SAME(dropout_apply, e, y, n);
}

static void K(dropout_add)(float *y, const float *residual, const float *a, const uint8_t *keep, float scale, int64_t n)
{
    float *e = floats(y, n);
    SLOW.dropout_add(e, input(residual, y, e), input(a, y, e), keep, scale, n);
    FAST.dropout_add(y, residual, a, keep, scale, n);
    SAME(dropout_add, e, y, n);
}

static float K(sum_products)(const float *a, const float *b, int64_t n)
{
    float s = FAST.sum_products(a, b, n);
    same_float("sum_products", TEXT(CHECKED), 0, SLOW.sum_products(a, b, n), s);
    return s;
}

static int64_t K(argmax)(const float *a, int64_t n)
{
    int64_t expected = SLOW.argmax(a, n), found = FAST.argmax(a, n);
    if (expected != found)
        differ("argmax", TEXT(CHECKED), 0, (double)expected, (double)found);
    return found;
}

static void K(sum_rows)(float *y, const float *a, int64_t rows, int64_t stride, int64_t n, bool accumulate)
{
    float *e = floats(y, n);
    SLOW.sum_rows(e, a, rows, stride, n, accumulate);
    FAST.sum_rows(y, a, rows, stride, n, accumulate);
    SAME(sum_rows, e, y, n);
}

static void K(sum_row_products)(float *y, const float *a, const float *b, int64_t rows, int64_t stride, int64_t n,
                                bool accumulate)
{
    float *e = floats(y, n);
    SLOW.sum_row_products(e, a, b, rows, stride, n, accumulate);
    FAST.sum_row_products(y, a, b, rows, stride, n, accumulate);
    SAME(sum_row_products, e, y, n);
}

static void K(relu_backward_sum)(float *sum, float *d, const float *y, float s, int64_t rows, int64_t stride, int64_t n)
{
    float *e = floats(sum, n), *f = floats(d, rows > 0 ? (rows - 1) * stride + n : 0);
    SLOW.relu_backward_sum(e, f, y, s, rows, stride, n);
    FAST.relu_backward_sum(sum, d, y, s, rows, stride, n);
    SAME(relu_backward_sum, e, sum, n);
    for (int64_t r = 0; r < rows; r++)
        for (int64_t j = 0; j < n; j++)
            same_float("relu_backward_sum", TEXT(CHECKED), r * n + j, f[r * stride + j], d[r * stride + j]);
    free(f);
}

static void K(layer_norm)(float *y, float *normal, float *rstd, const float *x, const float *gain, const float *bias,
                          float eps, int64_t n)
{
    float *e = floats(y, n), *f = normal ? floats(normal, n) : NULL, r;
    const float *source = normal ? input(input(x, y, e), normal, f) : input(x, y, e);
    SLOW.layer_norm(e, f, &r, source, gain, bias, eps, n);
    FAST.layer_norm(y, normal, rstd, x, gain, bias, eps, n);
    SAME(layer_norm, e, y, n);
    if (normal)
        SAME(layer_norm, f, normal, n);
    same_float("layer_norm (rstd)", TEXT(CHECKED), 0, r, *rstd);
}

static void K(layer_norm_backward)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                   int64_t n)
{
    float *e = floats(dx, n);
    SLOW.layer_norm_backward(e, input(dy, dx, e), input(normal, dx, e), rstd, gain, n);
    FAST.layer_norm_backward(dx, dy, normal, rstd, gain, n);
    SAME(layer_norm_backward, e, dx, n);
}

static void K(layer_norm_backward_add)(float *dx, const float *dy, const float *normal, float rstd, const float *gain,
                                       int64_t n)
{
    float *e = floats(dx, n);
    SLOW.layer_norm_backward_add(e, dy, normal, rstd, gain, n);
    FAST.layer_norm_backward_add(dx, dy, normal, rstd, gain, n);
    SAME(layer_norm_backward_add, e, dx, n);
}

static void K(softmax)(float *p, const float *x, int64_t n, float *largest, float *log_sum)
{
    float *e = floats(p, n), expected[2], found[2];
    SLOW.softmax(e, input(x, p, e), n, &expected[0], &expected[1]);
    FAST.softmax(p, x, n, &found[0], &found[1]);
    SAME(softmax, e, p, n);
    same_float("softmax (largest)", TEXT(CHECKED), 0, expected[0], found[0]);
    same_float("softmax (log_sum)", TEXT(CHECKED), 0, expected[1], found[1]);
    if (largest)
        *largest = found[0];
    if (log_sum)
        *log_sum = found[1];
}

static float K(cross_entropy)(float *z, int64_t n, int64_t label, float eps, float weight, float *smooth)
{
    float *e = floats(z, n), other;
    float expected = SLOW.cross_entropy(e, n, label, eps, weight, smooth ? &other : NULL);
    float found = FAST.cross_entropy(z, n, label, eps, weight, smooth);
    SAME(cross_entropy, e, z, n);
    same_float("cross_entropy (loss)", TEXT(CHECKED), 0, expected, found);
    if (smooth)
        same_float("cross_entropy (smooth)", TEXT(CHECKED), 0, other, *smooth);
    return found;
}

static void K(adam)(float *p, float *m, float *v, const float *g, const thor_adam_scalars *s, int64_t n)
{
    float *ep = floats(p, n), *em = floats(m, n), *ev = floats(v, n);
    SLOW.adam(ep, em, ev, g, s, n);
    FAST.adam(p, m, v, g, s, n);
    SAME(adam, ep, p, n);
    SAME(adam, em, m, n);
    SAME(adam, ev, v, n);
}

/* The scalar tile is smaller: its sums are compared piece by piece. */
static void K(tile)(const thor_tile *tile)
{
    thor_tile t = *tile;
    int64_t outer = t.transposed ? t.columns : t.rows, inner = t.transposed ? t.rows : t.columns;
    float *expected = floats(NULL, 0), *sums = realloc(expected, (size_t)(outer * inner) * sizeof *sums);
    if (!sums)
        abort();
    t.c = sums;
    t.c_row = inner;
    for (int64_t i = 0; i < outer; i++)
        memcpy(sums + i * inner, tile->c + i * tile->c_row, (size_t)inner * sizeof *sums);
    for (int64_t i = 0; i < tile->rows; i += SLOW.tile_rows)
        for (int64_t j = 0; j < tile->columns; j += SLOW.tile_columns) {
            thor_tile part = t;
            part.rows = tile->rows - i < SLOW.tile_rows ? tile->rows - i : SLOW.tile_rows;
            part.columns = tile->columns - j < SLOW.tile_columns ? tile->columns - j : SLOW.tile_columns;
            part.a += i * t.a_row;
            part.b += j;
            part.init = t.init ? t.init + i * t.init_row + j : NULL;
            part.c += t.transposed ? j * inner + i : i * inner + j;
            part.bias = t.bias ? t.bias + (t.transposed ? i : j) : NULL;
            SLOW.tile(&part);
        }
    FAST.tile(tile);
    for (int64_t i = 0; i < outer; i++)
        for (int64_t j = 0; j < inner; j++)
            same_float("tile", TEXT(CHECKED), i * inner + j, sums[i * inner + j], tile->c[i * tile->c_row + j]);
    free(sums);
}

static void K(few_rows)(const thor_tile *tile)
{
    thor_tile t = *tile;
    float *expected = floats(NULL, 0), *sums = realloc(expected, (size_t)(t.rows * t.columns) * sizeof *sums);
    if (!sums)
        abort();
    t.c = sums;
    t.c_row = t.columns;
    for (int64_t i = 0; i < t.rows; i++)
        memcpy(sums + i * t.columns, tile->c + i * tile->c_row, (size_t)t.columns * sizeof *sums);
    SLOW.few_rows(&t);
    FAST.few_rows(tile);
    for (int64_t i = 0; i < t.rows; i++)
        for (int64_t j = 0; j < t.columns; j++)
            same_float("few_rows", TEXT(CHECKED), i * t.columns + j, sums[i * t.columns + j],
                       tile->c[i * tile->c_row + j]);
    free(sums);
}

/* Panels may lie apart: what is between them belongs to others. */
static void K(pack)(float *panels, int64_t width, int64_t panel_size, const float *source, int64_t step, int64_t column,
                    int64_t k, int64_t columns)
{
    int64_t count = (columns + width - 1) / width;
    float *expected = floats(NULL, 0), *room = realloc(expected, (size_t)(count * k * width + 1) * sizeof *room);
    if (!room)
        abort();
    SLOW.pack(room, width, k * width, source, step, column, k, columns);
    FAST.pack(panels, width, panel_size, source, step, column, k, columns);
    for (int64_t q = 0; q < count; q++)
        for (int64_t i = 0; i < k * width; i++)
            same_float("pack", TEXT(CHECKED), q * k * width + i, room[q * k * width + i], panels[q * panel_size + i]);
    free(room);
}

const thor_kernels PASTE(thor_checked_, CHECKED, ) = {
    .name = "checked",
    .exact = K(exact),
    .add = K(add),
    .subtract = K(subtract),
    .multiply = K(multiply),
    .scale = K(scale),
    .divide = K(divide),
    .add_scaled = K(add_scaled),
    .add_product = K(add_product),
    .maximum = K(maximum),
    .relu = K(relu),
    .relu_backward = K(relu_backward),
    .exp = K(exp),
    .log = K(log),
    .sigmoid = K(sigmoid),
    .tanh = K(tanh),
    .erf = K(erf),
    .sigmoid_backward = K(sigmoid_backward),
    .interpolate = K(interpolate),
    .interpolate_backward = K(interpolate_backward),
    .dropout_mask = K(dropout_mask),
    .dropout_apply = K(dropout_apply),
    .dropout_add = K(dropout_add),
    .sum = K(sum),
    .sum_squares = K(sum_squares),
    .sum_products = K(sum_products),
    .largest = K(largest),
    .argmax = K(argmax),
    .sum_rows = K(sum_rows),
    .sum_row_products = K(sum_row_products),
    .relu_backward_sum = K(relu_backward_sum),
    .layer_norm = K(layer_norm),
    .layer_norm_backward = K(layer_norm_backward),
    .layer_norm_backward_add = K(layer_norm_backward_add),
    .softmax = K(softmax),
    .softmax_backward = K(softmax_backward),
    .cross_entropy = K(cross_entropy),
    .adam = K(adam),
    .tile_rows = PASTE(TILE_ROWS_, CHECKED, ),
    .tile_columns = PASTE(TILE_COLUMNS_, CHECKED, ),
    .tile = K(tile),
    .few_rows = K(few_rows),
    .pack = K(pack),
};

#undef PASTE_
#undef PASTE
#undef TEXT_
#undef TEXT
#undef FAST
#undef SLOW
#undef K
#undef SAME
#undef CHECK_TWO
#undef CHECK_THREE
#undef CHECK_FACTOR
#undef CHECK_SUM
