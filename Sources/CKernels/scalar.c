// The plain definition of every kernel, one value at a time: what the fast ones are tested against.

#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "sort.h"

#define WIDTH 8
#define ROWS 4

static float bf16_round(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if (x != x) {
    bits |= 0x400000u;
  } else {
    bits += 0x7fffu + ((bits >> 16) & 1u);
  }
  bits &= 0xffff0000u;
  memcpy(&x, &bits, 4);
  return x;
}

static void put(void *p, size_t index, float x, alr_number number) {
  if (number == ALR_NUMBER_F32) {
    ((float *)p)[index] = x;
    return;
  }
  float rounded = bf16_round(x);
  if (number == ALR_NUMBER_BF16_IN_F32) {
    ((float *)p)[index] = rounded;
  } else {
    uint32_t bits;
    memcpy(&bits, &rounded, 4);
    ((uint16_t *)p)[index] = (uint16_t)(bits >> 16);
  }
}

static float dot(const alr_product *job, size_t row, size_t panel, size_t column) {
  const float *a = (const float *)job->a + row * job->a_stride;
  const float *b = (const float *)job->panels + panel * job->panel_stride + column;
  float sum = 0;
  for (size_t k = 0; k < job->depth; k++) sum += a[k] * b[k * WIDTH];
  return job->bias ? sum + job->bias[panel * WIDTH + column] : sum;
}

static void product(const alr_product *job) {
  for (size_t row = 0; row < job->rows; row++) {
    float *c = (float *)job->c + row * job->c_stride;
    for (size_t i = 0; i < job->panel_count * WIDTH; i++) {
      c[i] = dot(job, row, i / WIDTH, i % WIDTH);
    }
  }
}

static void product_add(const alr_product *job) {
  for (size_t row = 0; row < job->rows; row++) {
    float *c = (float *)job->c + row * job->c_stride;
    for (size_t i = 0; i < job->panel_count * WIDTH; i++) {
      c[i] += dot(job, row, i / WIDTH, i % WIDTH);
    }
  }
}

static float activate(float x, alr_activation kind) {
  switch (kind) {
    case ALR_ACTIVATION_GELU:
      return x * 0.5f * erfcf(-x * 0.707106781f);
    case ALR_ACTIVATION_GELU_TANH:
      return x * 0.5f * (1.0f + tanhf(0.797884561f * (x + 0.044715f * x * x * x)));
    case ALR_ACTIVATION_GELU_QUICK:
      return x / (1.0f + expf(-1.702f * x));
    default:
      return x / (1.0f + expf(-x));
  }
}

static void product_gated(const alr_product *job, alr_activation activation) {
  for (size_t row = 0; row < job->rows; row++) {
    for (size_t i = 0; i < job->panel_count * WIDTH / 2; i++) {
      size_t panel = i / (WIDTH / 2), column = i % (WIDTH / 2);
      float gate = dot(job, row, panel, column);
      float up = dot(job, row, panel, column + WIDTH / 2);
      put(job->c, row * job->c_stride + i, activate(gate, activation) * up, job->number);
    }
  }
}

static void product_activated(const alr_product *job, alr_activation activation) {
  for (size_t row = 0; row < job->rows; row++) {
    for (size_t i = 0; i < job->panel_count * WIDTH; i++) {
      float x = dot(job, row, i / WIDTH, i % WIDTH);
      put(job->c, row * job->c_stride + i, activate(x, activation), job->number);
    }
  }
}

static int product_stored(const alr_stored_product *job) {
  size_t block = job->type < ALR_STORED_Q8_0 ? 1 : job->type < ALR_STORED_Q2_K ? 32 : 256;
  size_t sizes[] = {4, 2, 2, 1, 1, 34, 18, 20, 22, 24, 84, 110, 144, 176, 210};
  if (job->type == ALR_STORED_F8_E4M3 || job->type == ALR_STORED_F8_E5M2) return 0;
  for (size_t row = 0; row < job->rows; row++) {
    for (size_t column = 0; column < job->count; column++) {
      const char *weights = (const char *)job->weights + column * job->weight_stride;
      const float *a = job->a + row * job->a_stride;
      float sum = 0, wide[256];
      for (size_t k = 0; k < job->depth; k += block) {
        alr_dequantize(job->type, weights + k / block * sizes[job->type], wide, block);
        for (size_t i = 0; i < block; i++) sum += a[k + i] * wide[i];
      }
      if (job->bias) sum += job->bias[column];
      float *c = job->c + row * job->c_stride + column;
      *c = job->adds ? *c + sum : sum;
    }
  }
  return 1;
}

static void activate_rows(const float *x, const float *up, size_t count, alr_activation kind,
                          void *y, alr_number number) {
  for (size_t i = 0; i < count; i++) {
    put(y, i, activate(x[i], kind) * (up ? up[i] : 1), number);
  }
}

static void pack_panel(const uint32_t *source, size_t stride, size_t rows, size_t depth,
                       uint32_t *panel) {
  for (size_t k = 0; k < depth; k++) {
    for (size_t row = 0; row < WIDTH; row++) {
      panel[k * WIDTH + row] = row < rows ? source[row * stride + k] : 0;
    }
  }
}

static int pack_bf16(const uint16_t *source, size_t stride, size_t rows, size_t depth, void *panel,
                     alr_number number) {
  int finite = 1;
  for (size_t row = 0; row < rows; row++) {
    for (size_t k = 0; k < depth; k++) {
      uint16_t bits = source[row * stride + k];
      if ((bits & 0x7f80) == 0x7f80) finite = 0;
      if (number == ALR_NUMBER_BF16) {
        ((uint16_t *)panel)[(k / 2 * WIDTH + row) * 2 + k % 2] = bits;
      } else {
        uint32_t wide = (uint32_t)bits << 16;
        memcpy((float *)panel + k * WIDTH + row, &wide, sizeof wide);
      }
    }
  }
  return finite;
}

static void convert(const float *source, void *destination, size_t count, alr_number number) {
  for (size_t i = 0; i < count; i++) put(destination, i, source[i], number);
}

static void multiply(const float *source, float factor, float *destination, size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] = source[i] * factor;
}

static void add_scaled(const float *source, float factor, float *destination, size_t count) {
  for (size_t i = 0; i < count; i++) destination[i] += source[i] * factor;
}

static void soft_cap(float *values, float scale, float cap, size_t count) {
  for (size_t i = 0; i < count; i++) values[i] = cap * tanhf(values[i] * (scale / cap));
}

static int all_finite(const float *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(values[i])) return 0;
  }
  return 1;
}

static int all_finite_bf16(const uint16_t *values, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if ((values[i] & 0x7f80) == 0x7f80) return 0;
  }
  return 1;
}

static double peak(size_t rounds, alr_number number, float *sink) {
  (void)number;
  float sum[8] = {0};
  for (size_t round = 0; round < rounds; round++) {
    for (int i = 0; i < 8; i++) sum[i] = sum[i] * sink[0] + sink[1];
  }
  for (int i = 0; i < 8; i++) sink[2] += sum[i];
  return (double)rounds * 16;
}

static void rms_norm(const float *x, const float *weight, float epsilon, size_t count, void *y,
                     alr_number number) {
  double squares = 0;
  for (size_t i = 0; i < count; i++) squares += (double)x[i] * (double)x[i];
  float inverse = (float)(1.0 / sqrt(squares / (double)count + (double)epsilon));
  for (size_t i = 0; i < (count + WIDTH - 1) / WIDTH * WIDTH; i++) {
    put(y, i, i < count ? weight[i] * (x[i] * inverse) : 0, number);
  }
}

static void layer_norm(const float *x, const float *weight, const float *bias, float epsilon,
                       size_t count, void *y, alr_number number) {
  double mean = 0, squares = 0;
  for (size_t i = 0; i < count; i++) mean += (double)x[i] / (double)count;
  for (size_t i = 0; i < count; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
  double inverse = 1.0 / sqrt(squares / (double)count + (double)epsilon);
  for (size_t i = 0; i < (count + WIDTH - 1) / WIDTH * WIDTH; i++) {
    float normed = i < count ? (float)(((double)x[i] - mean) * inverse) * weight[i] : 0;
    put(y, i, i < count && bias ? normed + bias[i] : normed, number);
  }
}

static void norms(const float *vectors, size_t stride, size_t rows, size_t count, double *norm) {
  for (size_t row = 0; row < rows; row++) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
      sum += (double)vectors[row * stride + i] * (double)vectors[row * stride + i];
    }
    norm[row] = sqrt(sum);
  }
}

static void rotate(const float *x, size_t head_dim, size_t rotary_dim, const float *cosine,
                   const float *sine, float *y) {
  size_t half = rotary_dim / 2;
  for (size_t i = 0; i < half; i++) {
    float first = x[i], second = x[half + i];
    y[i] = first * cosine[i] - second * sine[i];
    y[half + i] = second * cosine[i] + first * sine[i];
  }
  for (size_t i = rotary_dim; i < head_dim; i++) y[i] = x[i];
}

static void pack_keys(const float *keys, size_t key_stride, size_t rows, size_t head_dim,
                      size_t rotary_dim, const float *cosines, const float *sines, void *panel,
                      size_t first, float *scratch, alr_number number) {
  for (size_t row = 0; row < rows; row++) {
    size_t angle = row * (rotary_dim / 2);
    rotate(keys + row * key_stride, head_dim, rotary_dim, cosines + angle, sines + angle,
           scratch + row * head_dim);
    convert(scratch + row * head_dim, scratch + row * head_dim, head_dim, number);
  }
  if (first == 0) {
    pack_panel((const uint32_t *)scratch, head_dim, rows, head_dim, panel);
    return;
  }
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < head_dim; i++) {
      ((float *)panel)[i * WIDTH + first + row] = scratch[row * head_dim + i];
    }
  }
}

static void pack_values(const float *values, size_t value_stride, size_t first, size_t rows,
                        size_t head_dim, size_t key_capacity, void *panels, alr_number number) {
  for (size_t row = 0; row < rows; row++) {
    for (size_t i = 0; i < (head_dim + WIDTH - 1) / WIDTH * WIDTH; i++) {
      size_t index = (i / WIDTH * key_capacity + first + row) * WIDTH + i % WIDTH;
      put(panels, index, i < head_dim ? values[row * value_stride + i] : 0, number);
    }
  }
}

static float key_value(const alr_attention *job, size_t key, size_t i) {
  const float *panel = (const float *)job->key_panels + key / WIDTH * job->head_dim * WIDTH;
  return panel[i * WIDTH + key % WIDTH];
}

static void attention(const alr_attention *job) {
  float *query = job->rotated;
  for (size_t row = 0; row < job->rows; row++) {
    size_t angle = job->angles[row] * (job->rotary_dim / 2);
    size_t first = job->first[row], end = job->end[row];
    rotate(job->queries + row * job->query_stride, job->head_dim, job->rotary_dim,
           job->cosines + angle, job->sines + angle, query);
    convert(query, query, job->head_dim, job->number);

    float *strip = job->strip + row * job->strip_stride;
    float highest = -INFINITY;
    for (size_t key = first; key < end; key++) {
      float score = 0;
      for (size_t i = 0; i < job->head_dim; i++) score += query[i] * key_value(job, key, i);
      if (job->soft_cap > 0) soft_cap(&score, job->scale, job->soft_cap, 1);
      strip[key] = score;
      highest = fmaxf(highest, score);
    }
    float scale = job->soft_cap > 0 ? 1 : job->scale;
    float sum = 0;
    for (size_t key = first; key < end; key++) {
      strip[key] = expf((strip[key] - highest) * scale);
      sum += strip[key];
    }
    job->sums[row] = sum;
    if (!job->value_panels) continue;
    for (size_t i = 0; i < job->head_dim; i++) {
      float total = 0;
      for (size_t key = first; key < end; key++) {
        float weight;
        convert(strip + key, &weight, 1, job->number);
        size_t index = (i / WIDTH * job->key_capacity + key) * WIDTH + i % WIDTH;
        total += weight * ((const float *)job->value_panels)[index];
      }
      put(job->output, row * job->output_stride + i, total / sum, job->number);
    }
  }
}

static void gram(const double *rows, size_t count, size_t size, double *products) {
  for (size_t i = 0; i < size; i++) {
    for (size_t j = 0; j <= i; j++) {
      double sum = 0;
      for (size_t k = 0; k < count; k++) sum += rows[i * count + k] * rows[j * count + k];
      products[i * size + j] = sum;
    }
  }
}

static void solved_squares(const double *factor, const double *rows, size_t count, size_t size,
                           double *scratch, double *sums) {
  for (size_t column = 0; column < count; column++) {
    sums[column] = 0;
    for (size_t i = 0; i < size; i++) {
      double own = rows[i * count + column];
      for (size_t k = 0; k < i; k++) own -= factor[i * size + k] * scratch[k];
      scratch[i] = own / factor[i * size + i];
      sums[column] += scratch[i] * scratch[i];
    }
  }
}

const alr_kernels alr_kernels_scalar = {
    .name = "scalar",
    .row_tile = ROWS,
    .panel_width = WIDTH,
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
    .sort_scores = alr_sort_scores_plain,
    .select_range = alr_select_range_plain,
};
