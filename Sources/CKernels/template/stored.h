// Part of kernels_template.h: dot products of a few rows with weights as they are stored.
//
// Weights are widened in registers, 32 at a time, to the values that dequantize.h defines, bit for
// bit: the scale times a quantized number is exact, so only the sum with the minimum is rounded.
// They are used for a handful of rows at once. An output is the sum of the same products in the same
// order whatever rows and columns are computed beside it.

// Weights widened together, and the vectors of them; groups whose factors are found together.
enum { GROUP = 32, PARTS = GROUP / VL, HALF_PARTS = PARTS / 2, RUN = 16 };

typedef uint8_t vbyte __attribute__((vector_size(VL), aligned(1), may_alias));
typedef int8_t vsigned __attribute__((vector_size(VL), aligned(1), may_alias));

INLINE vint load_bytes(const uint8_t *p) {
  return __builtin_convertvector(*(const vbyte *)p, vint);
}
INLINE vfloat to_float(vint v) { return __builtin_convertvector(v, vfloat); }

#ifdef HALF_CONVERSION
typedef _Float16 vfloat16 __attribute__((vector_size(2 * VL), aligned(2), may_alias));

INLINE float load_half(const uint8_t *p) {
  _Float16 half;
  memcpy(&half, p, sizeof half);
  return (float)half;
}
INLINE vfloat load_halves(const uint8_t *p) {
  return __builtin_convertvector(*(const vfloat16 *)p, vfloat);
}
#else
INLINE float load_half(const uint8_t *p) { return alr_load_half(p); }
INLINE vfloat load_halves(const uint8_t *p) {
  float wide[VL];
  UNROLL for (int i = 0; i < VL; i++) wide[i] = alr_load_half(p + 2 * i);
  return load(wide);
}
#endif

#ifdef GATHER_WORDS
static const int32_t lane_numbers[RUN] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif

#ifdef LANES_OF
// What four bits can say.
static const float nibbles[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif

// Which of 32 bits stands for each lane of a part.
static const int32_t bit_of_lane[GROUP] = {
    1,       1 << 1,  1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
    1 << 8,  1 << 9,  1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15,
    1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22, 1 << 23,
    1 << 24, 1 << 25, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30, INT32_MIN,
};

// Scales of the groups of a run and what is added to their products: one of each for 32 weights, of
// some types for 16. A run is one block of 256 weights or up to RUN blocks of 32.
typedef struct {
  float scale[RUN];
  float offset[RUN];
} factors;

INLINE size_t block_weights(alr_stored_type type) { return type < ALR_STORED_Q2_K ? GROUP : 256; }

INLINE size_t block_bytes(alr_stored_type type) {
  switch (type) {
    case ALR_STORED_F16:
    case ALR_STORED_BF16: return 2 * GROUP;
    case ALR_STORED_Q8_0: return 34;
    case ALR_STORED_Q4_0: return 18;
    case ALR_STORED_Q4_1: return 20;
    case ALR_STORED_Q5_0: return 22;
    case ALR_STORED_Q5_1: return 24;
    case ALR_STORED_Q2_K: return 84;
    case ALR_STORED_Q3_K: return 110;
    case ALR_STORED_Q4_K: return 144;
    case ALR_STORED_Q5_K: return 176;
    case ALR_STORED_Q6_K: return 210;
    default: return 4 * GROUP;
  }
}

INLINE int is_scaled(alr_stored_type type) { return block_bytes(type) % GROUP != 0; }

// The 6-bit scales and minima of Q4_K and Q5_K; see dequantize_k.c.
INLINE void factors_of_groups(const uint8_t *block, factors *f) {
  float scale = load_half(block), minimum = load_half(block + 2);
  const uint8_t *packed = block + 4;
  UNROLL for (int g = 0; g < 4; g++) {
    f->scale[g] = scale * (float)(packed[g] & 63);
    f->offset[g] = -(minimum * (float)(packed[g + 4] & 63));
    f->scale[g + 4] = scale * (float)((packed[g + 8] & 15) | (packed[g] >> 2 & 0x30));
    f->offset[g + 4] = -(minimum * (float)(packed[g + 8] >> 4 | (packed[g + 4] >> 2 & 0x30)));
  }
}

// The halves that begin `count` blocks of 32, and those that follow them where there are minima.
INLINE void factors_of_blocks(alr_stored_type type, const uint8_t *block, size_t count,
                              factors *f) {
  const int has_minimum = type == ALR_STORED_Q4_1 || type == ALR_STORED_Q5_1;
  const float middle = type == ALR_STORED_Q4_0 ? -8 : type == ALR_STORED_Q5_0 ? -16 : 0;
#ifdef GATHER_WORDS
  for (size_t first = 0; first < count; first += VL) {
    // The last block stands for those beyond it.
    const int32_t last = (int32_t)(count - first - 1);
    vint at = *(const vint *)lane_numbers;
    vint beyond = at > last;
    at = (beyond & last) | (~beyond & at);
    const size_t bytes = block_bytes(type);
    vuint words = (vuint)GATHER_WORDS(block + first * bytes, at * (int32_t)bytes);
    vhalf low = __builtin_convertvector(words & 0xffff, vhalf);
    vfloat scale = __builtin_convertvector((vfloat16)low, vfloat), offset = scale * middle;
    if (has_minimum) {
      vhalf high = __builtin_convertvector(words >> 16, vhalf);
      offset = __builtin_convertvector((vfloat16)high, vfloat);
    }
    store(f->scale + first, scale);
    store(f->offset + first, offset);
  }
#else
  for (size_t i = 0; i < count; i++, block += block_bytes(type)) {
    f->scale[i] = load_half(block);
    f->offset[i] = has_minimum ? load_half(block + 2) : f->scale[i] * middle;
  }
#endif
}

INLINE void find_factors(alr_stored_type type, const uint8_t *block, size_t count, factors *f) {
  switch (type) {
    case ALR_STORED_Q8_0:
    case ALR_STORED_Q4_0:
    case ALR_STORED_Q4_1:
    case ALR_STORED_Q5_0:
    case ALR_STORED_Q5_1: factors_of_blocks(type, block, count, f); break;
    case ALR_STORED_Q2_K: {
      float scale = load_half(block + 80), minimum = load_half(block + 82);
      for (int g = 0; g < 16; g++) {
        f->scale[g] = scale * (float)(block[g] & 15);
        f->offset[g] = -(minimum * (float)(block[g] >> 4));
      }
      break;
    }
    case ALR_STORED_Q3_K: {
      float scale = load_half(block + 108);
      const uint8_t *packed = block + 96;
      for (int g = 0; g < 16; g++) {
        int low = packed[g % 8] >> 4 * (g / 8) & 15, high = packed[8 + g % 4] >> 2 * (g / 4) & 3;
        f->scale[g] = scale * (float)((low | high << 4) - 32);
      }
      break;
    }
    case ALR_STORED_Q4_K:
    case ALR_STORED_Q5_K: factors_of_groups(block, f); break;
    case ALR_STORED_Q6_K: {
      float scale = load_half(block + 208);
      const int8_t *scales = (const int8_t *)(block + 192);
      for (int g = 0; g < 16; g++) f->scale[g] = scale * (float)scales[g];
      break;
    }
    default: break;
  }
}

// The weights of group `g` of a run; the layouts are described in dequantize_blocks.c and _k.c.
INLINE void widen_group(alr_stored_type type, const uint8_t *block, const factors *f, size_t g,
                        vfloat w[PARTS]) {
  vfloat scale = splat(f->scale[g]), offset = splat(f->offset[g]);
  if (block_weights(type) == GROUP) block += g * block_bytes(type);
  switch (type) {
    case ALR_STORED_F32:
      UNROLL for (int p = 0; p < PARTS; p++) w[p] = load((const float *)block + p * VL);
      return;
    case ALR_STORED_F16:
      UNROLL for (int p = 0; p < PARTS; p++) w[p] = load_halves(block + 2 * p * VL);
      return;
    case ALR_STORED_BF16:
      UNROLL for (int p = 0; p < PARTS; p++) {
        const vhalf *halves = (const vhalf *)block + p;
        w[p] = (vfloat)(__builtin_convertvector(*halves, vuint) << 16);
      }
      return;
    case ALR_STORED_Q8_0:
      UNROLL for (int p = 0; p < PARTS; p++) {
        const vsigned *q = (const vsigned *)(block + 2) + p;
        w[p] = to_float(__builtin_convertvector(*q, vint)) * scale;
      }
      return;
    case ALR_STORED_Q4_0:
    case ALR_STORED_Q4_1:
#ifdef LANES_OF
    {
      // All weights that the block can have: four bits name the lane of one.
      vfloat table = load(nibbles) * scale + offset;
      vint pairs = load_bytes(block + (type == ALR_STORED_Q4_0 ? 2 : 4));
      w[0] = LANES_OF(table, pairs);
      w[1] = LANES_OF(table, pairs >> 4);
      return;
    }
#endif
      UNROLL for (int p = 0; p < HALF_PARTS; p++) {
        vint pairs = load_bytes(block + (type == ALR_STORED_Q4_0 ? 2 : 4) + p * VL);
        w[p] = to_float(pairs & 15) * scale + offset;
        w[p + HALF_PARTS] = to_float(pairs >> 4) * scale + offset;
      }
      return;
    case ALR_STORED_Q5_0:
    case ALR_STORED_Q5_1: {
      const uint8_t *bits = block + (type == ALR_STORED_Q5_0 ? 2 : 4);
      vint fifth = (vint){0} + (int32_t)alr_load_u32(bits);
      UNROLL for (int p = 0; p < HALF_PARTS; p++) {
        vint pairs = load_bytes(bits + 4 + p * VL);
        vint low = (fifth & *(const vint *)(bit_of_lane + p * VL)) != 0;
        vint high = (fifth & *(const vint *)(bit_of_lane + GROUP / 2 + p * VL)) != 0;
        w[p] = to_float((pairs & 15) | (low & 16)) * scale + offset;
        w[p + HALF_PARTS] = to_float((pairs >> 4) | (high & 16)) * scale + offset;
      }
      return;
    }
    case ALR_STORED_Q2_K:
    case ALR_STORED_Q3_K: {
      int isThree = type == ALR_STORED_Q3_K;
      const uint8_t *quads = block + (isThree ? 32 : 16) + 32 * (g / 4);
      int shift = 2 * (int)(g % 4);
      UNROLL for (int p = 0; p < PARTS; p++) {
        size_t sixteen = 2 * g + (size_t)(p / HALF_PARTS);
        vint q = load_bytes(quads + p * VL) >> shift & 3;
        if (isThree) {
          vint third = load_bytes(block + p * VL) >> (int)g & 1;
          w[p] = to_float(q + (third << 2) - 4) * f->scale[sixteen];
        } else {
          w[p] = to_float(q) * f->scale[sixteen] + f->offset[sixteen];
        }
      }
      return;
    }
    case ALR_STORED_Q4_K:
    case ALR_STORED_Q5_K: {
      int isFive = type == ALR_STORED_Q5_K;
      const uint8_t *pairs = block + (isFive ? 48 : 16) + 32 * (g / 2);
      int shift = 4 * (int)(g % 2);
#ifdef LANES_OF
      if (!isFive) {
        vfloat table = load(nibbles) * f->scale[g] + f->offset[g];
        UNROLL for (int p = 0; p < PARTS; p++) {
          w[p] = LANES_OF(table, load_bytes(pairs + p * VL) >> shift);
        }
        return;
      }
#endif
      UNROLL for (int p = 0; p < PARTS; p++) {
        vint q = load_bytes(pairs + p * VL) >> shift & 15;
        if (isFive) q |= (load_bytes(block + 16 + p * VL) >> (int)g & 1) << 4;
        w[p] = to_float(q) * f->scale[g] + f->offset[g];
      }
      return;
    }
    case ALR_STORED_Q6_K: {
      const uint8_t *low = block + 64 * (g / 4) + 32 * (g % 2), *high = block + 128 + 32 * (g / 4);
      int low_shift = 4 * (int)(g / 2 % 2), high_shift = 2 * (int)(g % 4);
      UNROLL for (int p = 0; p < PARTS; p++) {
        size_t sixteen = 2 * g + (size_t)(p / HALF_PARTS);
        vint q = (load_bytes(low + p * VL) >> low_shift & 15) |
                 (load_bytes(high + p * VL) >> high_shift & 3) << 4;
        w[p] = to_float(q - 32) * f->scale[sixteen];
      }
      return;
    }
    default: return;
  }
}

// Outputs of a tile at most, of two sums each: the widest fits the registers. Arrays have constant
// sizes, or the sums would live in memory.
#if VL >= 16
#define STORED_TILE 8
#else
#define STORED_TILE 4
#endif
typedef vfloat stored_sums[2];

// Adds the products of a group with the same columns of every row.
INLINE void add_group(int rows, const vfloat w[PARTS], const float *a, size_t stride,
                      stored_sums *sum) {
  UNROLL for (int i = 0; i < rows; i++) {
    UNROLL for (int p = 0; p < PARTS; p++) {
      sum[i][p % 2] += w[p] * load(a + (size_t)i * stride + p * VL);
    }
  }
}

// The last columns of a type without blocks, as a group filled up with zeros.
INLINE void add_tail(int rows, int columns, const alr_stored_product *job, size_t row,
                     size_t column, size_t start, alr_stored_type type,
                     stored_sums *sum) {
  float a[STORED_TILE][GROUP], weights[GROUP];
  size_t count = job->depth - start;
  memset(a, 0, sizeof a);
  for (int i = 0; i < rows; i++) {
    memcpy(a[i], job->a + (row + (size_t)i) * job->a_stride + start, count * sizeof(float));
  }
  UNROLL for (int j = 0; j < columns; j++) {
    const uint8_t *stored = (const uint8_t *)job->weights;
    stored += (column + (size_t)j) * job->weight_stride + start * block_bytes(type) / GROUP;
    memset(weights, 0, sizeof weights);
    alr_dequantize(type, stored, weights, count);
    vfloat w[PARTS];
    UNROLL for (int p = 0; p < PARTS; p++) w[p] = load(weights + p * VL);
    add_group(rows, w, a[0], GROUP, sum + j * rows);
  }
}

INLINE void stored_tile(int rows, int columns, const alr_stored_product *job, size_t row,
                        size_t column, alr_stored_type type) {
  const size_t step = block_weights(type), bytes = block_bytes(type);
  stored_sums sum[STORED_TILE];
  const uint8_t *weights[STORED_TILE];
  UNROLL for (int j = 0; j < columns; j++) {
    weights[j] = (const uint8_t *)job->weights + (column + (size_t)j) * job->weight_stride;
  }
  UNROLL for (int i = 0; i < rows * columns; i++) sum[i][0] = sum[i][1] = (vfloat){0};
  const float *a = job->a + row * job->a_stride;
  // Rows to come are read from memory meanwhile.
  const size_t ahead = (size_t)columns * job->weight_stride + 1024;
  size_t k = 0;
  while (k + step <= job->depth) {
    const size_t left = (job->depth - k) / step;
    const size_t blocks = step > GROUP || !is_scaled(type) ? 1 : left < RUN ? left : RUN;
    factors f[STORED_TILE];
    UNROLL for (int j = 0; j < columns; j++) {
      for (size_t line = 0; line < blocks * bytes; line += 64) {
        __builtin_prefetch(weights[j] + ahead + line);
      }
      find_factors(type, weights[j], blocks, &f[j]);
    }
    for (size_t g = 0; g < blocks * step / GROUP; g++, k += GROUP) {
      UNROLL for (int j = 0; j < columns; j++) {
        vfloat w[PARTS];
        widen_group(type, weights[j], &f[j], g, w);
        add_group(rows, w, a + k, job->a_stride, sum + j * rows);
      }
    }
    UNROLL for (int j = 0; j < columns; j++) weights[j] += blocks * bytes;
  }
  if (type < ALR_STORED_F8_E4M3 && k < job->depth) {
    // A copy, since the sums themselves stay in registers only while nobody has their address.
    stored_sums copy[STORED_TILE];
    UNROLL for (int i = 0; i < rows * columns; i++) {
      copy[i][0] = sum[i][0];
      copy[i][1] = sum[i][1];
    }
    add_tail(rows, columns, job, row, column, k, type, copy);
    UNROLL for (int i = 0; i < rows * columns; i++) {
      sum[i][0] = copy[i][0];
      sum[i][1] = copy[i][1];
    }
  }
  UNROLL for (int i = 0; i < rows; i++) {
    float *c = job->c + (row + (size_t)i) * job->c_stride + column;
    UNROLL for (int j = 0; j < columns; j++) {
      float x = sum_lanes(sum[j * rows + i][0] + sum[j * rows + i][1]);
      if (job->bias) x += job->bias[column + (size_t)j];
      c[j] = job->adds ? c[j] + x : x;
    }
  }
}

// Columns go through all rows before the next ones are read.
INLINE void stored_block(const alr_stored_product *job, alr_stored_type type) {
  size_t column = 0;
  if (job->rows == 1) {
    for (; column + 4 <= job->count; column += 4) stored_tile(1, 4, job, 0, column, type);
  }
  for (; column < job->count; column++) {
    size_t row = 0;
#if VL >= 16
    for (; row + 8 <= job->rows; row += 8) stored_tile(8, 1, job, row, column, type);
#endif
    for (; row + 4 <= job->rows; row += 4) stored_tile(4, 1, job, row, column, type);
    for (; row + 2 <= job->rows; row += 2) stored_tile(2, 1, job, row, column, type);
    if (row < job->rows) stored_tile(1, 1, job, row, column, type);
  }
}

// A function a type keeps what the compiler has to look at small.
#define STORED(name, type)                                                              \
  KERNEL static __attribute__((noinline)) void stored_##name(const alr_stored_product *job) { \
    stored_block(job, type);                                                            \
  }
STORED(f32, ALR_STORED_F32)
STORED(f16, ALR_STORED_F16)
STORED(bf16, ALR_STORED_BF16)
STORED(q8_0, ALR_STORED_Q8_0)
STORED(q4_0, ALR_STORED_Q4_0)
STORED(q4_1, ALR_STORED_Q4_1)
STORED(q5_0, ALR_STORED_Q5_0)
STORED(q5_1, ALR_STORED_Q5_1)
STORED(q2_K, ALR_STORED_Q2_K)
STORED(q3_K, ALR_STORED_Q3_K)
STORED(q4_K, ALR_STORED_Q4_K)
STORED(q5_K, ALR_STORED_Q5_K)
STORED(q6_K, ALR_STORED_Q6_K)
#undef STORED

KERNEL static int product_stored(const alr_stored_product *job) {
  switch (job->type) {
    case ALR_STORED_F32: stored_f32(job); return 1;
    case ALR_STORED_F16: stored_f16(job); return 1;
    case ALR_STORED_BF16: stored_bf16(job); return 1;
    case ALR_STORED_Q8_0: stored_q8_0(job); return 1;
    case ALR_STORED_Q4_0: stored_q4_0(job); return 1;
    case ALR_STORED_Q4_1: stored_q4_1(job); return 1;
    case ALR_STORED_Q5_0: stored_q5_0(job); return 1;
    case ALR_STORED_Q5_1: stored_q5_1(job); return 1;
    case ALR_STORED_Q2_K: stored_q2_K(job); return 1;
    case ALR_STORED_Q3_K: stored_q3_K(job); return 1;
    case ALR_STORED_Q4_K: stored_q4_K(job); return 1;
    case ALR_STORED_Q5_K: stored_q5_K(job); return 1;
    case ALR_STORED_Q6_K: stored_q6_K(job); return 1;
    case ALR_STORED_F8_E4M3:
    case ALR_STORED_F8_E5M2: return 0;
  }
  return 0;
}

KERNEL static void activate_rows(const float *x, const float *up, size_t count,
                                 alr_activation kind, void *y, alr_number number) {
  for (size_t i = 0; i < count; i += VL) {
    size_t left = count - i < VL ? count - i : VL;
    float values[VL] = {0}, factors[VL] = {0};
    memcpy(values, x + i, left * sizeof(float));
    vfloat result = activate(load(values), kind);
    if (up) {
      memcpy(factors, up + i, left * sizeof(float));
      result *= load(factors);
    }
    store(values, result);
    convert(values, (char *)y + i * (number == ALR_NUMBER_BF16 ? 2 : 4), left, number);
  }
}
