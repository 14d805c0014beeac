#ifndef ALR_SLOTS_H
#define ALR_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Moves the keys of `count` ascending slots to the first slots of `target`, which may be `panels`
/// itself; both are (key panel, head_dim, width) as `pack_keys` makes them, float32 or bf16.
void alr_keep_keys(const void *panels, void *target, size_t head_dim, size_t width,
                   const uint32_t *slots, size_t count, int is_bf16);

/// Moves the values of `count` ascending slots to the first slots of `target`, (value panel,
/// target_capacity, width), which may be `panels` itself, (value panel, capacity, width). In bf16
/// the partner of an even last slot becomes zero.
void alr_keep_values(const void *panels, size_t capacity, void *target, size_t target_capacity,
                     size_t head_dim, size_t width, const uint32_t *slots, size_t count,
                     int is_bf16);

#ifdef __cplusplus
}
#endif
#endif
