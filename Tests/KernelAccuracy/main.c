// Every kernel of every instruction set that this processor has, against float64: prints the worst
// errors and exits with 1 where one is beyond its limit.
//
//   kernel_accuracy dequantize.safetensors

#include <stdio.h>

#include "kernel_accuracy.h"

int main(int argument_count, char **arguments) {
  static const char *names[] = {"scalar", "vector", "avx2", "avx512", "avx512bf16"};
  if (argument_count != 2) {
    fprintf(stderr, "usage: %s dequantize.safetensors\n", arguments[0]);
    return 2;
  }
  check_dispatch();
  check_widening(arguments[1]);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const alr_kernels *kernels = alr_kernels_named(names[i]);
    if (!kernels) continue;
    check_exponential(kernels);
    check_activations(kernels);
    check_products(kernels);
    check_rows(kernels);
    check_copies(kernels);
    check_attention(kernels);
    check_sorting(kernels);
    check_peak(kernels);
  }
  return report() > 0;
}
