#ifndef ALR_SORT_H
#define ALR_SORT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What `alr_sort_scores` did.
typedef enum {
  ALR_SORTED,
  /// A score is NaN or infinite; nothing is sorted.
  ALR_NOT_FINITE,
  /// This processor lacks the instructions; nothing is sorted.
  ALR_CANNOT_SORT,
} alr_sort_outcome;

/// Sorts the magnitudes of `count` scores ascending into `sorted`.
///
/// `sorted` has room for `count` values, `scratch` for 16 more. Sorted values are the same however
/// they were sorted, so results do not depend on the instruction set.
alr_sort_outcome alr_sort_scores(const float *scores, size_t count, float *sorted, float *scratch);

/// Writes those of `count` distinct positions that lie in lower..<lower + size, less `lower`, in
/// their order into `selected`, which has room for `size`; returns how many there are.
size_t alr_select_range(const int32_t *order, size_t count, int32_t lower, uint32_t size,
                        int32_t *selected);

#ifdef __cplusplus
}
#endif
#endif
