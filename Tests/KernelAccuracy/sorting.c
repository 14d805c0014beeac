// Sorting of scores, and selection from an order.

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_accuracy.h"

static int ascending(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void check_sort(const alr_kernels *kernels, size_t count, int kind) {
  float *scores = room(count), *sorted = room(count), *scratch = room(count + 16);
  float *wanted = room(count);
  for (size_t i = 0; i < count; i++) {
    float any = random_float(-1, 1);
    scores[i] = kind == 0 ? any : kind == 1 ? (float)(random_bits() % 4) : kind == 2 ? -(float)i : 7;
    wanted[i] = fabsf(scores[i]);
  }
  if (count > 0) qsort(wanted, count, sizeof *wanted, ascending);
  expect(kernels->sort_scores(scores, count, sorted, scratch), kernels->name,
         "finite scores are not sorted");
  expect(memcmp(sorted, wanted, count * sizeof *sorted) == 0, kernels->name,
         "scores are not in order");
  if (count > 0) {
    scores[random_bits() % count] = kind % 2 ? NAN : -INFINITY;
    expect(!kernels->sort_scores(scores, count, sorted, scratch), kernels->name,
           "what is not finite is sorted");
  }
  release_rooms(kernels->name, "sort_scores");
}

// Every place is asked for once, in an order that a step without a common divisor gives.
static void check_select(const alr_kernels *kernels, size_t count, size_t lower, size_t size) {
  int32_t *order = (int32_t *)room(count), *selected = (int32_t *)room(size);
  for (size_t i = 0; i < count; i++) order[i] = (int32_t)(i * 7919 % count);
  size_t found = kernels->select_range(order, count, (int32_t)lower, (uint32_t)size, selected);
  expect(found == size, kernels->name, "not as many positions as the range has");
  for (size_t i = 0, place = 0; i < count; i++) {
    size_t position = (size_t)order[i];
    if (position < lower || position >= lower + size) continue;
    expect(selected[place++] == (int32_t)(position - lower), kernels->name,
           "a range is not selected in its order");
  }
  release_rooms(kernels->name, "select_range");
}

void check_sorting(const alr_kernels *kernels) {
  static const size_t large[] = {511, 512, 513, 1000, 4097, 100003};
  seed_random(7);
  for (int kind = 0; kind < 4; kind++) {
    for (size_t count = 0; count < 300; count++) check_sort(kernels, count, kind);
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) check_sort(kernels, large[i], kind);
  }
  for (size_t count = 1; count < 100; count++) {
    for (size_t lower = 0; lower <= count; lower += 5) {
      for (size_t size = 0; lower + size <= count; size += 3) {
        check_select(kernels, count, lower, size);
      }
    }
  }
}
