// Blocks of 32 elements with a float16 scale and, in the `_1` types, a float16 minimum.
//
// Of a nibble pair the low one belongs to the first half of the block, the high one to the second.

#include "dequantize_types.h"

enum { BLOCK = 32, HALF = 16 };

/// scale, 32 × int8: x = q · scale
void alr_dequantize_q8_0(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 34, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const int8_t *q = (const int8_t *)(source + 2);
    for (int i = 0; i < BLOCK; ++i) destination[i] = (float)q[i] * scale;
  }
}

/// scale, 16 nibble pairs: x = scale · (q - 8)
void alr_dequantize_q4_0(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 18, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const uint8_t *pairs = source + 2;
    for (int i = 0; i < HALF; ++i) {
      destination[i] = scale * (float)((pairs[i] & 15) - 8);
      destination[i + HALF] = scale * (float)((pairs[i] >> 4) - 8);
    }
  }
}

/// scale, minimum, 16 nibble pairs: x = scale · q + minimum
void alr_dequantize_q4_1(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 20, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const float minimum = alr_load_half(source + 2);
    const uint8_t *pairs = source + 4;
    for (int i = 0; i < HALF; ++i) {
      destination[i] = scale * (float)(pairs[i] & 15) + minimum;
      destination[i + HALF] = scale * (float)(pairs[i] >> 4) + minimum;
    }
  }
}

/// scale, 32 fifth bits, 16 nibble pairs: x = scale · (q - 16)
void alr_dequantize_q5_0(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 22, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const uint32_t fifth = alr_load_u32(source + 2);
    const uint8_t *pairs = source + 6;
    for (int i = 0; i < HALF; ++i) {
      const int low = (pairs[i] & 15) | (int)(fifth >> i & 1) << 4;
      const int high = pairs[i] >> 4 | (int)(fifth >> (i + HALF) & 1) << 4;
      destination[i] = scale * (float)(low - 16);
      destination[i + HALF] = scale * (float)(high - 16);
    }
  }
}

/// scale, minimum, 32 fifth bits, 16 nibble pairs: x = scale · q + minimum
void alr_dequantize_q5_1(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 24, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const float minimum = alr_load_half(source + 2);
    const uint32_t fifth = alr_load_u32(source + 4);
    const uint8_t *pairs = source + 8;
    for (int i = 0; i < HALF; ++i) {
      const int low = (pairs[i] & 15) | (int)(fifth >> i & 1) << 4;
      const int high = pairs[i] >> 4 | (int)(fifth >> (i + HALF) & 1) << 4;
      destination[i] = scale * (float)low + minimum;
      destination[i + HALF] = scale * (float)high + minimum;
    }
  }
}
