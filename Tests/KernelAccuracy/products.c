// Matrix products with every ending, and the nonlinearities over their whole range, against
// float64.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_accuracy.h"

typedef enum { STORE, ADD, GATED, ACTIVATED } ending;

typedef struct {
  size_t rows, depth, panels;
} shape;

double activation_of(double x, alr_activation kind) {
  switch (kind) {
    case ALR_ACTIVATION_GELU: return x * erfc(-x * sqrt(0.5)) / 2;
    case ALR_ACTIVATION_GELU_TANH:
      return x / 2 * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case ALR_ACTIVATION_GELU_QUICK: return x / (1 + exp(-1.702 * x));
    default: return x / (1 + exp(-x));
  }
}

typedef struct {
  double value, size;
} sum;

static sum dot(const alr_product *job, size_t width, size_t row, size_t column) {
  const char *panel = (const char *)job->panels +
                      column / width * job->panel_stride * bytes_of(job->number);
  sum s = {job->bias ? (double)job->bias[column] : 0, 0};
  s.size = fabs(s.value);
  for (size_t k = 0; k < job->depth; k++) {
    double term = (double)get(job->a, row * job->a_stride + k, job->number) *
                  (double)get(panel, panel_index(k, column % width, width, job->number),
                              job->number);
    s.value += term;
    s.size += fabs(term);
  }
  return s;
}

static const char *row_name(ending finish, alr_number number) {
  int plain = number == ALR_NUMBER_F32, native = number == ALR_NUMBER_BF16;
  switch (finish) {
    case STORE: return native ? "product of bf16" : "product";
    case ADD: return native ? "product_add of bf16" : "product_add";
    case GATED: return plain ? "product_gated" : "product_gated, bf16 output (bf16 units)";
    default: return plain ? "product_activated" : "product_activated, bf16 output (bf16 units)";
  }
}

static void check_product(const alr_kernels *kernels, shape s, ending finish,
                          alr_activation activation, alr_number number, int has_bias) {
  size_t width = kernels->panel_width, columns = s.panels * width;
  size_t depth = number == ALR_NUMBER_BF16 ? s.depth + s.depth % 2 : s.depth;
  size_t outputs = finish == GATED ? columns / 2 : columns;
  alr_number output = finish == STORE || finish == ADD ? ALR_NUMBER_F32 : number;
  alr_product job = {.a_stride = depth + 6, .rows = s.rows, .depth = depth, .number = number,
                     .panel_stride = depth * width, .panel_count = s.panels,
                     .c_stride = outputs + 16};
  float *a = room(s.rows * job.a_stride), *b = room(columns * depth);
  float *c = room(s.rows * job.c_stride), *start = random_room(s.rows * job.c_stride, -1, 1);
  for (size_t i = 0; i < s.rows * depth; i++) {
    put(a, i / depth * job.a_stride + i % depth, random_float(-1, 1), number);
  }
  for (size_t i = 0; i < columns * depth; i++) put(b, i, random_float(-1, 1), number);
  job.a = a;
  job.panels = b;
  job.c = c;
  job.bias = has_bias ? random_room(columns, -1, 1) : NULL;
  if (finish == ADD) memcpy(c, start, s.rows * job.c_stride * sizeof *c);
  switch (finish) {
    case STORE: kernels->product(&job); break;
    case ADD: kernels->product_add(&job); break;
    case GATED: kernels->product_gated(&job, activation); break;
    case ACTIVATED: kernels->product_activated(&job, activation); break;
  }
  double unit = output == ALR_NUMBER_F32 ? 1 : 65536, limit = output == ALR_NUMBER_F32 ? 4 : 0.501;
  for (size_t row = 0; row < s.rows; row++) {
    for (size_t column = 0; column < outputs; column++) {
      size_t half = width / 2, index = row * job.c_stride + column;
      size_t gate = finish == GATED ? column / half * width + column % half : column;
      sum expected = dot(&job, width, row, gate);
      if (finish == ADD) {
        expected.value += (double)start[index];
        expected.size += fabs((double)start[index]);
      } else if (finish != STORE) {
        expected.value = activation_of(expected.value, activation);
        expected.size += 1;
      }
      if (finish == GATED) {
        sum up = dot(&job, width, row, gate + half);
        expected.value *= up.value;
        expected.size *= up.size + 1;
      }
      float found = get(c, index, output);
      record(kernels->name, row_name(finish, number),
             units(found, expected.value, expected.size) / unit, limit);
      if (output == ALR_NUMBER_BF16_IN_F32) {
        expect(found == bf16(found), kernels->name, "an output is not rounded to bf16");
      }
    }
    for (size_t gap = outputs; gap < job.c_stride && finish != ADD; gap++) {
      expect(isnan(get(c, row * job.c_stride + gap, output)), kernels->name,
             "a product writes between its rows");
    }
  }
  release_rooms(kernels->name, row_name(finish, number));
}

// The bytes of a row do not depend on the tile that it falls into.
static void check_row_independence(const alr_kernels *kernels) {
  size_t width = kernels->panel_width, rows = 2 * kernels->row_tile + 3, depth = 96;
  float *a = random_room(rows * depth, -1, 1), *b = random_room(width * depth, -1, 1);
  float *whole = room(rows * width), *single = room(width);
  alr_product job = {.a = a, .a_stride = depth, .rows = rows, .depth = depth, .panels = b,
                     .panel_stride = depth * width, .panel_count = 1, .c = whole,
                     .c_stride = width, .number = ALR_NUMBER_F32};
  kernels->product(&job);
  for (size_t row = 0; row < rows; row++) {
    job.a = a + row * depth;
    job.rows = 1;
    job.c = single;
    kernels->product(&job);
    expect(memcmp(single, whole + row * width, width * sizeof *single) == 0, kernels->name,
           "a row of a product depends on its tile");
  }
  release_rooms(kernels->name, "product");
}

void check_products(const alr_kernels *kernels) {
  static const shape odd[] = {{1, 1, 1},    {3, 7, 2},   {13, 64, 1},
                              {14, 130, 3}, {15, 33, 2}, {29, 257, 1}};
  seed_random(1);
  for (alr_number number = ALR_NUMBER_F32; number <= ALR_NUMBER_BF16_IN_F32; number++) {
    if (number == ALR_NUMBER_BF16 && !kernels->has_bf16) continue;
    for (int bias = 0; bias < 2; bias++) {
      for (ending finish = STORE; finish <= ACTIVATED; finish++) {
        int kinds = finish == STORE || finish == ADD ? 1 : ALR_ACTIVATION_GELU_QUICK + 1;
        for (int kind = 0; kind < kinds; kind++) {
          for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            check_product(kernels, odd[i], finish, (alr_activation)kind, number, bias);
          }
          for (size_t rows = 1; rows <= kernels->row_tile; rows++) {
            check_product(kernels, (shape){rows, 6, 2}, finish, (alr_activation)kind, number, bias);
          }
        }
      }
    }
  }
  check_row_independence(kernels);
}

enum { ARGUMENTS = 1024 };

static void activate_all(const alr_kernels *kernels, const float *x, alr_activation kind,
                         const float *panel, float *c) {
  static const char *names[] = {"silu", "gelu", "gelu_tanh", "gelu_quick"};
  size_t width = kernels->panel_width;
  alr_product job = {.a = x, .a_stride = 1, .rows = ARGUMENTS, .depth = 1, .panels = panel,
                     .panel_stride = width, .panel_count = 1, .c = c, .c_stride = width,
                     .number = ALR_NUMBER_F32};
  kernels->product_activated(&job, kind);
  for (size_t i = 0; i < ARGUMENTS; i++) {
    double exact = activation_of((double)x[i], kind);
    record(kernels->name, names[kind], units(c[i * width], exact, (double)x[i]), 4);
    if (kind == ALR_ACTIVATION_SILU && x[i] > -80) {
      record(kernels->name, "silu, of the result", units(c[i * width], exact, exact), 5);
    }
  }
}

void check_activations(const alr_kernels *kernels) {
  seed_random(2);
  size_t width = kernels->panel_width;
  float *x = room(ARGUMENTS), *panel = room(width), *c = room(ARGUMENTS * width);
  for (size_t i = 0; i < width; i++) panel[i] = i == 0;
  for (int kind = 0; kind <= ALR_ACTIVATION_GELU_QUICK; kind++) {
    for (size_t block = 0; block < 640; block++) {
      for (size_t i = 0; i < ARGUMENTS; i++) {
        float step = (float)(block % 512 * ARGUMENTS + i);
        // Evenly over ±20 and ±100, and every size of number down to 2^-30.
        x[i] = block < 512   ? step * (40.0f / (512 * ARGUMENTS)) - 20
               : block < 576 ? step * (200.0f / (64 * ARGUMENTS)) - 100
                             : ldexpf(random_float(-2, 2), -(int)(random_bits() % 30));
      }
      activate_all(kernels, x, (alr_activation)kind, panel, c);
    }
  }
  release_rooms(kernels->name, "product_activated");

  const float scale = 0.25f, cap = 3;
  for (size_t count = 1; count < 100000; count = 5 * count + 2) {
    float *values = random_room(count, -40, 40), *before = room(count);
    for (size_t i = 0; i < count / 3; i++) values[i] = ldexpf(values[i], -(int)(i % 40));
    memcpy(before, values, count * sizeof *values);
    kernels->soft_cap(values, scale, cap, count);
    for (size_t i = 0; i < count; i++) {
      double exact = (double)cap * tanh((double)before[i] * (double)scale / (double)cap);
      record(kernels->name, "soft_cap", units(values[i], exact, exact), 5);
    }
    release_rooms(kernels->name, "soft_cap");
  }
}
