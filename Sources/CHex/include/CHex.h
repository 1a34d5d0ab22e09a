// Hexadecimal digits, many at a time: compiled for what every CPU of the architecture has, and for better ones.
#ifndef AIRLOCK_CHEX_H
#define AIRLOCK_CHEX_H

#include <stddef.h>
#include <stdint.h>

// How many bytes are a group; twice as many digits.
enum { AIRLOCK_HEX_GROUP = 16 };

struct airlock_hex_kernel {
    const char *name;
    // Whether this CPU, and its system, know the instructions.
    int (*is_supported)(void);
    // Writes the lower-case digits of whole groups.
    void (*encode)(const void *bytes, size_t groups, void *digits);
    // Reads the digits, in either case, of whole groups; whether all of them were digits.
    int (*decode)(const void *digits, size_t groups, void *bytes);
};

// The fastest first; the last runs anywhere.
size_t airlock_hex_kernel_count(void);
const struct airlock_hex_kernel *airlock_hex_kernel_at(size_t index);

#endif
