// Sorting of scores, and selection from an order: a radix sort for every processor, and a quicksort
// sixteen at a time for AVX-512, which partitions by compressing lanes and ends in bitonic
// networks.

#include <string.h>

#include "sort.h"

enum { DIGITS = 4, BUCKETS = 256 };

// A float's bits, read and written where floats lie.
typedef uint32_t __attribute__((may_alias)) word;

static size_t digit_of(word bits, int digit) { return bits >> (8 * digit) & (BUCKETS - 1); }

// Magnitudes order as their bits do, so that counting digits from the lowest up sorts them without
// a comparison that could be mispredicted.
int alr_sort_scores_plain(const float *scores, size_t count, float *sorted, float *scratch) {
  uint32_t places[DIGITS][BUCKETS] = {0};
  word *source = (word *)sorted, *target = (word *)scratch;
  word largest = 0;
  for (size_t i = 0; i < count; i++) {
    word bits = ((const word *)scores)[i] & 0x7fffffffu;
    largest = bits > largest ? bits : largest;
    source[i] = bits;
    for (int digit = 0; digit < DIGITS; digit++) places[digit][digit_of(bits, digit)]++;
  }
  if (largest >= 0x7f800000u) return 0;
  for (int digit = 0; digit < DIGITS && count > 0; digit++) {
    uint32_t *next = places[digit];
    // A digit that all of them share moves nothing.
    if (next[digit_of(source[0], digit)] == count) continue;
    uint32_t before = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      uint32_t size = next[bucket];
      next[bucket] = before;
      before += size;
    }
    for (size_t i = 0; i < count; i++) target[next[digit_of(source[i], digit)]++] = source[i];
    word *swapped = source;
    source = target;
    target = swapped;
  }
  if (source != (word *)sorted) memcpy(sorted, scratch, count * sizeof *sorted);
  return 1;
}

size_t alr_select_range_plain(const int32_t *order, size_t count, int32_t lower, uint32_t size,
                              int32_t *selected) {
  size_t kept = 0;
  for (size_t i = 0; i < count && kept < size; i++) {
    int32_t relative = order[i] - lower;
    selected[kept] = relative;
    kept += (uint32_t)relative < size;
  }
  return kept;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define KERNEL __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#define INLINE KERNEL static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

enum { LANES = 16, NETWORK = 8 * LANES };

// One step of a network within a vector: lane i meets lane i ^ flip, and the lanes in `upper` keep
// the larger of the two.
INLINE __m512 meet(__m512 v, int flip, __mmask16 upper) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  __m512 other = _mm512_permutexvar_ps(_mm512_xor_si512(lanes, _mm512_set1_epi32(flip)), v);
  return _mm512_mask_max_ps(_mm512_min_ps(v, other), upper, v, other);
}

INLINE __m512 sort_vector(__m512 v) {
  v = meet(v, 1, 0xaaaa);
  v = meet(v, 3, 0xcccc);
  v = meet(v, 1, 0xaaaa);
  v = meet(v, 7, 0xf0f0);
  v = meet(v, 2, 0xcccc);
  v = meet(v, 1, 0xaaaa);
  v = meet(v, 15, 0xff00);
  v = meet(v, 4, 0xf0f0);
  v = meet(v, 2, 0xcccc);
  return meet(v, 1, 0xaaaa);
}

INLINE void exchange(__m512 *low, __m512 *high) {
  __m512 smaller = _mm512_min_ps(*low, *high);
  *high = _mm512_max_ps(*low, *high);
  *low = smaller;
}

// Sorts the columns, one a lane, of `count` vectors by Batcher's odd-even merges.
INLINE void sort_columns(__m512 *v, int count) {
  UNROLL for (int half = 1; half < count; half *= 2) {
    UNROLL for (int distance = half; distance > 0; distance /= 2) {
      UNROLL for (int i = 0; i < count; i++) {
        int within = i % (2 * half);
        int starts = distance == half
                         ? within < half
                         : within >= distance && (within - distance) % (2 * distance) < distance &&
                               within + distance < 2 * half;
        if (starts) exchange(&v[i], &v[i + distance]);
      }
    }
  }
}

// Merges sorted runs of `lanes` / 2 whole columns in pairs.
INLINE void merge_columns(__m512 *v, int count, int lanes, __mmask16 upper) {
  const __mmask16 uppers[3] = {0xaaaa, 0xcccc, 0xf0f0};
  const __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i mirror = _mm512_xor_si512(index, _mm512_set1_epi32(lanes - 1));
  // The first element meets the last of the pair, the second the last but one.
  UNROLL for (int i = 0; i < count / 2; i++) {
    __m512 a = v[i], b = v[count - 1 - i];
    __m512 meets_a = _mm512_permutexvar_ps(mirror, b), meets_b = _mm512_permutexvar_ps(mirror, a);
    v[i] = _mm512_mask_max_ps(_mm512_min_ps(a, meets_a), upper, a, meets_a);
    v[count - 1 - i] = _mm512_mask_max_ps(_mm512_min_ps(b, meets_b), upper, b, meets_b);
  }
  UNROLL for (int step = 2; step >= 0; step--) {
    if (lanes < 4 << step) continue;
    UNROLL for (int i = 0; i < count; i++) v[i] = meet(v[i], 1 << step, uppers[step]);
  }
  UNROLL for (int distance = count / 2; distance > 0; distance /= 2) {
    UNROLL for (int i = 0; i < count; i++) {
      if ((i & distance) == 0) exchange(&v[i], &v[i + distance]);
    }
  }
}

// Lays columns one after another: each round of perfect shuffles turns the index by one bit.
INLINE void write_columns_as_rows(__m512 *v, int count) {
  const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i second =
      _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  UNROLL for (int round = 1; round < count; round *= 2) {
    __m512 shuffled[NETWORK / LANES];
    UNROLL for (int i = 0; i < count / 2; i++) {
      shuffled[2 * i] = _mm512_permutex2var_ps(v[i], first, v[i + count / 2]);
      shuffled[2 * i + 1] = _mm512_permutex2var_ps(v[i], second, v[i + count / 2]);
    }
    UNROLL for (int i = 0; i < count; i++) v[i] = shuffled[i];
  }
}

// Sorts `count` vectors, a constant power of two. Columns are sorted first, since exchanging whole
// vectors needs no moves between lanes.
INLINE void sort_network(__m512 *v, int count) {
  if (count == 1) {
    v[0] = sort_vector(v[0]);
    return;
  }
  sort_columns(v, count);
  merge_columns(v, count, 2, 0xaaaa);
  merge_columns(v, count, 4, 0xcccc);
  merge_columns(v, count, 8, 0xf0f0);
  merge_columns(v, count, 16, 0xff00);
  write_columns_as_rows(v, count);
}

INLINE __mmask16 first_lanes(size_t count) {
  return count >= LANES ? 0xffff : (__mmask16)((1u << count) - 1);
}

INLINE void sort_few(float *values, size_t count, int vectors) {
  const __m512 infinity = _mm512_set1_ps(__builtin_inff());
  __m512 v[NETWORK / LANES];
  UNROLL for (int i = 0; i < vectors; i++) {
    size_t done = (size_t)i * LANES;
    __mmask16 lanes = count > done ? first_lanes(count - done) : 0;
    v[i] = _mm512_mask_loadu_ps(infinity, lanes, values + done);
  }
  sort_network(v, vectors);
  UNROLL for (int i = 0; i < vectors; i++) {
    size_t done = (size_t)i * LANES;
    __mmask16 lanes = count > done ? first_lanes(count - done) : 0;
    _mm512_mask_storeu_ps(values + done, lanes, v[i]);
  }
}

KERNEL static void sort_small(float *values, size_t count) {
  if (count <= 1) return;
  if (count <= LANES) {
    sort_few(values, count, 1);
  } else if (count <= 2 * LANES) {
    sort_few(values, count, 2);
  } else if (count <= 4 * LANES) {
    sort_few(values, count, 4);
  } else {
    sort_few(values, count, 8);
  }
}

// The middle of sixteen values spread over the range.
INLINE float choose_pivot(const float *values, size_t count) {
  size_t step = count / LANES;
  float sample[LANES];
  for (size_t i = 0; i < LANES; i++) sample[i] = values[i * step + step / 2];
  __m512 sorted = sort_vector(_mm512_loadu_ps(sample));
  _mm512_storeu_ps(sample, sorted);
  return sample[LANES / 2];
}

// Values below the pivot to the front, those above it to the back, equal ones between.
KERNEL static void partition(float *values, size_t count, float pivot, float *scratch,
                             size_t *below_count, size_t *above_count) {
  const __m512 pivots = _mm512_set1_ps(pivot);
  size_t below = 0, above = 0;
  for (size_t i = 0; i < count; i += LANES) {
    __mmask16 lanes = first_lanes(count - i);
    __m512 v = _mm512_maskz_loadu_ps(lanes, values + i);
    __mmask16 less = _mm512_mask_cmp_ps_mask(lanes, v, pivots, _CMP_LT_OQ);
    __mmask16 more = _mm512_mask_cmp_ps_mask(lanes, v, pivots, _CMP_GT_OQ);
    size_t less_count = (size_t)__builtin_popcount(less);
    // Whole vectors are written where they cannot reach what is still to be read.
    if (count - i >= LANES) {
      _mm512_storeu_ps(values + below, _mm512_maskz_compress_ps(less, v));
    } else {
      _mm512_mask_storeu_ps(values + below, first_lanes(less_count),
                            _mm512_maskz_compress_ps(less, v));
    }
    _mm512_storeu_ps(scratch + above, _mm512_maskz_compress_ps(more, v));
    below += less_count;
    above += (size_t)__builtin_popcount(more);
  }
  for (size_t i = below; i < count - above; i++) values[i] = pivot;
  memcpy(values + count - above, scratch, above * sizeof(float));
  *below_count = below;
  *above_count = above;
}

KERNEL static void sort_values(float *values, size_t count, float *scratch) {
  // The larger part waits and the smaller goes on, which at least halves it: 64 are enough.
  struct {
    float *values;
    size_t count;
  } waiting[64];
  int parts = 0;
  for (;;) {
    while (count > NETWORK) {
      size_t below, above;
      partition(values, count, choose_pivot(values, count), scratch, &below, &above);
      float *upper = values + count - above;
      if (below < above) {
        waiting[parts].values = upper;
        waiting[parts++].count = above;
        count = below;
      } else {
        waiting[parts].values = values;
        waiting[parts++].count = below;
        values = upper;
        count = above;
      }
    }
    sort_small(values, count);
    if (parts == 0) return;
    values = waiting[--parts].values;
    count = waiting[parts].count;
  }
}

KERNEL int alr_sort_scores_avx512(const float *scores, size_t count, float *sorted,
                                  float *scratch) {
  uint32_t largest = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits;
    memcpy(&bits, scores + i, sizeof bits);
    bits &= 0x7fffffffu;
    memcpy(sorted + i, &bits, sizeof bits);
    largest = bits > largest ? bits : largest;
  }
  if (largest >= 0x7f800000u) return 0;
  sort_values(sorted, count, scratch);
  return 1;
}

KERNEL size_t alr_select_range_avx512(const int32_t *order, size_t count, int32_t lower,
                                      uint32_t size, int32_t *selected) {
  const __m512i lowers = _mm512_set1_epi32(lower), sizes = _mm512_set1_epi32((int)size);
  size_t kept = 0;
  for (size_t i = 0; i < count && kept < size; i += LANES) {
    __mmask16 lanes = first_lanes(count - i);
    __m512i relative = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(lanes, order + i), lowers);
    __mmask16 inside = _mm512_mask_cmplt_epu32_mask(lanes, relative, sizes);
    size_t found = (size_t)__builtin_popcount(inside);
    _mm512_mask_storeu_epi32(selected + kept, first_lanes(found),
                             _mm512_maskz_compress_epi32(inside, relative));
    kept += found;
  }
  return kept;
}
#endif
