#ifndef ALR_SORT_H
#define ALR_SORT_H

#include <stddef.h>
#include <stdint.h>

/// `sort_scores` and `select_range` of the table of kernels: one value at a time, and sixteen at a
/// time where AVX-512 compresses lanes.
int alr_sort_scores_plain(const float *scores, size_t count, float *sorted, float *scratch);
size_t alr_select_range_plain(const int32_t *order, size_t count, int32_t lower, uint32_t size,
                              int32_t *selected);

#if defined(__x86_64__)
int alr_sort_scores_avx512(const float *scores, size_t count, float *sorted, float *scratch);
size_t alr_select_range_avx512(const int32_t *order, size_t count, int32_t lower, uint32_t size,
                               int32_t *selected);
#endif

#endif
