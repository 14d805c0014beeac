// Part of kernels_template.h: keys and values as panels, and causal attention of one tile.

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
                             void *panel, size_t first, float *scratch, alr_number number) {
  size_t half = rotary_dim / 2;
  for (size_t row = 0; row < rows; row++) {
    float *rotated = scratch + row * head_dim;
    rotate(keys + row * key_stride, head_dim, rotary_dim, cosines + row * half, sines + row * half,
           rotated);
    if (number != ALR_NUMBER_F32) convert(rotated, rotated, head_dim, number);
  }
  size_t depth = number == ALR_NUMBER_BF16 ? head_dim / 2 : head_dim;
  const uint32_t *elements = (const uint32_t *)scratch;
  if (first == 0) {
    pack_panel(elements, head_dim, rows, depth, panel);
    return;
  }
  for (size_t i = 0; i < depth; i++) {
    uint32_t *target = (uint32_t *)panel + i * WIDTH + first;
    for (size_t row = 0; row < rows; row++) target[row] = elements[row * head_dim + i];
  }
}

KERNEL static void pack_values(const float *values, size_t value_stride, size_t first, size_t rows,
                               size_t head_dim, size_t key_capacity, void *panels,
                               alr_number number) {
  for (size_t column = 0; column < head_dim; column += WIDTH) {
    size_t start = column / WIDTH * key_capacity * WIDTH + first * WIDTH;
    size_t columns = head_dim - column < WIDTH ? head_dim - column : WIDTH;
    for (size_t row = 0; row < rows; row++) {
      const float *source = values + row * value_stride + column;
      if (number == ALR_NUMBER_BF16 && row == 0 && first % 2 == 1) {
        float odd[WIDTH] = {0};
        memcpy(odd, source, columns * sizeof(float));
        uint32_t *pairs = (uint32_t *)((uint16_t *)panels + start - WIDTH);
        for (size_t j = 0; j < WIDTH; j += VL) {
          vuint *pair = (vuint *)(pairs + j);
          *pair = (*pair & 0xffff) | round_bf16(load(odd + j));
        }
        continue;
      }
      float *target = (float *)panels + start + row * WIDTH;
      if (number != ALR_NUMBER_BF16) {
        for (size_t j = 0; j < columns; j++) target[j] = source[j];
        for (size_t j = columns; j < WIDTH; j++) target[j] = 0;
        if (number == ALR_NUMBER_BF16_IN_F32) convert(target, target, WIDTH, number);
        continue;
      }
      if ((first + row) % 2 == 1) continue;
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
           job->cosines + job->angles[i] * half, job->sines + job->angles[i] * half, plain);
    if (number != ALR_NUMBER_F32) convert(plain, target, job->head_dim, number);
  }

  size_t limit = job->end[job->rows - 1];
  size_t first_panel = job->first[0] / WIDTH, end_panel = (limit + WIDTH - 1) / WIDTH;
  for (size_t panel = first_panel; panel < end_panel; panel++) {
#define BODY(n) scores_tile(n, job, panel, number)
    FOR_ROWS(job->rows, BODY)
#undef BODY
  }

  size_t from = first_panel * WIDTH, to = end_panel * WIDTH;
  for (size_t i = 0; i < job->rows; i++) {
    float *row = job->strip + i * job->strip_stride;
    float scale = job->scale;
    if (job->soft_cap > 0) {
      soft_cap(row + from, scale, job->soft_cap, to - from);
      scale = 1;
    }
    job->sums[i] = soften(row, from, job->first[i], job->end[i], to, scale);
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
