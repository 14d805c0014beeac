// Part of kernels_template.h: norms of rows, and what is applied to whole rows.

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
