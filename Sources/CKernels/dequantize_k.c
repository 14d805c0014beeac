// K-quants: blocks of 256 elements in groups of 16 or 32, each group with a quantized scale (and
// minimum) of its own under one float16 scale (and minimum) of the block.
//
// Two bits of an element stand in one byte with those of the elements 32, 64 and 96 further on;
// four bits with those of the element 32 further on, in Q6_K 64.

#include "dequantize_types.h"

enum { BLOCK = 256 };

/// 16 × (4-bit scale, 4-bit minimum), 64 × four 2-bit q, scale, minimum; groups of 16:
/// x = (scale · s) · q - minimum · m
void alr_dequantize_q2_K(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 84, destination += BLOCK) {
    const uint8_t *quads = source + 16;
    const float scale = alr_load_half(source + 80);
    const float minimum = alr_load_half(source + 82);
    for (int group = 0; group < 16; ++group) {
      const float s = scale * (float)(source[group] & 15);
      const float m = minimum * (float)(source[group] >> 4);
      const uint8_t *q = quads + 32 * (group / 8) + 16 * (group % 2);
      const int shift = 2 * (group / 2 % 4);
      float *x = destination + 16 * group;
      for (int i = 0; i < 16; ++i) x[i] = s * (float)(q[i] >> shift & 3) - m;
    }
  }
}

/// 32 × eight third bits, 64 × four 2-bit q, 16 × 6-bit scale in 12 bytes, scale; groups of 16:
/// x = (scale · (s - 32)) · (q - (third bit ? 0 : 4))
void alr_dequantize_q3_K(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 110, destination += BLOCK) {
    const uint8_t *quads = source + 32;
    const uint8_t *scales = source + 96;
    const float scale = alr_load_half(source + 108);
    for (int group = 0; group < 16; ++group) {
      const int low = scales[group % 8] >> 4 * (group / 8) & 15;
      const int high = scales[8 + group % 4] >> 2 * (group / 4) & 3;
      const float s = scale * (float)((low | high << 4) - 32);
      const uint8_t *third = source + 16 * (group % 2);
      const uint8_t *q = quads + 32 * (group / 8) + 16 * (group % 2);
      const int bit = group / 2;
      const int shift = 2 * (group / 2 % 4);
      float *x = destination + 16 * group;
      for (int i = 0; i < 16; ++i) {
        const int value = (q[i] >> shift & 3) + ((third[i] >> bit & 1) << 2) - 4;
        x[i] = s * (float)value;
      }
    }
  }
}

/// The 6-bit scale and minimum of one of 8 groups: the first four groups have theirs in the lower
/// six bits of bytes 0–3 and 4–7, the others in the nibbles of bytes 8–11 and the upper two bits of
/// the first eight.
static inline void load_scale_and_minimum(const uint8_t *packed, int group, int *scale,
                                          int *minimum) {
  if (group < 4) {
    *scale = packed[group] & 63;
    *minimum = packed[group + 4] & 63;
  } else {
    *scale = (packed[group + 4] & 15) | (packed[group - 4] >> 2 & 0x30);
    *minimum = packed[group + 4] >> 4 | (packed[group] >> 2 & 0x30);
  }
}

/// scale, minimum, 8 × (6-bit scale, 6-bit minimum) in 12 bytes, 128 nibble pairs; groups of 32:
/// x = (scale · s) · q - minimum · m
void alr_dequantize_q4_K(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 144, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const float minimum = alr_load_half(source + 2);
    for (int group = 0; group < 8; ++group) {
      int group_scale, group_minimum;
      load_scale_and_minimum(source + 4, group, &group_scale, &group_minimum);
      const float s = scale * (float)group_scale;
      const float m = minimum * (float)group_minimum;
      const uint8_t *pairs = source + 16 + 32 * (group / 2);
      const int shift = 4 * (group % 2);
      float *x = destination + 32 * group;
      for (int i = 0; i < 32; ++i) x[i] = s * (float)(pairs[i] >> shift & 15) - m;
    }
  }
}

/// scale, minimum, scales as Q4_K, 32 × eight fifth bits, 128 nibble pairs; groups of 32:
/// x = (scale · s) · q - minimum · m
void alr_dequantize_q5_K(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 176, destination += BLOCK) {
    const float scale = alr_load_half(source);
    const float minimum = alr_load_half(source + 2);
    const uint8_t *fifth = source + 16;
    for (int group = 0; group < 8; ++group) {
      int group_scale, group_minimum;
      load_scale_and_minimum(source + 4, group, &group_scale, &group_minimum);
      const float s = scale * (float)group_scale;
      const float m = minimum * (float)group_minimum;
      const uint8_t *pairs = source + 48 + 32 * (group / 2);
      const int shift = 4 * (group % 2);
      float *x = destination + 32 * group;
      for (int i = 0; i < 32; ++i) {
        const int q = (pairs[i] >> shift & 15) | (fifth[i] >> group & 1) << 4;
        x[i] = s * (float)q - m;
      }
    }
  }
}

/// 128 nibble pairs, 64 × four upper 2-bit parts, 16 × int8 scale, scale; groups of 16:
/// x = (scale · s) · (q - 32)
void alr_dequantize_q6_K(const uint8_t *restrict source, float *restrict destination,
                         size_t blocks) {
  for (size_t b = 0; b < blocks; ++b, source += 210, destination += BLOCK) {
    const uint8_t *pairs = source;
    const uint8_t *quads = source + 128;
    const int8_t *scales = (const int8_t *)(source + 192);
    const float scale = alr_load_half(source + 208);
    for (int group = 0; group < 16; ++group) {
      const float s = scale * (float)scales[group];
      const uint8_t *low = pairs + 64 * (group / 8) + 16 * (group % 4);
      const uint8_t *high = quads + 32 * (group / 8) + 16 * (group % 2);
      const int low_shift = 4 * (group / 4 % 2);
      const int high_shift = 2 * (group / 2 % 4);
      float *x = destination + 16 * group;
      for (int i = 0; i < 16; ++i) {
        const int q = (low[i] >> low_shift & 15) | (high[i] >> high_shift & 3) << 4;
        x[i] = s * (float)(q - 32);
      }
    }
  }
}
