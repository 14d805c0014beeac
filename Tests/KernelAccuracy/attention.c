// Packed keys and values, the attention of whole heads, and e^x as attention computes it, against
// float64.

#include <math.h>
#include <string.h>

#include "kernel_accuracy.h"

typedef struct {
  size_t keys, head_dim, rotary_dim, window, step;
  float soft_cap;
} shape;

// One head: what goes in, and its rotated vectors in float64.
typedef struct {
  shape s;
  alr_number number;
  float *queries, *keys, *values;  // (position, head_dim)
  float *cosines, *sines;          // (position, rotary_dim / 2)
} head;

// A power of two, so that multiplying by it rounds nothing.
static const float SCALE = 0.25f;

typedef struct {
  double value, size;
} sum;

static sum rotated(const head *h, const float *vectors, size_t position, size_t i) {
  size_t half = h->s.rotary_dim / 2, pair = half ? i % half : 0;
  const float *x = vectors + position * h->s.head_dim;
  if (i >= h->s.rotary_dim) return (sum){(double)x[i], fabs((double)x[i])};
  double c = (double)h->cosines[position * half + pair];
  double s = (double)h->sines[position * half + pair];
  double along = (double)x[i] * c;
  double across = (double)x[i < half ? half + i : pair] * s;
  return (sum){i < half ? along - across : along + across, fabs(along) + fabs(across)};
}

static head make_head(shape s, alr_number number) {
  head h = {.s = s, .number = number};
  size_t count = s.keys * s.head_dim, angles = s.keys * s.rotary_dim / 2;
  h.queries = random_room(count, -2, 2);
  h.keys = random_room(count, -2, 2);
  h.values = random_room(count, -1, 1);
  h.cosines = room(angles);
  h.sines = room(angles);
  for (size_t i = 0; i < angles; i++) {
    double angle = (double)random_float(-3, 3);
    h.cosines[i] = (float)cos(angle);
    h.sines[i] = (float)sin(angle);
  }
  // Exact in bf16, so that with no rotation only what the kernel itself rounds is left.
  for (size_t i = 0; number != ALR_NUMBER_F32 && i < count; i++) {
    h.queries[i] = bf16(h.queries[i]);
    h.keys[i] = bf16(h.keys[i]);
    h.values[i] = bf16(h.values[i]);
  }
  return h;
}

typedef struct {
  float *keys, *values;
  size_t capacity;
} panels;

static panels pack(const alr_kernels *kernels, const head *h) {
  size_t width = kernels->panel_width, dim = h->s.head_dim, half = h->s.rotary_dim / 2;
  panels p = {.capacity = (h->s.keys + width - 1) / width * width};
  p.keys = room(p.capacity * dim);
  size_t columns = (dim + width - 1) / width * width;
  p.values = room(p.capacity * columns);
  memset(p.values, 0, p.capacity * columns * sizeof *p.values);
  float *scratch = room(width * dim);
  for (size_t start = 0; start < h->s.keys; start += width) {
    size_t rows = h->s.keys - start < width ? h->s.keys - start : width;
    kernels->pack_keys(h->keys + start * dim, dim, rows, dim, h->s.rotary_dim,
                       h->cosines + start * half, h->sines + start * half,
                       (char *)p.keys + start * dim * bytes_of(h->number), 0, scratch, h->number);
    kernels->pack_values(h->values + start * dim, dim, start, rows, dim, p.capacity, p.values,
                         h->number);
  }
  return p;
}

static void check_panels(const alr_kernels *kernels, const head *h, const panels *p) {
  size_t width = kernels->panel_width, dim = h->s.head_dim;
  int exact = h->number == ALR_NUMBER_F32;
  for (size_t key = 0; key < p->capacity; key++) {
    for (size_t i = 0; i < dim; i++) {
      size_t first = key / width * dim * width;
      float found = get(p->keys, first + panel_index(i, key % width, width, h->number), h->number);
      sum wanted = key < h->s.keys ? rotated(h, h->keys, key, i) : (sum){0, 0};
      record(kernels->name, exact ? "pack_keys" : "pack_keys in bf16 (bf16 units)",
             units(found, wanted.value, wanted.size) / (exact ? 1 : 65536), exact ? 2 : 0.501);
    }
  }
  for (size_t key = 0; key < h->s.keys; key++) {
    for (size_t i = 0; i < dim; i++) {
      size_t first = i / width * p->capacity * width;
      float found = get(p->values, first + panel_index(key, i % width, width, h->number), h->number);
      expect(found == h->values[key * dim + i], kernels->name, "pack_values changes a value");
    }
  }
}

// e^score of every key that the query at `position` sees; returns what rounding errors of a weight
// are proportional to: the size of a score's terms.
static double soften(const head *h, size_t position, double *weights) {
  size_t first =
      h->s.window && position + 1 > h->s.window ? position + 1 - h->s.window : 0;
  double total = 0, size = 1, highest = -INFINITY, cap = (double)h->s.soft_cap;
  for (size_t key = 0; key < h->s.keys; key++) {
    weights[key] = -INFINITY;
    if (key < first || key > position) continue;
    double score = 0, terms = 0;
    for (size_t i = 0; i < h->s.head_dim; i++) {
      sum q = rotated(h, h->queries, position, i), k = rotated(h, h->keys, key, i);
      score += q.value * k.value;
      terms += q.size * k.size;
    }
    score *= (double)SCALE;
    weights[key] = cap > 0 ? cap * tanh(score / cap) : score;
    size = fmax(size, terms * (double)SCALE);
    highest = fmax(highest, weights[key]);
  }
  for (size_t key = 0; key < h->s.keys; key++) total += weights[key] = exp(weights[key] - highest);
  for (size_t key = 0; key < h->s.keys; key++) weights[key] /= total;
  return 1 + size;
}

static void check_tile(const alr_kernels *kernels, const head *h, const panels *p,
                       const uint32_t *positions, size_t rows) {
  size_t dim = h->s.head_dim, stride = p->capacity + kernels->panel_width;
  size_t tile = kernels->row_tile;
  uint32_t first[64], end[64];
  float *queries = room(rows * dim), *output = room(tile * dim), *sums = room(tile);
  for (size_t row = 0; row < rows; row++) {
    memcpy(queries + row * dim, h->queries + positions[row] * dim, dim * sizeof *queries);
    end[row] = positions[row] + 1;
    first[row] = h->s.window && end[row] > h->s.window ? end[row] - (uint32_t)h->s.window : 0;
  }
  alr_attention job = {
      .queries = queries, .query_stride = dim, .rows = rows, .angles = positions,
      .first = first, .end = end,
      .head_dim = dim, .rotary_dim = h->s.rotary_dim, .cosines = h->cosines, .sines = h->sines,
      .scale = SCALE, .soft_cap = h->s.soft_cap, .key_panels = p->keys,
      .value_panels = p->values, .key_capacity = p->capacity, .output = output,
      .output_stride = dim, .strip = room(tile * stride),
      .weights = h->number == ALR_NUMBER_F32 ? NULL : room(tile * stride),
      .strip_stride = stride, .rotated = room(tile * dim), .sums = sums, .number = h->number};
  kernels->attention(&job);

  int exact = h->number == ALR_NUMBER_F32, native = h->number == ALR_NUMBER_BF16;
  for (size_t row = 0; row < rows; row++) {
    double weights[256], size = soften(h, positions[row], weights);
    for (size_t key = 0; key <= positions[row]; key++) {
      if (weights[key] == 0) continue;
      float found = job.strip[row * stride + key] / sums[row];
      record(kernels->name, native ? "attention of bf16: weights" : "attention: weights",
             units(found, weights[key], weights[key] * size), 4);
    }
    for (size_t i = 0; i < dim; i++) {
      double wanted = 0, terms = 0;
      for (size_t key = 0; key <= positions[row]; key++) {
        double term = weights[key] * (double)h->values[key * dim + i];
        wanted += term;
        terms += fabs(term);
      }
      float found = get(output, row * dim + i, h->number);
      // In bf16 weights and output are each rounded by half a unit.
      record(kernels->name, exact ? "attention: output" : "attention in bf16: output (bf16 units)",
             units(found, wanted, terms * (exact ? size : 1)) / (exact ? 1 : 65536),
             exact ? 4 : 1.01);
    }
  }
}

void check_attention(const alr_kernels *kernels) {
  static const shape odd[] = {
      {1, 8, 8, 0, 1, 0},     {33, 64, 64, 0, 1, 0},  {70, 20, 8, 0, 1, 0},  {97, 64, 0, 9, 1, 0},
      {150, 96, 96, 40, 3, 0}, {131, 32, 32, 0, 5, 0}, {83, 24, 24, 17, 2, 3}};
  seed_random(3);
  for (alr_number number = ALR_NUMBER_F32; number <= ALR_NUMBER_BF16_IN_F32; number++) {
    if (number == ALR_NUMBER_BF16 && !kernels->has_bf16) continue;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
      head h = make_head(odd[i], number);
      panels p = pack(kernels, &h);
      check_panels(kernels, &h, &p);
      release_rooms(kernels->name, "pack_keys or pack_values");

      uint32_t positions[256];
      size_t count = 0;
      for (size_t at = 0; at < odd[i].keys; at += odd[i].step) positions[count++] = (uint32_t)at;
      for (size_t first = 0; first < count; first += kernels->row_tile) {
        size_t rows = count - first < kernels->row_tile ? count - first : kernels->row_tile;
        shape s = odd[i];
        if (number != ALR_NUMBER_F32) s.rotary_dim = 0;
        head own = make_head(s, number);
        panels packed = pack(kernels, &own);
        check_tile(kernels, &own, &packed, positions + first, rows);
        release_rooms(kernels->name, "attention");
      }
    }
  }
}

// One query (1, 0) against keys (x, 0), the first of them 0 and the highest: the strip is e^x.
void check_exponential(const alr_kernels *kernels) {
  enum { KEYS = 4096, DENSE = 1024, BLOCKS = DENSE + 128 };
  seed_random(4);
  size_t width = kernels->panel_width, stride = KEYS + width;
  float *keys = room(2 * KEYS), *panel = room(2 * KEYS), *scratch = room(2 * width);
  float query[2] = {1, 0};
  uint32_t none = 0, all = KEYS;
  alr_attention job = {.queries = query, .query_stride = 2, .rows = 1, .angles = &none,
                       .first = &none, .end = &all, .head_dim = 2, .scale = 1, .key_panels = panel, .key_capacity = KEYS,
                       .strip = room(kernels->row_tile * stride), .strip_stride = stride,
                       .rotated = room(kernels->row_tile * 2), .sums = room(kernels->row_tile),
                       .number = ALR_NUMBER_F32};
  for (size_t block = 0; block < BLOCKS; block++) {
    for (size_t i = 0; i < KEYS; i++) {
      // Evenly from −104 to 0, then numbers of every size.
      float even = -104 * ((float)(block * KEYS + i) / (float)(DENSE * KEYS));
      float any = -ldexpf(random_float(1, 2), -(int)(random_bits() % 40));
      keys[2 * i] = i == 0 ? 0 : block < DENSE ? even : any;
      keys[2 * i + 1] = 0;
    }
    for (size_t start = 0; start < KEYS; start += width) {
      kernels->pack_keys(keys + 2 * start, 2, width, 2, 0, NULL, NULL, panel + 2 * start, 0,
                         scratch, ALR_NUMBER_F32);
    }
    kernels->attention(&job);
    for (size_t i = 0; i < KEYS; i++) {
      double x = (double)keys[2 * i], exact = exp(x);
      if (x < -87.29) {
        expect(job.strip[i] >= 0 && (double)job.strip[i] <= 1.3e-38, kernels->name,
               "e^x is not small below -87.3");
      } else {
        record(kernels->name, "e^x, -87.3 to 0", units(job.strip[i], exact, exact), 1.5);
      }
    }
  }
  release_rooms(kernels->name, "attention");
}
