// Part of kernels_template.h: weights as panels, conversions and scans.

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
