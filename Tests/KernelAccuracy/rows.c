// Norms of rows, conversions, copies and scans.

#include <math.h>
#include <string.h>

#include "kernel_accuracy.h"

static const size_t counts[] = {1, 2, 7, 16, 31, 33, 64, 100, 576, 1031};
enum { COUNTS = sizeof counts / sizeof *counts };

static size_t padded(const alr_kernels *kernels, size_t count) {
  return (count + kernels->panel_width - 1) / kernels->panel_width * kernels->panel_width;
}

// Zeros up to a whole panel, and values that `number` can hold.
static void check_padding(const alr_kernels *kernels, const void *y, size_t count,
                          alr_number number) {
  for (size_t i = count; i < padded(kernels, count); i++) {
    expect(get(y, i, number) == 0, kernels->name, "a normed row does not end in zeros");
  }
}

static void check_rms_norm(const alr_kernels *kernels, size_t count, alr_number number) {
  float *x = random_room(count, -3, 3), *weight = random_room(count, -1, 1);
  float *y = room(padded(kernels, count));
  kernels->rms_norm(x, weight, 1e-5f, count, y, number);
  double squares = 0;
  for (size_t i = 0; i < count; i++) squares += (double)x[i] * (double)x[i];
  double inverse = 1 / sqrt(squares / (double)count + (double)1e-5f);
  int exact = number == ALR_NUMBER_F32;
  for (size_t i = 0; i < count; i++) {
    double wanted = (double)weight[i] * (double)x[i] * inverse;
    record(kernels->name, exact ? "rms_norm" : "rms_norm in bf16 (bf16 units)",
           units(get(y, i, number), wanted, wanted) / (exact ? 1 : 65536), exact ? 6 : 0.501);
  }
  check_padding(kernels, y, count, number);
  release_rooms(kernels->name, "rms_norm");
}

static void check_layer_norm(const alr_kernels *kernels, size_t count, alr_number number,
                             int has_bias) {
  float *x = random_room(count, -1, 5), *weight = random_room(count, -1, 1);
  float *bias = has_bias ? random_room(count, -1, 1) : NULL, *y = room(padded(kernels, count));
  kernels->layer_norm(x, weight, bias, 1e-5f, count, y, number);
  double mean = 0, squares = 0;
  for (size_t i = 0; i < count; i++) mean += (double)x[i] / (double)count;
  for (size_t i = 0; i < count; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
  double inverse = 1 / sqrt(squares / (double)count + (double)1e-5f);
  int exact = number == ALR_NUMBER_F32;
  for (size_t i = 0; i < count; i++) {
    double shift = bias ? (double)bias[i] : 0, factor = (double)weight[i] * inverse;
    double wanted = ((double)x[i] - mean) * factor + shift;
    double size = (fabs((double)x[i]) + fabs(mean)) * fabs(factor) + fabs(shift);
    record(kernels->name, exact ? "layer_norm" : "layer_norm in bf16 (bf16 units)",
           units(get(y, i, number), wanted, size) / (exact ? 1 : 65536), exact ? 6 : 0.501);
  }
  check_padding(kernels, y, count, number);
  release_rooms(kernels->name, "layer_norm");
}

static void check_key_norms(const alr_kernels *kernels, size_t count) {
  enum { VECTORS = 3 };
  size_t stride = count + 5;
  float *vectors = random_room(VECTORS * stride, -2, 2);
  double norms[VECTORS];
  kernels->norms(vectors, stride, VECTORS, count, norms);
  for (size_t row = 0; row < VECTORS; row++) {
    long double sum = 0;
    for (size_t i = 0; i < count; i++) {
      long double x = (long double)vectors[row * stride + i];
      sum += x * x;
    }
    double wanted = (double)sqrtl(sum);
    record(kernels->name, "norms (float64 units)",
           fabs(norms[row] - wanted) / ldexp(1, ilogb(wanted) - 52), 64);
  }
  release_rooms(kernels->name, "norms");
}

void check_rows(const alr_kernels *kernels) {
  seed_random(5);
  for (size_t i = 0; i < COUNTS; i++) {
    for (alr_number number = ALR_NUMBER_F32; number <= ALR_NUMBER_BF16_IN_F32; number++) {
      if (number == ALR_NUMBER_BF16 && !kernels->has_bf16) continue;
      check_rms_norm(kernels, counts[i], number);
      check_layer_norm(kernels, counts[i], number, 0);
      check_layer_norm(kernels, counts[i], number, 1);
    }
    check_key_norms(kernels, counts[i]);
  }
}

static void check_arithmetic(const alr_kernels *kernels, size_t count) {
  const float factor = 0.22f;
  float *x = random_room(count, -1, 1), *y = random_room(count, -1, 1), *product = room(count);
  float *before = room(count);
  memcpy(before, y, count * sizeof *y);
  kernels->multiply(x, factor, product, count);
  kernels->add_scaled(x, factor, y, count);
  for (size_t i = 0; i < count; i++) {
    double term = (double)x[i] * (double)factor;
    record(kernels->name, "multiply", units(product[i], term, term), 0.5);
    record(kernels->name, "add_scaled",
           units(y[i], (double)before[i] + term, fabs((double)before[i]) + fabs(term)), 1);
  }
  release_rooms(kernels->name, "multiply or add_scaled");
}

static void check_convert(const alr_kernels *kernels, size_t count) {
  // Ties both ways, the largest finite, subnormals, zeros, infinities.
  static const float special[] = {0,    -0.0f,    1,         1.00390625f, 1.01171875f, -1.00390625f,
                                  3e38f, INFINITY, -INFINITY, 0x1p-149f,   0x1p-126f,   3.3895314e38f};
  enum { SPECIAL = sizeof special / sizeof *special };
  float *x = random_room(count, -1e6f, 1e6f), *y = room(count);
  for (size_t i = 0; i < count && i < SPECIAL; i++) x[i] = special[i];
  for (alr_number number = ALR_NUMBER_F32; number <= ALR_NUMBER_BF16_IN_F32; number++) {
    if (number == ALR_NUMBER_BF16 && !kernels->has_bf16) continue;
    kernels->convert(x, y, count, number);
    for (size_t i = 0; i < count; i++) {
      float wanted = number == ALR_NUMBER_F32 ? x[i] : bf16(x[i]), found = get(y, i, number);
      expect(memcmp(&found, &wanted, sizeof found) == 0, kernels->name, "convert rounds wrongly");
    }
    x[count - 1] = NAN;
    kernels->convert(x, y, count, number);
    expect(isnan(get(y, count - 1, number)), kernels->name, "convert loses a NaN");
    x[count - 1] = 1;
  }
  release_rooms(kernels->name, "convert");
}

static void check_finite(const alr_kernels *kernels, size_t count) {
  static const float wrong[] = {NAN, INFINITY, -INFINITY};
  float *values = room(count);
  uint16_t *halves = (uint16_t *)room((count + 1) / 2);
  for (size_t i = 0; i < count; i++) {
    values[i] = -3e38f;
    halves[i] = bf16_bits(-3e38f);
  }
  expect(kernels->all_finite(values, count), kernels->name, "all_finite refuses the largest");
  expect(kernels->all_finite_bf16(halves, count), kernels->name,
         "all_finite_bf16 refuses the largest");
  for (size_t i = 0; i < count; i++) {
    values[i] = wrong[i % 3];
    halves[i] = bf16_bits(wrong[i % 3]);
    expect(!kernels->all_finite(values, count), kernels->name, "all_finite misses one");
    expect(!kernels->all_finite_bf16(halves, count), kernels->name, "all_finite_bf16 misses one");
    values[i] = 0;
    halves[i] = 0;
  }
  release_rooms(kernels->name, "all_finite");
}

static void check_pack_panel(const alr_kernels *kernels, size_t rows, size_t depth) {
  size_t width = kernels->panel_width, stride = depth + 3;
  uint32_t *source = (uint32_t *)room(rows * stride), *panel = (uint32_t *)room(depth * width);
  for (size_t i = 0; i < rows * stride; i++) source[i] = (uint32_t)i + 1;
  kernels->pack_panel(source, stride, rows, depth, panel);
  for (size_t k = 0; k < depth; k++) {
    for (size_t row = 0; row < width; row++) {
      expect(panel[k * width + row] == (row < rows ? row * stride + k + 1 : 0), kernels->name,
             "pack_panel puts an element in a wrong place");
    }
  }
  release_rooms(kernels->name, "pack_panel");
}

void check_copies(const alr_kernels *kernels) {
  seed_random(6);
  for (size_t i = 0; i < COUNTS; i++) {
    check_arithmetic(kernels, counts[i]);
    check_convert(kernels, counts[i]);
    check_finite(kernels, counts[i]);
  }
  for (size_t rows = 1; rows <= kernels->panel_width; rows++) {
    for (size_t depth = 1; depth < 12; depth++) check_pack_panel(kernels, rows, depth);
    check_pack_panel(kernels, rows, 130);
  }
}

void check_peak(const alr_kernels *kernels) {
  for (alr_number number = ALR_NUMBER_F32; number <= ALR_NUMBER_BF16; number++) {
    if (number == ALR_NUMBER_BF16 && !kernels->has_bf16) continue;
    float sink[3] = {0.5f, 0.25f, 0};
    double few = kernels->peak(10, number, sink);
    double many = kernels->peak(1000, number, sink);
    expect(few > 0 && many == 100 * few, kernels->name, "peak counts its operations wrongly");
    expect(isfinite(sink[2]) && sink[2] != 0, kernels->name, "peak computes nothing");
  }
}
