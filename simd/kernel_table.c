/* The kernel table of one instruction set; compiled once for each. */
#include "base/fpenv.h"
#include "simd/isa.h"

static bool exact(void)
{
    return !thor_fp_contracts() && !thor_fp_reorders();
}

const thor_kernels THOR_PASTE(thor_kernels, THOR_ISA_SUFFIX) = {
    .name = THOR_TEXT(THOR_ISA_SUFFIX),
    .exact = exact,
    .add = THOR_K(add),
    .subtract = THOR_K(subtract),
    .multiply = THOR_K(multiply),
    .scale = THOR_K(scale),
    .divide = THOR_K(divide),
    .add_scaled = THOR_K(add_scaled),
    .add_product = THOR_K(add_product),
    .maximum = THOR_K(maximum),
    .relu = THOR_K(relu),
    .relu_backward = THOR_K(relu_backward),
    .exp = THOR_K(exp),
    .log = THOR_K(log),
    .sigmoid = THOR_K(sigmoid),
    .tanh = THOR_K(tanh),
    .erf = THOR_K(erf),
    .sigmoid_backward = THOR_K(sigmoid_backward),
    .interpolate = THOR_K(interpolate),
    .interpolate_backward = THOR_K(interpolate_backward),
    .dropout_mask = THOR_K(dropout_mask),
    .dropout_apply = THOR_K(dropout_apply),
    .dropout_add = THOR_K(dropout_add),
    .sum = THOR_K(sum),
    .sum_squares = THOR_K(sum_squares),
    .sum_products = THOR_K(sum_products),
    .largest = THOR_K(largest),
    .argmax = THOR_K(argmax),
    .sum_rows = THOR_K(sum_rows),
    .sum_row_products = THOR_K(sum_row_products),
    .relu_backward_sum = THOR_K(relu_backward_sum),
    .layer_norm = THOR_K(layer_norm),
    .layer_norm_backward = THOR_K(layer_norm_backward),
    .layer_norm_backward_add = THOR_K(layer_norm_backward_add),
    .softmax = THOR_K(softmax),
    .softmax_backward = THOR_K(softmax_backward),
    .cross_entropy = THOR_K(cross_entropy),
    .adam = THOR_K(adam),
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_VECTORS * 16,
    .tile = THOR_K(tile),
    .few_rows = THOR_K(few_rows),
    .pack = THOR_K(pack),
};
