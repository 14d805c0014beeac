// Part of kernels_template.h: how much of each of many vectors the others span, in float64.

// Sums of products of rows with rows, `count` a multiple of VL: the lower triangle.
KERNEL static void gram(const double *rows, size_t count, size_t size, double *products) {
  for (size_t i = 0; i < size; i++) {
    const double *own = rows + i * count;
    // Four others share what is loaded of one.
    for (size_t j = 0; j <= i; j += 4) {
      vdouble sums[4] = {{0}};
      const double *other[4];
      UNROLL for (size_t k = 0; k < 4; k++) other[k] = rows + (j + k <= i ? j + k : i) * count;
      for (size_t place = 0; place < count; place += VL) {
        vdouble a = *(const vdouble *)(own + place);
        UNROLL for (int k = 0; k < 4; k++) sums[k] += a * *(const vdouble *)(other[k] + place);
      }
      for (size_t k = 0; k < 4 && j + k <= i; k++) {
        double sum = 0;
        UNROLL for (int lane = 0; lane < VL; lane++) sum += sums[k][lane];
        products[i * size + j + k] = sum;
      }
    }
  }
}

// Solves L y = x for the columns x of `rows` (size, count) and sums the squares of each y.
KERNEL static void solved_squares(const double *factor, const double *rows, size_t count,
                                  size_t size, double *scratch, double *sums) {
  for (size_t place = 0; place < count; place += VL) {
    vdouble squares = {0};
    for (size_t i = 0; i < size; i++) {
      const double *weights = factor + i * size;
      // Four sums, so that none has to wait for another.
      vdouble parts[4] = {{0}};
      size_t k = 0;
      for (; k + 4 <= i; k += 4) {
        UNROLL for (size_t part = 0; part < 4; part++) {
          parts[part] += weights[k + part] * *(const vdouble *)(scratch + (k + part) * VL);
        }
      }
      for (; k < i; k++) parts[0] += weights[k] * *(const vdouble *)(scratch + k * VL);
      vdouble own = *(const vdouble *)(rows + i * count + place);
      own = (own - ((parts[0] + parts[1]) + (parts[2] + parts[3]))) / weights[i];
      *(vdouble *)(scratch + i * VL) = own;
      squares += own * own;
    }
    *(vdouble *)(sums + place) = squares;
  }
}
