// Part of kernels_template.h: vectors of VL floats, and the functions of them that kernels share.

#pragma STDC FP_CONTRACT ON

#define WIDTH (2 * VL)
#define INLINE KERNEL static inline __attribute__((always_inline))
#if defined(__x86_64__)
#define REGISTER "+v"
#else
#define REGISTER "+w"
#endif
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float vfloat __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef int32_t vint __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef uint32_t vuint __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef uint16_t vhalf __attribute__((vector_size(2 * VL), aligned(2), may_alias));
typedef double vdouble __attribute__((vector_size(8 * VL), aligned(8), may_alias));
typedef uint32_t quad __attribute__((vector_size(16), aligned(4), may_alias));

// x − 0 is x for every x, −0 included, so this compiles to a broadcast.
INLINE vfloat splat(float x) { return x - (vfloat){0}; }
INLINE vfloat load(const float *p) { return *(const vfloat *)p; }
INLINE void store(float *p, vfloat v) { *(vfloat *)p = v; }
INLINE vfloat pick(vint mask, vfloat yes, vfloat no) {
  return (vfloat)((mask & (vint)yes) | (~mask & (vint)no));
}
INLINE vfloat larger(vfloat a, vfloat b) { return pick(a > b, a, b); }
INLINE vfloat smaller(vfloat a, vfloat b) { return pick(a < b, a, b); }

// Adds the lanes in halves: the order depends on VL alone.
INLINE float sum_lanes(vfloat v) {
  float lane[VL];
  memcpy(lane, &v, sizeof lane);
  UNROLL for (int width = VL / 2; width > 0; width /= 2) {
    UNROLL for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  }
  return lane[0];
}

INLINE float max_lanes(vfloat v) {
  float lane[VL];
  memcpy(lane, &v, sizeof lane);
  UNROLL for (int width = VL / 2; width > 0; width /= 2) {
    UNROLL for (int i = 0; i < width; i++) {
      lane[i] = lane[i] > lane[i + width] ? lane[i] : lane[i + width];
    }
  }
  return lane[0];
}

// Nearest bfloat16, ties to even, as the upper half of the bits; NaN stays NaN.
INLINE vuint round_bf16(vfloat v) {
  vuint bits = (vuint)v;
  vuint rounded = bits + 0x7fffu + ((bits >> 16) & 1u);
  vuint nan = (vuint)(v != v);
  return ((nan & (bits | 0x400000u)) | (~nan & rounded)) & 0xffff0000u;
}

INLINE void store_number(void *p, size_t index, vfloat v, alr_number number) {
  if (number == ALR_NUMBER_F32) {
    store((float *)p + index, v);
  } else if (number == ALR_NUMBER_BF16_IN_F32) {
    *(vuint *)((float *)p + index) = round_bf16(v);
  } else {
    *(vhalf *)((uint16_t *)p + index) = __builtin_convertvector(round_bf16(v) >> 16, vhalf);
  }
}

// e^x to about one unit in the last place; 0 below −87.3, where e^x leaves the normal range.
// x = k·ln 2 + r with |r| ≤ ln 2 / 2, and e^r by a polynomial of degree 7.
INLINE vfloat exponential(vfloat x) {
  const float shift = 12582912.0f;  // 1.5 · 2^23: adding it rounds to an integer
  vint vanishes = x < -87.3f;
  // Bounds come first: a comparison with NaN is false and keeps it.
  x = smaller(splat(88.7f), larger(splat(-87.3f), x));
  vfloat shifted = x * 1.44269504f + shift;
  vfloat k = shifted - shift;
  vfloat r = x - k * 0.693359375f;
  r = r + k * 2.12194440e-4f;
  vfloat p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // 2^k in two factors, since k reaches 128 where the result is still finite.
  vint exponent = (vint)shifted - 0x4b400000;
  vint half = exponent >> 1;
  vfloat low = (vfloat)((half + 127) << 23), high = (vfloat)((exponent - half + 127) << 23);
  return pick(vanishes, (vfloat){0}, p * low * high);
}

INLINE vfloat magnitude(vfloat x) { return (vfloat)((vuint)x & 0x7fffffffu); }
INLINE vfloat with_sign(vfloat x, vfloat sign) {
  return (vfloat)((vuint)x | ((vuint)sign & 0x80000000u));
}

// An odd polynomial near zero, where 1 − 2 / (e^2|x| + 1) would cancel.
INLINE vfloat tangent(vfloat x) {
  vfloat size = magnitude(x), square = x * x;
  vfloat p = splat(-6.104960163e-3f);
  p = p * square + 2.100365190e-2f;
  p = p * square - 5.385250060e-2f;
  p = p * square + 1.333278230e-1f;
  p = p * square - 3.333332910e-1f;
  vfloat near = x + x * square * p;
  vfloat far = with_sign(1.0f - 2.0f / (exponential(2.0f * size) + 1.0f), x);
  return pick(size < 0.625f, near, far);
}

// Φ(−|x|) = ½ erfc(t), t = |x| / √2, where erfc(t) = τ · e^(P(τ) − t²), τ = 1 / (1 + t / 2), and P
// is the polynomial nearest to it over t from 0 to 11.
INLINE vfloat lower_tail(vfloat x) {
  vfloat t = magnitude(x) * 0.707106781f;
  vfloat tau = 1.0f / (1.0f + 0.5f * t);
  vfloat p = splat(1.521712825e-1f);
  p = p * tau - 7.201575481e-1f;
  p = p * tau + 1.248985031f;
  p = p * tau - 8.185365907e-1f;
  p = p * tau + 2.035049049e-2f;
  p = p * tau - 5.186151746e-2f;
  p = p * tau + 5.253270019e-2f;
  p = p * tau + 3.829245536e-1f;
  p = p * tau + 9.990604092e-1f;
  p = p * tau - 1.265468758f;
  return 0.5f * tau * exponential(p - t * t);
}

INLINE vfloat activate(vfloat x, alr_activation kind) {
  switch (kind) {
    case ALR_ACTIVATION_GELU: {
      vfloat tail = lower_tail(x);
      return x * pick(x < 0.0f, tail, 1.0f - tail);
    }
    case ALR_ACTIVATION_GELU_TANH:
      // ½(1 + tanh u) = σ(2u)
      return x / (1.0f + exponential(-1.595769122f * (x + 0.044715f * x * x * x)));
    case ALR_ACTIVATION_GELU_QUICK:
      return x / (1.0f + exponential(-1.702f * x));
    default:
      return x / (1.0f + exponential(-x));
  }
}
