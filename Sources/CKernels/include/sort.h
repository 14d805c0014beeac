#ifndef ALR_SORT_H
#define ALR_SORT_H

#include <stddef.h>

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

#ifdef __cplusplus
}
#endif
#endif
