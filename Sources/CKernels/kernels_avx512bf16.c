// AVX-512 with products of bfloat16 pairs.

#if defined(__x86_64__)
#include <immintrin.h>

#define VL 16
#define ROW_TILE 14
#define KERNEL __attribute__((target("arch=x86-64-v4,avx512bf16"), min_vector_width(512)))
#define KERNELS alr_kernels_avx512bf16
#define HALF_CONVERSION
#define LANES_OF(table, indices) \
  ((vfloat)_mm512_permutexvar_ps((__m512i)(indices), (__m512)(table)))
#define GATHER_WORDS(base, offsets) _mm512_i32gather_epi32((__m512i)(offsets), (base), 1)
#define ISA_NAME "avx512bf16"
#define SORTING(name) alr_##name##_avx512
#define BF16_DOT(sum, a, b) \
  ((vfloat)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b)))
#include "kernels_template.h"
#endif
