// What does not stand in the table of kernels: the dispatch, and widening of stored types.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_accuracy.h"

void check_dispatch(void) {
  const char *own = "dispatch";
  expect(alr_kernels_named("scalar") != NULL, own, "no scalar kernels");
  expect(alr_kernels_named("vector") != NULL, own, "no vector kernels");
  expect(alr_kernels_named("none such") == NULL, own, "a name that does not exist is found");
  const alr_kernels *best = alr_kernels_best();
  expect(best && alr_kernels_named(best->name) == best, own, "the best kernels have another name");
#if !defined(__x86_64__)
  expect(best == alr_kernels_named("vector"), own, "the best kernels are not the vectors");
  expect(!alr_kernels_named("avx2") && !alr_kernels_named("avx512"), own,
         "kernels of another processor are found");
#endif
}

// Start and length of a tensor's bytes in a safetensors file, by its own writer's spelling of the
// header; 0 where it is not there.
static size_t find_tensor(const char *file, const char *name, const char **start) {
  uint64_t header;
  memcpy(&header, file, sizeof header);
  char key[64];
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *entry = strstr(file + 8, key);
  const char *offsets = entry ? strstr(entry, "\"data_offsets\":[") : NULL;
  size_t from, to;
  if (!offsets || sscanf(offsets, "\"data_offsets\":[%zu,%zu]", &from, &to) != 2) return 0;
  *start = file + 8 + header + from;
  return to - from;
}

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  char *bytes = calloc(1, 1 << 20);
  *size = bytes ? fread(bytes, 1, (1 << 20) - 1, file) : 0;
  fclose(file);
  return bytes;
}

void check_widening(const char *fixture) {
  static const struct {
    const char *name;
    alr_stored_type type;
  } types[] = {
      {"F32", ALR_STORED_F32},         {"F16", ALR_STORED_F16},
      {"BF16", ALR_STORED_BF16},       {"F8_E4M3", ALR_STORED_F8_E4M3},
      {"F8_E5M2", ALR_STORED_F8_E5M2}, {"Q8_0", ALR_STORED_Q8_0},
      {"Q4_0", ALR_STORED_Q4_0},       {"Q4_1", ALR_STORED_Q4_1},
      {"Q5_0", ALR_STORED_Q5_0},       {"Q5_1", ALR_STORED_Q5_1},
      {"Q2_K", ALR_STORED_Q2_K},       {"Q3_K", ALR_STORED_Q3_K},
      {"Q4_K", ALR_STORED_Q4_K},       {"Q5_K", ALR_STORED_Q5_K},
      {"Q6_K", ALR_STORED_Q6_K},
  };
  size_t size = 0;
  char *file = read_file(fixture, &size);
  expect(file && size > 8, "widening", "the fixture cannot be read");
  for (size_t i = 0; file && size > 8 && i < sizeof types / sizeof *types; i++) {
    char name[32];
    const char *stored, *values;
    snprintf(name, sizeof name, "%s.stored", types[i].name);
    size_t stored_bytes = find_tensor(file, name, &stored);
    snprintf(name, sizeof name, "%s.values", types[i].name);
    size_t count = find_tensor(file, name, &values) / sizeof(float);
    expect(stored_bytes > 0 && count > 0, types[i].name, "is not in the fixture");
    if (stored_bytes == 0 || count == 0) continue;
    float *found = room(count);
    alr_dequantize(types[i].type, stored, found, count);
    for (size_t j = 0; j < count; j++) {
      float wanted;
      memcpy(&wanted, values + j * sizeof wanted, sizeof wanted);
      expect(memcmp(&wanted, found + j, sizeof wanted) == 0 || (isnan(wanted) && isnan(found[j])),
             types[i].name, "a widened value differs from the reference's");
    }
    release_rooms(types[i].name, "alr_dequantize");
  }
  free(file);
}
