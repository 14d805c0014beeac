// The kernels, written once over vectors of VL floats; each instruction set includes this file
// after defining
//   VL           floats a vector
//   ROW_TILE     rows of the register tile, at most 14
//   KERNEL       attributes of every function: the target and its vector width
//   KERNELS      the table's name, ISA_NAME its spelling
//   BF16_DOT     optional: (accumulator, a, b) → accumulator + pairwise products of bf16
//   HALF_CONVERSION  optional: defined where float16 widens in one instruction
//   LANES_OF     optional, of 16 floats a vector: (table, indices) → for each index the lane of the
//                table that its lowest four bits name
//   SORTING      optional: name → its function in sort.c for this instruction set
// The register tile is ROW_TILE × (2 · VL): two vectors of B stay in registers while every row's
// element of A is broadcast once and used twice.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "dequantize_types.h"
#include "sort.h"

#ifndef SORTING
#define SORTING(name) alr_##name##_plain
#endif

#include "template/vectors.h"
#include "template/products.h"
#include "template/packing.h"
#include "template/stored.h"
#include "template/norms.h"
#include "template/attention.h"
#include "template/leverage.h"

const alr_kernels KERNELS = {
    .name = ISA_NAME,
    .row_tile = ROW_TILE,
    .panel_width = WIDTH,
#ifdef BF16_DOT
    .has_bf16 = 1,
#endif
    .pack_panel = pack_panel,
    .pack_bf16 = pack_bf16,
    .product = product,
    .product_add = product_add,
    .product_gated = product_gated,
    .product_activated = product_activated,
    .product_stored = product_stored,
    .activate = activate_rows,
    .rms_norm = rms_norm,
    .layer_norm = layer_norm,
    .pack_keys = pack_keys,
    .pack_values = pack_values,
    .attention = attention,
    .convert = convert,
    .multiply = multiply,
    .add_scaled = add_scaled,
    .soft_cap = soft_cap,
    .all_finite = all_finite,
    .all_finite_bf16 = all_finite_bf16,
    .peak = peak,
    .norms = norms,
    .gram = gram,
    .solved_squares = solved_squares,
    .sort_scores = SORTING(sort_scores),
    .select_range = SORTING(select_range),
};
