// Takes slots out of packed keys and values: memory is moved, nothing is computed.

#include "slots.h"

#include <string.h>

void alr_keep_keys(const void *panels, void *target, size_t head_dim, size_t width,
                   const uint32_t *slots, size_t count, int is_bf16) {
  // In bf16 a pair of dimensions is one element.
  size_t depth = is_bf16 ? head_dim / 2 : head_dim;
  const uint32_t *from = panels;
  uint32_t *to = target;
  for (size_t i = 0; i < count; i++) {
    if (from == to && slots[i] == i) continue;
    const uint32_t *source = from + slots[i] / width * depth * width + slots[i] % width;
    uint32_t *moved = to + i / width * depth * width + i % width;
    for (size_t d = 0; d < depth; d++) moved[d * width] = source[d * width];
  }
}

// Slots of a value panel stand one after another, in bf16 two of them side by side.
static void keep_halves(const uint16_t *from, uint16_t *to, size_t width, const uint32_t *slots,
                        size_t count) {
  for (size_t i = 0; i < count; i++) {
    const uint16_t *source = from + slots[i] / 2 * 2 * width + slots[i] % 2;
    uint16_t *moved = to + i / 2 * 2 * width + i % 2;
    for (size_t j = 0; j < width; j++) moved[2 * j] = source[2 * j];
  }
  if (count % 2 == 1) {
    uint16_t *last = to + (count - 1) * width + 1;
    for (size_t j = 0; j < width; j++) last[2 * j] = 0;
  }
}

void alr_keep_values(const void *panels, size_t capacity, void *target, size_t target_capacity,
                     size_t head_dim, size_t width, const uint32_t *slots, size_t count,
                     int is_bf16) {
  size_t value_panels = (head_dim + width - 1) / width;
  for (size_t panel = 0; panel < value_panels; panel++) {
    if (is_bf16) {
      keep_halves((const uint16_t *)panels + panel * capacity * width,
                  (uint16_t *)target + panel * target_capacity * width, width, slots, count);
      continue;
    }
    const float *from = (const float *)panels + panel * capacity * width;
    float *to = (float *)target + panel * target_capacity * width;
    for (size_t i = 0; i < count; i++) {
      if (from == to && slots[i] == i) continue;
      memmove(to + i * width, from + slots[i] * width, width * sizeof *to);
    }
  }
}
