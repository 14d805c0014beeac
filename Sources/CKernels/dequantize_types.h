#ifndef ALR_DEQUANTIZE_TYPES_H
#define ALR_DEQUANTIZE_TYPES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// A fused multiply-add would round once where the reference rounds twice.
#pragma STDC FP_CONTRACT OFF

/// One function a stored type; `blocks` counts blocks, single elements where there are none.
typedef void alr_dequantizer(const uint8_t *restrict source, float *restrict destination,
                             size_t blocks);

alr_dequantizer alr_dequantize_q8_0, alr_dequantize_q4_0, alr_dequantize_q4_1,
    alr_dequantize_q5_0, alr_dequantize_q5_1, alr_dequantize_q2_K, alr_dequantize_q3_K,
    alr_dequantize_q4_K, alr_dequantize_q5_K, alr_dequantize_q6_K;

static inline float alr_float_from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// float16 to float32 without branches: exponent 0 counts units of 2^-24, exponent 31 is infinity
/// or NaN, all others move to the wider exponent's bias.
static inline float alr_float_from_half(uint16_t half) {
  const uint32_t magnitude = half & 0x7fffu;
  const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
  const float subnormal = (float)(int32_t)magnitude * 0x1p-24f;
  uint32_t small;
  memcpy(&small, &subnormal, sizeof small);
  const uint32_t normal = (magnitude << 13) + 0x38000000u;
  const uint32_t special = (magnitude << 13) | 0x7f800000u;
  const uint32_t bits = magnitude < 0x0400u ? small : magnitude < 0x7c00u ? normal : special;
  return alr_float_from_bits(bits | sign);
}

/// The float16 at `source`, little-endian as every file stores it.
static inline float alr_load_half(const uint8_t *source) {
  return alr_float_from_half((uint16_t)(source[0] | source[1] << 8));
}

static inline uint32_t alr_load_u32(const uint8_t *source) {
  return (uint32_t)source[0] | (uint32_t)source[1] << 8 | (uint32_t)source[2] << 16 |
         (uint32_t)source[3] << 24;
}

#endif
