// Part of kernels_template.h: weights as panels, conversions and scans.

// Four rows of four lanes → four columns.
INLINE void turn_quads(const quad rows[4], quad columns[4]) {
  quad ab_low = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5);
  quad ab_high = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
  quad cd_low = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5);
  quad cd_high = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
  columns[0] = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  columns[1] = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  columns[2] = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  columns[3] = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

KERNEL static void pack_panel(const uint32_t *source, size_t stride, size_t rows, size_t depth,
                              uint32_t *panel) {
  size_t whole_rows = rows & ~(size_t)3, whole_depth = depth & ~(size_t)3;
  for (size_t k = 0; k < whole_depth; k += 4) {
    for (size_t row = 0; row < whole_rows; row += 4) {
      quad taken[4], columns[4];
      UNROLL for (int i = 0; i < 4; i++) {
        taken[i] = *(const quad *)(source + (row + (size_t)i) * stride + k);
      }
      turn_quads(taken, columns);
      UNROLL for (int i = 0; i < 4; i++) *(quad *)(panel + (k + (size_t)i) * WIDTH + row) = columns[i];
    }
  }
  for (size_t k = 0; k < depth; k++) {
    size_t row = k < whole_depth ? whole_rows : 0;
    for (; row < rows; row++) panel[k * WIDTH + row] = source[row * stride + k];
    for (; row < WIDTH; row++) panel[k * WIDTH + row] = 0;
  }
}

// Four pairs of columns of four rows; `largest` keeps the largest magnitudes of both halves.
INLINE void pack_bf16_quad(const uint16_t *source, size_t stride, size_t lanes, uint32_t *panel,
                           int is_wide, quad *largest) {
  quad rows[4], columns[4];
  UNROLL for (int i = 0; i < 4; i++) {
    // The last pairs of a row may be fewer, and rows need not be aligned.
    rows[i] = (quad){0};
    memcpy(&rows[i], source + (size_t)i * stride, lanes * sizeof(uint32_t));
    quad upper = rows[i] & 0x7fff0000u, lower = rows[i] << 16 & 0x7fff0000u;
    *largest = __builtin_elementwise_max(*largest, __builtin_elementwise_max(upper, lower));
  }
  turn_quads(rows, columns);
  for (size_t i = 0; i < lanes; i++) {
    if (is_wide) {
      *(quad *)(panel + 2 * i * WIDTH) = columns[i] << 16;
      *(quad *)(panel + (2 * i + 1) * WIDTH) = columns[i] & 0xffff0000u;
    } else {
      *(quad *)(panel + i * WIDTH) = columns[i];
    }
  }
}

INLINE int pack_bf16_any(const uint16_t *source, size_t stride, size_t rows, size_t depth,
                         uint32_t *panel, int is_wide) {
  quad largest = {0};
  size_t k = 0;
  for (; k + 8 <= depth; k += 8) {
    uint32_t *target = panel + (is_wide ? k : k / 2) * WIDTH;
    for (size_t row = 0; row < rows; row += 4) {
      pack_bf16_quad(source + row * stride + k, stride, 4, target + row, is_wide, &largest);
    }
  }
  if (k < depth) {
    uint32_t *target = panel + (is_wide ? k : k / 2) * WIDTH;
    for (size_t row = 0; row < rows; row += 4) {
      pack_bf16_quad(source + row * stride + k, stride, (depth - k) / 2, target + row, is_wide,
                     &largest);
    }
  }
  uint32_t most = 0;
  UNROLL for (int i = 0; i < 4; i++) most = largest[i] > most ? largest[i] : most;
  return most < 0x7f800000u;
}

KERNEL static int pack_bf16(const uint16_t *source, size_t stride, size_t rows, size_t depth,
                            void *panel, alr_number number) {
  return number == ALR_NUMBER_BF16 ? pack_bf16_any(source, stride, rows, depth, panel, 0)
                                   : pack_bf16_any(source, stride, rows, depth, panel, 1);
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
