// 128-bit vectors as every 64-bit processor has them: SSE2, NEON.

#define VL 4
#if defined(__aarch64__)
#define ROW_TILE 8
#define HALF_CONVERSION
#else
#define ROW_TILE 6
#endif
#define KERNEL
#define KERNELS alr_kernels_vector
#define ISA_NAME "vector"
#include "kernels_template.h"
