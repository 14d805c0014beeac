// AVX2 with fused multiply-add.

#if defined(__x86_64__)
#include <immintrin.h>

#define VL 8
#define ROW_TILE 6
#define KERNEL __attribute__((target("arch=x86-64-v3")))
#define KERNELS alr_kernels_avx2
#define HALF_CONVERSION
#define GATHER_WORDS(base, offsets) \
  _mm256_i32gather_epi32((const int *)(base), (__m256i)(offsets), 1)
#define ISA_NAME "avx2"
#include "kernels_template.h"
#endif
