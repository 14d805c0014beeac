// Which kernels this processor can run.

#include <string.h>

#include "CKernels.h"

extern const alr_kernels alr_kernels_scalar, alr_kernels_vector;

#if defined(__x86_64__)
extern const alr_kernels alr_kernels_avx2, alr_kernels_avx512, alr_kernels_avx512bf16;

static int has_avx2(void) { return __builtin_cpu_supports("x86-64-v3"); }
static int has_avx512(void) { return __builtin_cpu_supports("x86-64-v4"); }
static int has_avx512bf16(void) { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }
#endif

static int always(void) { return 1; }

// Fastest first.
static const struct {
  const alr_kernels *kernels;
  int (*supported)(void);
} choices[] = {
#if defined(__x86_64__)
    {&alr_kernels_avx512bf16, has_avx512bf16},
    {&alr_kernels_avx512, has_avx512},
    {&alr_kernels_avx2, has_avx2},
#endif
    {&alr_kernels_vector, always},
    {&alr_kernels_scalar, always},
};

const alr_kernels *alr_kernels_named(const char *name) {
  for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
    if (strcmp(choices[i].kernels->name, name) == 0) {
      return choices[i].supported() ? choices[i].kernels : NULL;
    }
  }
  return NULL;
}

const alr_kernels *alr_kernels_best(void) {
  for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
    if (choices[i].supported()) return choices[i].kernels;
  }
  return &alr_kernels_scalar;
}
