#ifndef ALR_DEQUANTIZE_H
#define ALR_DEQUANTIZE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a file stores the elements of a tensor, where they can be computed with.
typedef enum {
  ALR_STORED_F32,
  ALR_STORED_F16,
  ALR_STORED_BF16,
  /// 1 sign, 4 exponent, 3 mantissa bits, no infinity, NaN at 0x7F
  ALR_STORED_F8_E4M3,
  /// 1 sign, 5 exponent, 2 mantissa bits: the upper half of a float16
  ALR_STORED_F8_E5M2,
  /// Blocks of 32 with one scale, and for the `_1` types one minimum
  ALR_STORED_Q8_0,
  ALR_STORED_Q4_0,
  ALR_STORED_Q4_1,
  ALR_STORED_Q5_0,
  ALR_STORED_Q5_1,
  /// Blocks of 256 in groups of 16 or 32 with quantized scales
  ALR_STORED_Q2_K,
  ALR_STORED_Q3_K,
  ALR_STORED_Q4_K,
  ALR_STORED_Q5_K,
  ALR_STORED_Q6_K,
} alr_stored_type;

/// Widens `count` stored elements to float32, each operation rounded on its own, so that the
/// values are those of the reference implementation bit for bit.
///
/// `count` must be a whole number of blocks of the type; `source` need not be aligned and must
/// not overlap `destination`.
void alr_dequantize(alr_stored_type type, const void *source, float *destination, size_t count);

#ifdef __cplusplus
}
#endif
#endif
