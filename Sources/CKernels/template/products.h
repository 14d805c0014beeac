// Part of kernels_template.h: register tiles, the matrix products made of them, and the peak.

INLINE void tile_f32(int rows, size_t depth, const float *a, size_t stride, const float *panel,
                     vfloat sum[ROW_TILE][2]) {
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (vfloat){0};
  for (size_t k = 0; k < depth; k++) {
    vfloat b0 = load(panel + k * WIDTH), b1 = load(panel + k * WIDTH + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      vfloat x = splat(a[k + (size_t)i * stride]);
      sum[i][0] += x * b0;
      sum[i][1] += x * b1;
    }
  }
}

#ifdef BF16_DOT
// The same over pairs: depth and strides count bf16 values, two to a 32-bit lane.
INLINE void tile_bf16(int rows, size_t depth, const uint16_t *a, size_t stride,
                      const uint16_t *panel, vfloat sum[ROW_TILE][2]) {
  UNROLL for (int i = 0; i < rows; i++) sum[i][0] = sum[i][1] = (vfloat){0};
  for (size_t k = 0; k < depth; k += 2) {
    vfloat b0 = load((const float *)(panel + k * WIDTH));
    vfloat b1 = load((const float *)(panel + k * WIDTH) + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      float pair;
      memcpy(&pair, a + k + (size_t)i * stride, sizeof pair);
      vfloat x = splat(pair);
      sum[i][0] = BF16_DOT(sum[i][0], x, b0);
      sum[i][1] = BF16_DOT(sum[i][1], x, b1);
    }
  }
}
#endif

INLINE void tile(int rows, size_t depth, const void *a, size_t a_offset, size_t stride,
                 const void *panel, size_t panel_offset, alr_number number,
                 vfloat sum[ROW_TILE][2]) {
#ifdef BF16_DOT
  if (number == ALR_NUMBER_BF16) {
    tile_bf16(rows, depth, (const uint16_t *)a + a_offset, stride,
              (const uint16_t *)panel + panel_offset, sum);
    return;
  }
#endif
  (void)number;
  tile_f32(rows, depth, (const float *)a + a_offset, stride, (const float *)panel + panel_offset,
           sum);
}

// Calls BODY with a constant number of rows, so that every tile's loops unroll.
#define CASE(n, BODY) \
  case n:             \
    BODY(n);          \
    break;
#if ROW_TILE > 8
#define CASES_HIGH(BODY) CASE(9, BODY) CASE(10, BODY) CASE(11, BODY) CASE(12, BODY) CASE(13, BODY) CASE(14, BODY)
#else
#define CASES_HIGH(BODY)
#endif
#if ROW_TILE > 6
#define CASES_MIDDLE(BODY) CASE(7, BODY) CASE(8, BODY)
#else
#define CASES_MIDDLE(BODY)
#endif
#define FOR_ROWS(rows, BODY)                                                                     \
  switch (rows) {                                                                                \
    CASE(1, BODY) CASE(2, BODY) CASE(3, BODY) CASE(4, BODY) CASE(5, BODY) CASE(6, BODY)          \
    CASES_MIDDLE(BODY) CASES_HIGH(BODY)                                                          \
  }


typedef enum { STORE, ADD, GATE_SILU, GATE, ACTIVATE } epilogue;

// Out of line, so that only the commonest activation is unrolled into every tile.
KERNEL static __attribute__((noinline)) void activate_tile(vfloat (*tile)[2], int rows, int vectors,
                                                           alr_activation kind) {
  for (int i = 0; i < rows; i++) {
    for (int j = 0; j < vectors; j++) tile[i][j] = activate(tile[i][j], kind);
  }
}

INLINE void product_tile(int rows, const alr_product *job, size_t row, size_t panel,
                         epilogue finish, alr_activation activation, alr_number number) {
  vfloat sum[ROW_TILE][2];
  if (finish == STORE || finish == ADD) {
    // The lines of C arrive while the sums are made.
    UNROLL for (int i = 0; i < rows; i++) {
      const float *c = (const float *)job->c + (row + (size_t)i) * job->c_stride + panel * WIDTH;
      __builtin_prefetch(c, 1);
      __builtin_prefetch(c + WIDTH / 2, 1);
    }
  }
  tile(rows, job->depth, job->a, row * job->a_stride, job->a_stride, job->panels,
       panel * job->panel_stride, number, sum);
  if (job->bias) {
    vfloat b0 = load(job->bias + panel * WIDTH), b1 = load(job->bias + panel * WIDTH + VL);
    UNROLL for (int i = 0; i < rows; i++) {
      sum[i][0] += b0;
      sum[i][1] += b1;
    }
  }
  if (finish == GATE || finish == ACTIVATE) {
    // A copy, since the sums themselves stay in registers only while nobody has their address.
    vfloat copy[ROW_TILE][2];
    UNROLL for (int i = 0; i < rows; i++) {
      copy[i][0] = sum[i][0];
      copy[i][1] = sum[i][1];
    }
    activate_tile(copy, rows, finish == GATE ? 1 : 2, activation);
    UNROLL for (int i = 0; i < rows; i++) {
      size_t start = (row + (size_t)i) * job->c_stride;
      if (finish == GATE) {
        store_number(job->c, start + panel * VL, copy[i][0] * sum[i][1], number);
      } else {
        store_number(job->c, start + panel * WIDTH, copy[i][0], number);
        store_number(job->c, start + panel * WIDTH + VL, copy[i][1], number);
      }
    }
    return;
  }
  UNROLL for (int i = 0; i < rows; i++) {
    size_t start = (row + (size_t)i) * job->c_stride;
    if (finish == GATE_SILU) {
      store_number(job->c, start + panel * VL, activate(sum[i][0], ALR_ACTIVATION_SILU) * sum[i][1],
                   number);
    } else {
      float *c = (float *)job->c + start + panel * WIDTH;
      store(c, finish == ADD ? load(c) + sum[i][0] : sum[i][0]);
      store(c + VL, finish == ADD ? load(c + VL) + sum[i][1] : sum[i][1]);
    }
  }
}

// One panel stays near while the rows of the block pass over it.
INLINE void product_block(const alr_product *job, epilogue finish, alr_activation activation,
                          alr_number number) {
  for (size_t panel = 0; panel < job->panel_count; panel++) {
    size_t row = 0;
    for (; row + ROW_TILE <= job->rows; row += ROW_TILE) {
      product_tile(ROW_TILE, job, row, panel, finish, activation, number);
    }
#define BODY(n) product_tile(n, job, row, panel, finish, activation, number)
    FOR_ROWS(job->rows - row, BODY)
#undef BODY
  }
}

// A constant `number` inside each branch lets the stores and tiles specialise.
INLINE void product_any(const alr_product *job, epilogue finish, alr_activation activation) {
#ifdef BF16_DOT
  if (job->number == ALR_NUMBER_BF16) {
    product_block(job, finish, activation, ALR_NUMBER_BF16);
    return;
  }
#endif
  if (finish != STORE && finish != ADD && job->number == ALR_NUMBER_BF16_IN_F32) {
    product_block(job, finish, activation, ALR_NUMBER_BF16_IN_F32);
  } else {
    product_block(job, finish, activation, ALR_NUMBER_F32);
  }
}

KERNEL static void product(const alr_product *job) {
  product_any(job, STORE, ALR_ACTIVATION_SILU);
}
KERNEL static void product_add(const alr_product *job) {
  product_any(job, ADD, ALR_ACTIVATION_SILU);
}
KERNEL static void product_gated(const alr_product *job, alr_activation activation) {
  if (activation == ALR_ACTIVATION_SILU) {
    product_any(job, GATE_SILU, activation);
  } else {
    product_any(job, GATE, activation);
  }
}
KERNEL static void product_activated(const alr_product *job, alr_activation activation) {
  product_any(job, ACTIVATE, activation);
}

INLINE void peak_rounds(size_t rounds, alr_number number, float *sink) {
  vfloat sum[ROW_TILE][2];
  vfloat a = splat(sink[0]), b = splat(sink[1]);
  UNROLL for (int i = 0; i < ROW_TILE; i++) sum[i][0] = sum[i][1] = splat((float)i);
  for (size_t round = 0; round < rounds; round++) {
    UNROLL for (int i = 0; i < ROW_TILE; i++) {
      UNROLL for (int j = 0; j < 2; j++) {
#ifdef BF16_DOT
        if (number == ALR_NUMBER_BF16) {
          sum[i][j] = BF16_DOT(sum[i][j], a, b);
          continue;
        }
#endif
        (void)number;
        sum[i][j] += a * b;
      }
    }
    // Unknown to the compiler, so that no round can be taken out of the loop.
    __asm__ volatile("" : REGISTER(a));
  }
  vfloat total = {0};
  UNROLL for (int i = 0; i < ROW_TILE; i++) total += sum[i][0] + sum[i][1];
  sink[2] = sum_lanes(total);
}

KERNEL static double peak(size_t rounds, alr_number number, float *sink) {
  double per_round = 2.0 * ROW_TILE * 2 * VL;
#ifdef BF16_DOT
  if (number == ALR_NUMBER_BF16) {
    peak_rounds(rounds, ALR_NUMBER_BF16, sink);
    return (double)rounds * per_round * 2;
  }
#endif
  (void)number;
  peak_rounds(rounds, ALR_NUMBER_F32, sink);
  return (double)rounds * per_round;
}
