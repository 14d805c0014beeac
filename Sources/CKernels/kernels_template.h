// The kernels, written once over vectors of VL floats; each instruction set includes this file
// after defining
//   VL           floats a vector
//   ROW_TILE     rows of the register tile, at most 14
//   KERNEL       attributes of every function: the target and its vector width
//   KERNELS      the table's name, ISA_NAME its spelling
//   BF16_DOT     optional: (accumulator, a, b) → accumulator + pairwise products of bf16
// The register tile is ROW_TILE × (2 · VL): two vectors of B stay in registers while every row's
// element of A is broadcast once and used twice.

#include <math.h>
#include <string.h>

#include "CKernels.h"

#pragma STDC FP_CONTRACT ON

#define WIDTH (2 * VL)
#define INLINE KERNEL static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define REGISTER "+v"
#else
#define REGISTER "+w"
#endif
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vfloat __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef int32_t vint __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef uint32_t vuint __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef uint16_t vhalf __attribute__((vector_size(2 * VL), aligned(2), may_alias));
typedef double vdouble __attribute__((vector_size(8 * VL), aligned(8), may_alias));
typedef uint32_t quad __attribute__((vector_size(16), aligned(4), may_alias));

// x − 0 is x for every x, −0 included, so this compiles to a broadcast.
INLINE vfloat splat(float x) { return x - (vfloat){0}; }
INLINE vfloat load(const float *p) { return *(const vfloat *)p; }
INLINE void store(float *p, vfloat v) { *(vfloat *)p = v; }
INLINE vfloat pick(vint mask, vfloat yes, vfloat no) {
  return (vfloat)((mask & (vint)yes) | (~mask & (vint)no));
}
INLINE vfloat larger(vfloat a, vfloat b) { return pick(a > b, a, b); }
INLINE vfloat smaller(vfloat a, vfloat b) { return pick(a < b, a, b); }

// Adds the lanes in halves: the order depends on VL alone.
INLINE float sum_lanes(vfloat v) {
  float lane[VL];
  memcpy(lane, &v, sizeof lane);
  UNROLL for (int width = VL / 2; width > 0; width /= 2) {
    UNROLL for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  }
  return lane[0];
}

INLINE float max_lanes(vfloat v) {
  float lane[VL];
  memcpy(lane, &v, sizeof lane);
  UNROLL for (int width = VL / 2; width > 0; width /= 2) {
    UNROLL for (int i = 0; i < width; i++) {
      lane[i] = lane[i] > lane[i + width] ? lane[i] : lane[i + width];
    }
  }
  return lane[0];
}

// Nearest bfloat16, ties to even, as the upper half of the bits; NaN stays NaN.
INLINE vuint round_bf16(vfloat v) {
  vuint bits = (vuint)v;
  vuint rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  vuint nan = (vuint)(v != v);
  return ((nan & (bits | 0x400000u)) | (~nan & rounded)) & 0xffff0000u;
}

INLINE void store_number(void *p, size_t index, vfloat v, alr_number number) {
  if (number == ALR_NUMBER_F32) {
    store((float *)p + index, v);
  } else if (number == ALR_NUMBER_BF16_IN_F32) {
    *(vuint *)((float *)p + index) = round_bf16(v);
  } else {
    *(vhalf *)((uint16_t *)p + index) = __builtin_convertvector(round_bf16(v) >> 16, vhalf);
  }
}

// e^x to about one unit in the last place; 0 below −87.3, where e^x leaves the normal range.
// x = k·ln 2 + r with |r| ≤ ln 2 / 2, and e^r by a polynomial of degree 7.
INLINE vfloat exponential(vfloat x) {
  const float shift = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
  vint vanishes = x < -87.3f;
  // Bounds come first: a comparison with NaN is false and keeps it.
  x = smaller(splat(88.7f), larger(splat(-87.3f), x));
  vfloat shifted = x * 1.44269504f + shift;
  vfloat k = shifted - shift;
  vfloat r = x - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  vfloat p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // 2^k in two factors, since k reaches 128 where the result is still finite.
  vint exponent = (vint)shifted - 0x4b400000;
  vint half = exponent >> 1;
  vfloat low = (vfloat)((half + 127) << 23), high = (vfloat)((exponent - half + 127) << 23);
  return pick(vanishes, (vfloat){0}, p * low * high);
}

INLINE vfloat magnitude(vfloat x) { return (vfloat)((vuint)x & 0x7fffffffu); }
INLINE vfloat with_sign(vfloat x, vfloat sign) {
  return (vfloat)((vuint)x | ((vuint)sign & 0x80000000u));
}

// An odd polynomial near zero, where 1 − 2 / (e^2|x| + 1) would cancel.
INLINE vfloat tangent(vfloat x) {
  vfloat size = magnitude(x), square = x * x;
  vfloat p = splat(-6.104960163e-3f);
  p = p * square + 2.100365190e-2f;
  p = p * square - 5.385250060e-2f;
  p = p * square + 1.333278230e-1f;
  p = p * square - 3.333332910e-1f;
  vfloat near = x + x * square * p;
  vfloat far = with_sign(1.0f - 2.0f / (exponential(2.0f * size) + 1.0f), x);
  return pick(size < 0.625f, near, far);
}

// Φ(−|x|) = ½ erfc(t), t = |x| / √2, where erfc(t) = τ · e^(P(τ) − t²), τ = 1 / (1 + t / 2), and P
// is the polynomial nearest to it over t from 0 to 11.
INLINE vfloat lower_tail(vfloat x) {
  vfloat t = magnitude(x) * 0.707106781f;
  vfloat tau = 1.0f / (1.0f + 0.5f * t);
  vfloat p = splat(1.521712825e-1f);
  p = p * tau - 7.201575481e-1f;
  p = p * tau + 1.248985031f;
  p = p * tau - 8.185365907e-1f;
  p = p * tau + 2.035049049e-2f;
  p = p * tau - 5.186151746e-2f;
  p = p * tau + 5.253270019e-2f;
  p = p * tau + 3.829245536e-1f;
  p = p * tau + 9.990604092e-1f;
  p = p * tau - 1.265468758f;
  return 0.5f * tau * exponential(p - t * t);
}

INLINE vfloat activate(vfloat x, alr_activation kind) {
  switch (kind) {
    case ALR_ACTIVATION_GELU: {
      vfloat tail = lower_tail(x);
      return x * pick(x < 0.0f, tail, 1.0f - tail);
    }
    case ALR_ACTIVATION_GELU_TANH:
      // ½(1 + tanh u) = σ(2u)
      return x / (1.0f + exponential(-1.595769122f * (x + 0.044715f * x * x * x)));
    case ALR_ACTIVATION_GELU_QUICK:
      return x / (1.0f + exponential(-1.702f * x));
    default:
      return x / (1.0f + exponential(-x));
  }
}

// MARK: Register tiles

INLINE void tile_f32(int rows, size_t depth, const float *a, size_t stride, const float *panel,
                     vfloat sum[ROW_TILE][2]) {
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (vfloat){0};
  for (size_t k = 0; k < depth; k++) {
    vfloat b0 = load(panel + k * WIDTH), b1 = load(panel + k * WIDTH + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      vfloat x = splat(a[k + (size_t)i * stride]);
      sum[i][0] += x * b0;
      sum[i][1] += x * b1;
    }
  }
}

#ifdef BF16_DOT
// The same over pairs: depth and strides count bf16 values, two to a 32-bit lane.
INLINE void tile_bf16(int rows, size_t depth, const uint16_t *a, size_t stride,
                      const uint16_t *panel, vfloat sum[ROW_TILE][2]) {
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (vfloat){0};
  for (size_t k = 0; k < depth; k += 2) {
    vfloat b0 = load((const float *)(panel + k * WIDTH));
    vfloat b1 = load((const float *)(panel + k * WIDTH) + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      float pair;
      memcpy(&pair, a + k + (size_t)i * stride, sizeof pair);
      vfloat x = splat(pair);
      sum[i][0] = BF16_DOT(sum[i][0], x, b0);
      sum[i][1] = BF16_DOT(sum[i][1], x, b1);
    }
  }
}
#endif

INLINE void tile(int rows, size_t depth, const void *a, size_t a_offset, size_t stride,
                 const void *panel, size_t panel_offset, alr_number number,
                 vfloat sum[ROW_TILE][2]) {
#ifdef BF16_DOT
  if (number == ALR_NUMBER_BF16) {
    tile_bf16(rows, depth, (const uint16_t *)a + a_offset, stride,
              (const uint16_t *)panel + panel_offset, sum);
    return;
  }
#endif
  (void)number;
  tile_f32(rows, depth, (const float *)a + a_offset, stride, (const float *)panel + panel_offset,
           sum);
}

// Calls BODY with a constant number of rows, so that every tile's loops unroll.
#define CASE(n, BODY) \
  case n:             \
    BODY(n);          \
    break;
#if ROW_TILE > 8
#define CASES_HIGH(BODY) CASE(9, BODY) CASE(10, BODY) CASE(11, BODY) CASE(12, BODY) CASE(13, BODY) CASE(14, BODY)
#else
#define CASES_HIGH(BODY)
#endif
#if ROW_TILE > 6
#define CASES_MIDDLE(BODY) CASE(7, BODY) CASE(8, BODY)
#else
#define CASES_MIDDLE(BODY)
#endif
#define FOR_ROWS(rows, BODY)                                                                     \
  switch (rows) {                                                                                \
    CASE(1, BODY) CASE(2, BODY) CASE(3, BODY) CASE(4, BODY) CASE(5, BODY) CASE(6, BODY)          \
    CASES_MIDDLE(BODY) CASES_HIGH(BODY)                                                          \
  }

// MARK: Matrix products

typedef enum { STORE, ADD, GATE_SILU, GATE, ACTIVATE } epilogue;

// Out of line, so that only the commonest activation is unrolled into every tile.
KERNEL static __attribute__((noinline)) void activate_tile(vfloat (*tile)[2], int rows, int vectors,
                                                           alr_activation kind) {
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < vectors; j++) tile[i][j] = activate(tile[i][j], kind);
  }
}

INLINE void product_tile(int rows, const alr_product *job, size_t row, size_t panel,
                         epilogue finish, alr_activation activation, alr_number number) {
  vfloat sum[ROW_TILE][2];
  tile(rows, job->depth, job->a, row * job->a_stride, job->a_stride, job->panels,
       panel * job->panel_stride, number, sum);
  if (job->bias) {
    vfloat b0 = load(job->bias + panel * WIDTH), b1 = load(job->bias + panel * WIDTH + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      sum[i][0] += b0;
      sum[i][1] += b1;
    }
  }
  if (finish == GATE || finish == ACTIVATE) {
    // A copy, since the sums themselves stay in registers only while nobody has their address.
    vfloat copy[ROW_TILE][2];
    UNROLL for (int i = 0; i < rows; i++) {
      copy[i][0] = sum[i][0];
      copy[i][1] = sum[i][1];
    }
    activate_tile(copy, rows, finish == GATE ? 1 : 2, activation);
    UNROLL for (int i = 0; i < rows; i++) {
      size_t start = (row + (size_t)i) * job->c_stride;
      if (finish == GATE) {
        store_number(job->c, start + panel * VL, copy[i][0] * sum[i][1], number);
      } else {
        store_number(job->c, start + panel * WIDTH, copy[i][0], number);
        store_number(job->c, start + panel * WIDTH + VL, copy[i][1], number);
      }
    }
    return;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    size_t start = (row + (size_t)i) * job->c_stride;
    if (finish == GATE_SILU) {
      store_number(job->c, start + panel * VL, activate(sum[i][0], ALR_ACTIVATION_SILU) * sum[i][1],
                   number);
    } else {
      float *c = (float *)job->c + start + panel * WIDTH;
      store(c, finish == ADD ? load(c) + sum[i][0] : sum[i][0]);
      store(c + VL, finish == ADD ? load(c + VL) + sum[i][1] : sum[i][1]);
    }
  }
}

// One panel stays near while the rows of the block pass over it.
INLINE void product_block(const alr_product *job, epilogue finish, alr_activation activation,
                          alr_number number) {
  for (size_t panel = 0; panel < job->panel_count; panel++) {
    size_t row = 0;
    for (; row + ROW_TILE <= job->rows; row += ROW_TILE) {
      product_tile(ROW_TILE, job, row, panel, finish, activation, number);
    }
#define BODY(n) product_tile(n, job, row, panel, finish, activation, number)
    FOR_ROWS(job->rows - row, BODY)
#undef BODY
  }
}

// A constant `number` inside each branch lets the stores and tiles specialise.
INLINE void product_any(const alr_product *job, epilogue finish, alr_activation activation) {
#ifdef BF16_DOT
  if (job->number == ALR_NUMBER_BF16) {
    product_block(job, finish, activation, ALR_NUMBER_BF16);
    return;
  }
#endif
  if (finish != STORE && finish != ADD && job->number == ALR_NUMBER_BF16_IN_F32) {
    product_block(job, finish, activation, ALR_NUMBER_BF16_IN_F32);
  } else {
    product_block(job, finish, activation, ALR_NUMBER_F32);
  }
}

KERNEL static void product(const alr_product *job) {
  product_any(job, STORE, ALR_ACTIVATION_SILU);
}
KERNEL static void product_add(const alr_product *job) {
  product_any(job, ADD, ALR_ACTIVATION_SILU);
}
KERNEL static void product_gated(const alr_product *job, alr_activation activation) {
  if (activation == ALR_ACTIVATION_SILU) {
    product_any(job, GATE_SILU, activation);
  } else {
    product_any(job, GATE, activation);
  }
}
KERNEL static void product_activated(const alr_product *job, alr_activation activation) {
  product_any(job, ACTIVATE, activation);
}

// MARK: Peak

INLINE void peak_rounds(size_t rounds, alr_number number, float *sink) {
  vfloat sum[ROW_TILE][2];
  vfloat a = splat(sink[0]), b = splat(sink[1]);
  UNROLL for (int i = 0; i < ROW_TILE; i++) sum[i][0] = sum[i][1] = splat((float)i);
  for (size_t round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < ROW_TILE; i++) {
      UNROLL for (int j = 0; j < 2; j++) {
#ifdef BF16_DOT
        if (number == ALR_NUMBER_BF16) {
          sum[i][j] = BF16_DOT(sum[i][j], a, b);
          continue;
        }
#endif
        (void)number;
        sum[i][j] += a * b;
      }
    }
    // Unknown to the compiler, so that no round can be taken out of the loop.
    __asm__ volatile("" : REGISTER(a));
  }
  vfloat total = {0};
  UNROLL for (int i = 0; i < ROW_TILE; i++) total += sum[i][0] + sum[i][1];
  sink[2] = sum_lanes(total);
}

KERNEL static double peak(size_t rounds, alr_number number, float *sink) {
  double per_round = 2.0 * ROW_TILE * 2 * VL;
#ifdef BF16_DOT
  if (number == ALR_NUMBER_BF16) {
    peak_rounds(rounds, ALR_NUMBER_BF16, sink);
    return (double)rounds * per_round * 2;
  }
#endif
  (void)number;
  peak_rounds(rounds, ALR_NUMBER_F32, sink);
  return (double)rounds * per_round;
}

// MARK: Packing

INLINE void transpose_quad(const uint32_t *source, size_t stride, uint32_t *panel) {
  quad a = *(const quad *)source, b = *(const quad *)(source + stride);
  quad c = *(const quad *)(source + 2 * stride), d = *(const quad *)(source + 3 * stride);
  quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(quad *)panel = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *(quad *)(panel + WIDTH) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *(quad *)(panel + 2 * WIDTH) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *(quad *)(panel + 3 * WIDTH) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

KERNEL static void pack_panel(const uint32_t *source, size_t stride, size_t rows, size_t depth,
                              uint32_t *panel) {
  size_t whole_rows = rows & ~(size_t)3, whole_depth = depth & ~(size_t)3;
  for (size_t k = 0; k < whole_depth; k += 4) {
    for (size_t row = 0; row < whole_rows; row += 4) {
      transpose_quad(source + row * stride + k, stride, panel + k * WIDTH + row);
    }
  }
  for (size_t k = 0; k < depth; k++) {
    size_t row = k < whole_depth ? whole_rows : 0;
    for (; row < rows; row++) panel[k * WIDTH + row] = source[row * stride + k];
    for (; row < WIDTH; row++) panel[k * WIDTH + row] = 0;
  }
}

KERNEL static void convert(const float *source, void *destination, size_t count,
                           alr_number number) {
  size_t i = 0;
  for (; i + VL <= count; i += VL) store_number(destination, i, load(source + i), number);
  if (i < count) {
    float tail[VL] = {0};
    memcpy(tail, source + i, (count - i) * sizeof(float));
    float converted[VL];
    store_number(converted, 0, load(tail), number);
    size_t size = number == ALR_NUMBER_BF16 ? 2 : 4;
    memcpy((char *)destination + i * size, converted, (count - i) * size);
  }
}

KERNEL static void multiply(const float *source, float factor, float *destination, size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] = source[i] * factor;
}

KERNEL static void add_scaled(const float *source, float factor, float *destination,
                              size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] += source[i] * factor;
}

KERNEL static void soft_cap(float *values, float scale, float cap, size_t count) {
  float inner = scale / cap;
  size_t i = 0;
  for (; i + VL <= count; i += VL) store(values + i, cap * tangent(load(values + i) * inner));
  if (i < count) {
    float tail[VL] = {0};
    memcpy(tail, values + i, (count - i) * sizeof(float));
    store(tail, cap * tangent(load(tail) * inner));
    memcpy(values + i, tail, (count - i) * sizeof(float));
  }
}

KERNEL static int all_finite(const float *values, size_t count) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, values + i, sizeof bits);
    bits &= 0x7fffffffu;
    largest = bits > largest ? bits : largest;
  }
  return largest < 0x7f800000u;
}

KERNEL static int all_finite_bf16(const uint16_t *values, size_t count) {
  uint16_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint16_t bits = values[i] & 0x7fff;
    largest = bits > largest ? bits : largest;
  }
  return largest < 0x7f80;
}

// MARK: Norms

KERNEL static void rms_norm(const float *x, const float *weight, float epsilon, size_t count,
                            void *y, alr_number number) {
  vfloat squares[4] = {{0}};
  size_t i = 0;
  for (; i + 4 * VL <= count; i += 4 * VL) {
    UNROLL for (int j = 0; j < 4; j++) {
      vfloat v = load(x + i + (size_t)j * VL);
      squares[j] += v * v;
    }
  }
  for (; i + VL <= count; i += VL) squares[0] += load(x + i) * load(x + i);
  float sum = sum_lanes((squares[0] + squares[1]) + (squares[2] + squares[3]));
  for (; i < count; i++) sum += x[i] * x[i];
  float inverse = 1.0f / sqrtf(sum / (float)count + epsilon);

  size_t padded = (count + WIDTH - 1) / WIDTH * WIDTH;
  for (i = 0; i + VL <= count; i += VL) {
    store_number(y, i, load(weight + i) * (load(x + i) * inverse), number);
  }
  for (; i < padded; i += VL) {
    float tail[VL] = {0};
    for (size_t j = 0; i + j < count && j < VL; j++) tail[j] = weight[i + j] * (x[i + j] * inverse);
    store_number(y, i, load(tail), number);
  }
}

INLINE vfloat layer_normed(vfloat x, float mean, float inverse, vfloat weight, vfloat bias) {
  return (x - mean) * inverse * weight + bias;
}

KERNEL static void layer_norm(const float *x, const float *weight, const float *bias,
                              float epsilon, size_t count, void *y, alr_number number) {
  vfloat sums[2] = {{0}};
  size_t i = 0;
  for (; i + 2 * VL <= count; i += 2 * VL) {
    sums[0] += load(x + i);
    sums[1] += load(x + i + VL);
  }
  size_t whole = i;
  float sum = sum_lanes(sums[0] + sums[1]);
  for (; i < count; i++) sum += x[i];
  float mean = sum / (float)count;
  vfloat squares[2] = {{0}};
  for (i = 0; i < whole; i += 2 * VL) {
    vfloat first = load(x + i) - mean, second = load(x + i + VL) - mean;
    squares[0] += first * first;
    squares[1] += second * second;
  }
  sum = sum_lanes(squares[0] + squares[1]);
  for (; i < count; i++) sum += (x[i] - mean) * (x[i] - mean);
  float inverse = 1.0f / sqrtf(sum / (float)count + epsilon);

  size_t padded = (count + WIDTH - 1) / WIDTH * WIDTH;
  for (i = 0; i + VL <= count; i += VL) {
    vfloat shift = bias ? load(bias + i) : (vfloat){0};
    store_number(y, i, layer_normed(load(x + i), mean, inverse, load(weight + i), shift), number);
  }
  for (; i < padded; i += VL) {
    float value[VL] = {0}, factor[VL] = {0}, shift[VL] = {0};
    // A factor of zero makes the padding zero whatever the mean is.
    for (size_t j = 0; i + j < count && j < VL; j++) {
      value[j] = x[i + j];
      factor[j] = weight[i + j];
      if (bias) shift[j] = bias[i + j];
    }
    store_number(y, i, layer_normed(load(value), mean, inverse, load(factor), load(shift)), number);
  }
}

KERNEL static void norms(const float *vectors, size_t stride, size_t rows, size_t count,
                         double *norm) {
  for (size_t row = 0; row < rows; row++) {
    const float *vector = vectors + row * stride;
    vdouble squares = {0};
    size_t i = 0;
    for (; i + VL <= count; i += VL) {
      vdouble v = __builtin_convertvector(load(vector + i), vdouble);
      squares += v * v;
    }
    double sum = 0;
    UNROLL for (int lane = 0; lane < VL; lane++) sum += squares[lane];
    for (; i < count; i++) sum += (double)vector[i] * (double)vector[i];
    norm[row] = sqrt(sum);
  }
}

// MARK: Attention

// Rotates pairs (i, i + rotary_dim / 2) of one vector by its position's angles.
INLINE void rotate(const float *x, size_t head_dim, size_t rotary_dim, const float *cosine,
                   const float *sine, float *y) {
  size_t half = rotary_dim / 2, i = 0;
  for (; i + VL <= half; i += VL) {
    vfloat first = load(x + i), second = load(x + half + i);
    vfloat c = load(cosine + i), s = load(sine + i);
    store(y + i, first * c - second * s);
    store(y + half + i, second * c + first * s);
  }
  for (; i < half; i++) {
    float first = x[i], second = x[half + i];
    y[i] = first * cosine[i] - second * sine[i];
    y[half + i] = second * cosine[i] + first * sine[i];
  }
  for (i = rotary_dim; i < head_dim; i++) y[i] = x[i];
}

KERNEL static void pack_keys(const float *keys, size_t key_stride, size_t rows, size_t head_dim,
                             size_t rotary_dim, const float *cosines, const float *sines,
                             void *panel, float *scratch, alr_number number) {
  size_t half = rotary_dim / 2;
  for (size_t row = 0; row < rows; row++) {
    float *rotated = scratch + row * head_dim;
    rotate(keys + row * key_stride, head_dim, rotary_dim, cosines + row * half, sines + row * half,
           rotated);
    if (number != ALR_NUMBER_F32) convert(rotated, rotated, head_dim, number);
  }
  size_t depth = number == ALR_NUMBER_BF16 ? head_dim / 2 : head_dim;
  pack_panel((const uint32_t *)scratch, head_dim, rows, depth, panel);
}

KERNEL static void pack_values(const float *values, size_t value_stride, size_t first, size_t rows,
                               size_t head_dim, size_t key_capacity, void *panels,
                               alr_number number) {
  for (size_t column = 0; column < head_dim; column += WIDTH) {
    size_t start = column / WIDTH * key_capacity * WIDTH + first * WIDTH;
    size_t columns = head_dim - column < WIDTH ? head_dim - column : WIDTH;
    for (size_t row = 0; row < rows; row++) {
      const float *source = values + row * value_stride + column;
      float *target = (float *)panels + start + row * WIDTH;
      if (number != ALR_NUMBER_BF16) {
        for (size_t j = 0; j < columns; j++) target[j] = source[j];
        for (size_t j = columns; j < WIDTH; j++) target[j] = 0;
        if (number == ALR_NUMBER_BF16_IN_F32) convert(target, target, WIDTH, number);
        continue;
      }
      if (row % 2 == 1) continue;
      float even[WIDTH] = {0}, odd[WIDTH] = {0};
      memcpy(even, source, columns * sizeof(float));
      if (row + 1 < rows) memcpy(odd, source + value_stride, columns * sizeof(float));
      uint32_t *pairs = (uint32_t *)((uint16_t *)panels + start + row * WIDTH);
      for (size_t j = 0; j < WIDTH; j += VL) {
        *(vuint *)(pairs + j) = (round_bf16(load(even + j)) >> 16) | round_bf16(load(odd + j));
      }
    }
  }
}

INLINE void scores_tile(int rows, const alr_attention *job, size_t panel, alr_number number) {
  vfloat sum[ROW_TILE][2];
  tile(rows, job->head_dim, job->rotated, 0, job->head_dim, job->key_panels,
       panel * job->head_dim * WIDTH, number, sum);
  UNROLL for (int i = 0; i < rows; i++) {
    float *row = job->strip + (size_t)i * job->strip_stride + panel * WIDTH;
    store(row, sum[i][0]);
    store(row + VL, sum[i][1]);
  }
}

INLINE void output_tile(int rows, const alr_attention *job, size_t panel, size_t start,
                        size_t depth, alr_number number) {
  vfloat sum[ROW_TILE][2];
  const void *weights = number == ALR_NUMBER_F32 ? (const void *)job->strip : job->weights;
  tile(rows, depth, weights, start, job->strip_stride, job->value_panels,
       (panel * job->key_capacity + start) * WIDTH, number, sum);
  UNROLL for (int i = 0; i < rows; i++) {
    float inverse = 1.0f / job->sums[i];
    size_t index = (size_t)i * job->output_stride + panel * WIDTH;
    size_t columns = job->head_dim - panel * WIDTH;
    if (columns >= WIDTH) {
      store_number(job->output, index, sum[i][0] * inverse, number);
      store_number(job->output, index + VL, sum[i][1] * inverse, number);
    } else {
      float whole[WIDTH];
      store(whole, sum[i][0] * inverse);
      store(whole + VL, sum[i][1] * inverse);
      size_t size = number == ALR_NUMBER_BF16 ? 2 : 4;
      convert(whole, (char *)job->output + index * size, columns, number);
    }
  }
}

// Turns one row of scores into exp(scale · (score − max)) over [first, end) and zeros beside it;
// returns the sum.
INLINE float soften(float *row, size_t from, size_t first, size_t end, size_t to, float scale) {
  for (size_t i = from; i < first; i++) row[i] = -INFINITY;
  for (size_t i = end; i < to; i++) row[i] = -INFINITY;
  vfloat top = splat(-INFINITY);
  for (size_t i = from; i < to; i += VL) top = larger(load(row + i), top);
  vfloat highest = splat(max_lanes(top));
  vfloat total[2] = {{0}};
  for (size_t i = from; i < to; i += 2 * VL) {
    UNROLL for (int j = 0; j < 2; j++) {
      vfloat weight = exponential((load(row + i + (size_t)j * VL) - highest) * scale);
      store(row + i + (size_t)j * VL, weight);
      total[j] += weight;
    }
  }
  return sum_lanes(total[0] + total[1]);
}

INLINE void attention_any(const alr_attention *job, alr_number number) {
  size_t half = job->rotary_dim / 2;
  for (size_t i = 0; i < job->rows; i++) {
    size_t size = number == ALR_NUMBER_BF16 ? 2 : 4;
    void *target = (char *)job->rotated + i * job->head_dim * size;
    float *plain = number == ALR_NUMBER_BF16 ? job->strip : (float *)target;
    rotate(job->queries + i * job->query_stride, job->head_dim, job->rotary_dim,
           job->cosines + job->positions[i] * half, job->sines + job->positions[i] * half, plain);
    if (number != ALR_NUMBER_F32) convert(plain, target, job->head_dim, number);
  }

  size_t window = job->window, lowest = job->positions[0];
  size_t begin = window && lowest + 1 > window ? lowest + 1 - window : 0;
  size_t limit = (size_t)job->positions[job->rows - 1] + 1;
  size_t first_panel = begin / WIDTH, end_panel = (limit + WIDTH - 1) / WIDTH;
  for (size_t panel = first_panel; panel < end_panel; panel++) {
#define BODY(n) scores_tile(n, job, panel, number)
    FOR_ROWS(job->rows, BODY)
#undef BODY
  }

  size_t from = first_panel * WIDTH, to = end_panel * WIDTH;
  for (size_t i = 0; i < job->rows; i++) {
    size_t end = (size_t)job->positions[i] + 1;
    size_t first = window && end > window ? end - window : 0;
    float *row = job->strip + i * job->strip_stride;
    float scale = job->scale;
    if (job->soft_cap > 0) {
      soft_cap(row + from, scale, job->soft_cap, to - from);
      scale = 1;
    }
    job->sums[i] = soften(row, from, first, end, to, scale);
    if (number != ALR_NUMBER_F32 && job->value_panels) {
      // Recorders read the strip, so only the copy that multiplies the values is rounded.
      size_t size = number == ALR_NUMBER_BF16 ? 2 : 4;
      convert(row + from, (char *)job->weights + (i * job->strip_stride + from) * size, to - from,
              number);
    }
  }
  if (!job->value_panels) return;

  size_t depth = limit - from;
  if (number == ALR_NUMBER_BF16) depth += depth % 2;
  size_t value_panels = (job->head_dim + WIDTH - 1) / WIDTH;
  for (size_t panel = 0; panel < value_panels; panel++) {
#define BODY(n) output_tile(n, job, panel, from, depth, number)
    FOR_ROWS(job->rows, BODY)
#undef BODY
  }
}

KERNEL static void attention(const alr_attention *job) {
#ifdef BF16_DOT
  if (job->number == ALR_NUMBER_BF16) {
    attention_any(job, ALR_NUMBER_BF16);
    return;
  }
#endif
  if (job->number == ALR_NUMBER_BF16_IN_F32) {
    attention_any(job, ALR_NUMBER_BF16_IN_F32);
  } else {
    attention_any(job, ALR_NUMBER_F32);
  }
}

const alr_kernels KERNELS = {
    .name = ISA_NAME,
    .row_tile = ROW_TILE,
    .panel_width = WIDTH,
#ifdef BF16_DOT
    .has_bf16 = 1,
#endif
    .pack_panel = pack_panel,
    .product = product,
    .product_add = product_add,
    .product_gated = product_gated,
    .product_activated = product_activated,
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
};
