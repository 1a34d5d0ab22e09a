// Hexadecimal digits, many at a time: compiled for what every CPU of the architecture has, and for better ones.
#ifndef AIRLOCK_CHEX_H
#define AIRLOCK_CHEX_H

#include <stddef.h>
#include <stdint.h>

// Writes two lower-case digits for each byte, by the fastest kernel for this CPU.
void airlock_hex_encode(const void *bytes, size_t count, void *digits);

// Reads two digits, in either case, for each of so many bytes; whether all of them were digits. What it has written is
// worth nothing when they were not.
int airlock_hex_decode(const void *digits, size_t count, void *bytes);

struct airlock_hex_kernel {
    const char *name;
    // Whether this CPU, and its system, know the instructions.
    int (*is_supported)(void);
    void (*encode)(const void *bytes, size_t count, void *digits);
    int (*decode)(const void *digits, size_t count, void *bytes);
};

// The fastest first; the last runs anywhere.
size_t airlock_hex_kernel_count(void);
const struct airlock_hex_kernel *airlock_hex_kernel_at(size_t index);

#endif
