// Stored floats to float32, and the choice of the function for a stored type.

#include "dequantize.h"

#include "dequantize_types.h"

static void dequantize_f32(const uint8_t *restrict source, float *restrict destination,
                           size_t count) {
  memcpy(destination, source, count * sizeof(float));
}

static void dequantize_f16(const uint8_t *restrict source, float *restrict destination,
                           size_t count) {
  for (size_t i = 0; i < count; ++i) destination[i] = alr_load_half(source + 2 * i);
}

static void dequantize_bf16(const uint8_t *restrict source, float *restrict destination,
                            size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t upper = (uint32_t)source[2 * i] | (uint32_t)source[2 * i + 1] << 8;
    destination[i] = alr_float_from_bits(upper << 16);
  }
}

static void dequantize_f8_e4m3(const uint8_t *restrict source, float *restrict destination,
                               size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t magnitude = source[i] & 0x7fu;
    const uint32_t sign = (uint32_t)(source[i] & 0x80u) << 24;
    const float subnormal = (float)(int32_t)magnitude * 0x1p-9f;
    uint32_t small;
    memcpy(&small, &subnormal, sizeof small);
    const uint32_t normal = (magnitude << 20) + (120u << 23);
    const uint32_t bits = magnitude < 8 ? small : magnitude < 0x7f ? normal : 0x7fc00000u;
    destination[i] = alr_float_from_bits(bits | sign);
  }
}

static void dequantize_f8_e5m2(const uint8_t *restrict source, float *restrict destination,
                               size_t count) {
  for (size_t i = 0; i < count; ++i) {
    destination[i] = alr_float_from_half((uint16_t)(source[i] << 8));
  }
}

void alr_dequantize(alr_stored_type type, const void *source, float *destination, size_t count) {
  switch (type) {
    case ALR_STORED_F32: dequantize_f32(source, destination, count); break;
    case ALR_STORED_F16: dequantize_f16(source, destination, count); break;
    case ALR_STORED_BF16: dequantize_bf16(source, destination, count); break;
    case ALR_STORED_F8_E4M3: dequantize_f8_e4m3(source, destination, count); break;
    case ALR_STORED_F8_E5M2: dequantize_f8_e5m2(source, destination, count); break;
    case ALR_STORED_Q8_0: alr_dequantize_q8_0(source, destination, count / 32); break;
    case ALR_STORED_Q4_0: alr_dequantize_q4_0(source, destination, count / 32); break;
    case ALR_STORED_Q4_1: alr_dequantize_q4_1(source, destination, count / 32); break;
    case ALR_STORED_Q5_0: alr_dequantize_q5_0(source, destination, count / 32); break;
    case ALR_STORED_Q5_1: alr_dequantize_q5_1(source, destination, count / 32); break;
    case ALR_STORED_Q2_K: alr_dequantize_q2_K(source, destination, count / 256); break;
    case ALR_STORED_Q3_K: alr_dequantize_q3_K(source, destination, count / 256); break;
    case ALR_STORED_Q4_K: alr_dequantize_q4_K(source, destination, count / 256); break;
    case ALR_STORED_Q5_K: alr_dequantize_q5_K(source, destination, count / 256); break;
    case ALR_STORED_Q6_K: alr_dequantize_q6_K(source, destination, count / 256); break;
  }
}
