// Rooms, random numbers and the table of errors.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_accuracy.h"

enum { MARGIN = 64, ROOMS = 64, ROWS = 64, SETS = 8 };
// NaN as a float32 and as two bf16.
static const uint32_t POISON = 0x7fc17fc1;

static uint64_t state;
void seed_random(uint64_t seed) { state = seed; }

uint64_t random_bits(void) {
  uint64_t z = state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

float random_float(float low, float high) {
  return low + (high - low) * (float)(random_bits() >> 40) * 0x1p-24f;
}

static struct {
  uint32_t *start;
  size_t count;
} rooms[ROOMS];
static size_t room_count;

float *room(size_t count) {
  uint32_t *start = malloc((count + 2 * MARGIN) * sizeof *start);
  if (!start || room_count == ROOMS) {
    fprintf(stderr, "no room for %zu floats\n", count);
    exit(2);
  }
  for (size_t i = 0; i < count + 2 * MARGIN; i++) start[i] = POISON;
  rooms[room_count].start = start;
  rooms[room_count++].count = count;
  return (float *)(start + MARGIN);
}

float *random_room(size_t count, float low, float high) {
  float *values = room(count);
  for (size_t i = 0; i < count; i++) values[i] = random_float(low, high);
  return values;
}

void release_rooms(const char *kernels, const char *what) {
  int intact = 1;
  while (room_count > 0) {
    uint32_t *start = rooms[--room_count].start, *end = start + MARGIN + rooms[room_count].count;
    for (size_t i = 0; i < MARGIN; i++) intact &= start[i] == POISON && end[i] == POISON;
    free(start);
  }
  if (!intact) {
    char words[128];
    snprintf(words, sizeof words, "%s writes outside its buffers", what);
    expect(0, kernels, words);
  }
}

float bf16(float x) {
  uint32_t bits = (uint32_t)bf16_bits(x) << 16;
  memcpy(&x, &bits, sizeof x);
  return x;
}

uint16_t bf16_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

size_t bytes_of(alr_number number) { return number == ALR_NUMBER_BF16 ? 2 : 4; }

float get(const void *buffer, size_t index, alr_number number) {
  if (number != ALR_NUMBER_BF16) return ((const float *)buffer)[index];
  uint16_t half;
  memcpy(&half, (const char *)buffer + 2 * index, sizeof half);
  uint32_t bits = (uint32_t)half << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

void put(void *buffer, size_t index, float x, alr_number number) {
  if (number == ALR_NUMBER_BF16) {
    uint16_t bits = bf16_bits(x);
    memcpy((char *)buffer + 2 * index, &bits, sizeof bits);
  } else {
    ((float *)buffer)[index] = number == ALR_NUMBER_F32 ? x : bf16(x);
  }
}

size_t panel_index(size_t depth, size_t column, size_t width, alr_number number) {
  if (number != ALR_NUMBER_BF16) return depth * width + column;
  return (depth / 2 * width + column) * 2 + depth % 2;
}

double units(float found, double expected, double scale) {
  if (!isfinite(found)) return INFINITY;
  double size = fmax(fabs(scale), 0x1p-126);
  return fabs((double)found - expected) / ldexp(1, ilogb(size) - 23);
}

static const char *sets[SETS];
static struct {
  const char *what;
  double limit;
  double worst[SETS];
  int seen[SETS];
} rows[ROWS];
static size_t set_count, row_count;
static int failures;

static size_t place_of(const char *name, const char **names, size_t *count, size_t most) {
  for (size_t i = 0; i < *count; i++) {
    if (strcmp(names[i], name) == 0) return i;
  }
  if (*count == most) exit(2);
  names[*count] = name;
  return (*count)++;
}

void record(const char *kernels, const char *what, double error, double limit) {
  size_t set = place_of(kernels, sets, &set_count, SETS), row = 0;
  while (row < row_count && strcmp(rows[row].what, what) != 0) row++;
  if (row == ROWS) exit(2);
  if (row == row_count) row_count++;
  rows[row].what = what;
  rows[row].limit = limit;
  rows[row].seen[set] = 1;
  // A NaN is as wrong as can be, and no comparison would keep it.
  if (!(error <= rows[row].worst[set])) rows[row].worst[set] = isnan(error) ? INFINITY : error;
}

void expect(int holds, const char *kernels, const char *what) {
  static char last[160];
  if (holds) return;
  failures++;
  char line[sizeof last];
  snprintf(line, sizeof line, "FAIL %s: %s", kernels, what);
  if (strcmp(line, last) != 0) puts(line);
  memcpy(last, line, sizeof last);
}

int report(void) {
  printf("| kernel |");
  for (size_t set = 0; set < set_count; set++) printf(" %s |", sets[set]);
  printf(" limit |\n| --- |");
  for (size_t set = 0; set <= set_count; set++) printf(" --- |");
  printf("\n");
  for (size_t row = 0; row < row_count; row++) {
    printf("| %s |", rows[row].what);
    for (size_t set = 0; set < set_count; set++) {
      int fails = rows[row].seen[set] && rows[row].worst[set] > rows[row].limit;
      failures += fails;
      if (rows[row].seen[set]) {
        printf(" %.2f%s |", rows[row].worst[set], fails ? " FAIL" : "");
      } else {
        printf(" |");
      }
    }
    printf(" %g |\n", rows[row].limit);
  }
  printf("\n%d failures\n", failures);
  return failures;
}
