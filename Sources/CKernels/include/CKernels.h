#ifndef ALR_CKERNELS_H
#define ALR_CKERNELS_H

/// Kernels of the instrumented forward pass and of its measuring: no I/O, no allocation, no
/// threads.
///
/// Every kernel exists once for each instruction set behind one table, `alr_kernels`. What a row
/// of the output holds depends only on that row's inputs, never on the tile it was computed in,
/// so callers may cut the work as they like and get the same bytes.

#include <stddef.h>
#include <stdint.h>

#include "dequantize.h"
#include "slots.h"

#ifdef __cplusplus
extern "C" {
#endif

/// How an operand of a product is stored.
typedef enum {
  /// float32
  ALR_NUMBER_F32 = 0,
  /// bfloat16, two bytes each; only where `has_bf16` says so
  ALR_NUMBER_BF16 = 1,
  /// float32 rounded to the nearest bfloat16: the same numbers without the instruction
  ALR_NUMBER_BF16_IN_F32 = 2,
} alr_number;

/// Nonlinearity of a feed-forward.
typedef enum {
  /// x · σ(x)
  ALR_ACTIVATION_SILU = 0,
  /// x · Φ(x), Φ by the error function
  ALR_ACTIVATION_GELU = 1,
  /// x · ½(1 + tanh(√(2/π) · (x + 0.044715 x³)))
  ALR_ACTIVATION_GELU_TANH = 2,
  /// x · σ(1.702 x)
  ALR_ACTIVATION_GELU_QUICK = 3,
} alr_activation;

/// One block of a matrix product, C (rows, columns) = A (rows, depth) · Bᵀ.
///
/// B stands in panels of `panel_width` columns, (panel, depth, panel_width), as `pack_panel` makes
/// them; C's rows must have room for whole panels.
typedef struct {
  const void *a;        ///< (rows, depth), in `number`
  size_t a_stride;      ///< elements between rows of A
  size_t rows;          ///< rows of this block
  size_t depth;         ///< even where `number` is bf16
  const void *panels;   ///< first panel of this block, in `number`
  size_t panel_stride;  ///< elements between panels
  size_t panel_count;   ///< panels of this block
  void *c;              ///< first row and first column of this block
  size_t c_stride;      ///< elements between rows of C
  const float *bias;    ///< one value for each column, whole panels of them, or NULL
  alr_number number;    ///< of A and B
} alr_product;

/// Dot products of a few rows of activations with rows of weights as they are stored,
/// C (rows, count) = A (rows, depth) · Wᵀ + bias.
typedef struct {
  const float *a;          ///< (rows, depth)
  size_t a_stride;         ///< floats between rows of A
  size_t rows;             ///< of A
  size_t depth;            ///< whole blocks of `type`
  const void *weights;     ///< first row of weights; need not be aligned
  size_t weight_stride;    ///< bytes between rows of weights
  size_t count;            ///< rows of weights
  alr_stored_type type;    ///< of the weights
  float *c;                ///< (rows, count)
  size_t c_stride;         ///< floats between rows of C
  const float *bias;       ///< (count), or NULL
  int adds;                ///< whether C += instead
} alr_stored_product;

/// What one tile of attention reads and writes: up to `row_tile` queries of one head.
typedef struct {
  const float *queries;          ///< (rows, head_dim) before the rotation
  size_t query_stride;           ///< floats between queries
  size_t rows;                   ///< at most `row_tile`
  const uint32_t *angles;        ///< row of the cosines and sines that each query is rotated by
  const uint32_t *first;         ///< first slot of the keys that each query sees, ascending
  const uint32_t *end;           ///< the slot after the last of them, ascending
  size_t head_dim;               ///< multiple of 2
  size_t rotary_dim;             ///< first dimensions that rotate; 0 for none
  const float *cosines;          ///< (angle, rotary_dim / 2)
  const float *sines;            ///< (angle, rotary_dim / 2)
  float scale;                   ///< multiplies the products before the softmax
  float soft_cap;                ///< scores s become cap · tanh(s / cap); 0 for none
  const void *key_panels;        ///< (key panel, head_dim, panel_width), in `number`
  const void *value_panels;      ///< (value panel, key_capacity, panel_width), NULL: no output
  size_t key_capacity;           ///< keys a value panel has room for
  void *output;                  ///< (rows, head_dim) in `number`
  size_t output_stride;          ///< elements between rows of the output
  float *strip;                  ///< scratch (row_tile, strip_stride); afterwards exp(score − max)
  void *weights;                 ///< scratch like `strip` in `number`; NULL for float32
  size_t strip_stride;           ///< floats between rows of the strip, multiple of `panel_width`
  void *rotated;                 ///< scratch (row_tile, head_dim) in `number`
  float *sums;                   ///< (rows): what the strip's rows must be divided by
  alr_number number;
} alr_attention;

/// The kernels of one instruction set.
typedef struct {
  const char *name;    ///< as `ALR_ISA` spells it
  size_t row_tile;     ///< rows of a register tile
  size_t panel_width;  ///< columns of a register tile
  int has_bf16;        ///< whether products in `ALR_NUMBER_BF16` exist

  /// Transposes `rows` ≤ panel_width rows of 32-bit elements, (rows, depth) → (depth, panel_width),
  /// the missing rows as zeros; pairs of bf16 are such elements.
  void (*pack_panel)(const uint32_t *source, size_t source_stride, size_t rows, size_t depth,
                     uint32_t *panel);

  /// The same of stored bf16 weights, widened unless `number` is bf16: `rows` is a multiple of 4
  /// and `depth` of 2; columns of the panel beyond `rows` are left alone. Returns whether all
  /// weights are finite.
  int (*pack_bf16)(const uint16_t *source, size_t source_stride, size_t rows, size_t depth,
                   void *panel, alr_number number);

  /// C = A · Bᵀ + bias, float32.
  void (*product)(const alr_product *);
  /// C += A · Bᵀ + bias, float32.
  void (*product_add)(const alr_product *);
  /// C = activation(gate) · up in `number`, half as many columns: each panel holds
  /// panel_width / 2 gate columns, then their up columns.
  void (*product_gated)(const alr_product *, alr_activation);
  /// C = activation(A · Bᵀ + bias) in `number`.
  void (*product_activated)(const alr_product *, alr_activation);

  /// Products and sums in float32 over the weights that `alr_dequantize` makes of stored ones,
  /// widened in registers. Returns 0, and does nothing, for the 8-bit floats.
  int (*product_stored)(const alr_stored_product *);

  /// y = activation(x) · up in `number`, or activation(x) where `up` is NULL.
  void (*activate)(const float *x, const float *up, size_t count, alr_activation, void *y,
                   alr_number number);

  /// y = x / rms(x) · weight, in `number`: `count` numbers in a row, zeros up to a whole panel.
  void (*rms_norm)(const float *x, const float *weight, float epsilon, size_t count, void *y,
                   alr_number number);

  /// y = (x − mean) / deviation · weight + bias, otherwise like `rms_norm`; `bias` may be NULL.
  void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon,
                     size_t count, void *y, alr_number number);

  /// Rotates `rows` keys of consecutive positions and packs them as columns of one key panel, from
  /// column `first` on; where that is 0, the columns behind them become zeros. `scratch` holds
  /// (panel_width, head_dim) floats.
  void (*pack_keys)(const float *keys, size_t key_stride, size_t rows, size_t head_dim,
                    size_t rotary_dim, const float *cosines, const float *sines, void *panel,
                    size_t first, float *scratch, alr_number number);

  /// Copies `rows` values into value panels from slot `first` on. In bf16 an odd slot joins the
  /// even one before it, and an even last one is paired with zeros.
  void (*pack_values)(const float *values, size_t value_stride, size_t first, size_t rows,
                      size_t head_dim, size_t key_capacity, void *panels, alr_number number);

  /// Causal attention of one tile of queries.
  void (*attention)(const alr_attention *);

  /// Converts `count` floats to `number`.
  void (*convert)(const float *source, void *destination, size_t count, alr_number number);

  /// destination[i] = source[i] · factor.
  void (*multiply)(const float *source, float factor, float *destination, size_t count);

  /// destination[i] += source[i] · factor.
  void (*add_scaled)(const float *source, float factor, float *destination, size_t count);

  /// values[i] = cap · tanh(values[i] · scale / cap).
  void (*soft_cap)(float *values, float scale, float cap, size_t count);

  /// Whether none of `count` values is NaN or infinite.
  int (*all_finite)(const float *values, size_t count);
  /// The same of bfloat16 values.
  int (*all_finite_bf16)(const uint16_t *values, size_t count);

  /// Multiplies and adds in every register of a tile, `rounds` times, without touching memory:
  /// the most this processor can do. Returns the floating-point operations; `sink` keeps the
  /// compiler from leaving them out.
  double (*peak)(size_t rounds, alr_number number, float *sink);

  /// L2 norms of `rows` vectors, squares summed in float64.
  void (*norms)(const float *vectors, size_t stride, size_t rows, size_t count, double *norms);

  /// products[i · size + j] = Σ rows[i] · rows[j] for j ≤ i, of `size` rows of `count` float64;
  /// `count` is a multiple of 16.
  void (*gram)(const double *rows, size_t count, size_t size, double *products);

  /// Solves L y = x for each of the `count` columns x of `rows`, (size, count), L being the lower
  /// triangle of `factor`, (size, size), and writes the squared lengths of the solutions; `count` is
  /// a multiple of 16, `scratch` has room for 16 · `size`.
  void (*solved_squares)(const double *factor, const double *rows, size_t count, size_t size,
                         double *scratch, double *sums);

  /// Sorts the magnitudes of `count` scores ascending into `sorted`, which has room for them;
  /// `scratch` has room for 16 more. Returns 0, and `sorted` holds nothing of use, where a score is
  /// NaN or infinite. Sorted values are the same bits for every instruction set.
  int (*sort_scores)(const float *scores, size_t count, float *sorted, float *scratch);

  /// Writes those of `count` distinct positions that lie in lower..<lower + size, less `lower`, in
  /// their order into `selected`, which has room for `size`; returns how many there are.
  size_t (*select_range)(const int32_t *order, size_t count, int32_t lower, uint32_t size,
                         int32_t *selected);
} alr_kernels;

/// The kernels called `name` (`scalar`, `vector`, `avx2`, `avx512`, `avx512bf16`); NULL where this
/// processor or build lacks them.
const alr_kernels *alr_kernels_named(const char *name);

/// Tells the processor that this thread looks at memory again and again until another changes it.
static inline void alr_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}

/// The fastest kernels of this processor.
const alr_kernels *alr_kernels_best(void) __attribute__((returns_nonnull));

#ifdef __cplusplus
}
#endif

#endif
