// What the checks share: random numbers, buffers surrounded by NaN, and a table of the worst
// errors.

#ifndef KERNEL_ACCURACY_H
#define KERNEL_ACCURACY_H

#include "CKernels.h"

/// Numbers with a fixed sequence, evenly from `low` to `high`.
float random_float(float low, float high);
uint64_t random_bits(void);
void seed_random(uint64_t seed);

/// `count` floats that are NaN, with NaN on both sides: what is read before it is written poisons
/// the result, what is written outside is found by `release_rooms`.
float *room(size_t count);
/// A room with `count` random floats.
float *random_room(size_t count, float low, float high);
/// Frees every room; fails where something was written outside one.
void release_rooms(const char *kernels, const char *what);

/// A bfloat16's nearest value, ties to even, and its bits.
float bf16(float x);
uint16_t bf16_bits(float x);
/// One element of a buffer in `number`.
float get(const void *buffer, size_t index, alr_number number);
void put(void *buffer, size_t index, float x, alr_number number);
size_t bytes_of(alr_number number);
/// Where (depth, column) stands in a panel: pairs of bf16 stand together.
size_t panel_index(size_t depth, size_t column, size_t width, alr_number number);

/// Distance of `found` from `expected` in float32 units in the last place of `scale`.
double units(float found, double expected, double scale);

/// Takes an error into the row `what` of the table; it must stay within `limit`.
void record(const char *kernels, const char *what, double error, double limit);
/// Fails with the words of `what` where `holds` is 0.
void expect(int holds, const char *kernels, const char *what);
/// Prints the table and how many expectations failed; returns that number.
int report(void);

double activation_of(double x, alr_activation kind);

void check_products(const alr_kernels *);
void check_activations(const alr_kernels *);
void check_attention(const alr_kernels *);
void check_exponential(const alr_kernels *);
void check_rows(const alr_kernels *);
void check_copies(const alr_kernels *);
void check_sorting(const alr_kernels *);
void check_peak(const alr_kernels *);
void check_dispatch(void);
void check_widening(const char *fixture);

#endif
