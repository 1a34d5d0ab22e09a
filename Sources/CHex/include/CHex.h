// Converts bytes to and from hexadecimal digits, many at a time. One kernel runs on every CPU of the architecture.
// Other kernels need newer instructions.
#ifndef AIRLOCK_CHEX_H
#define AIRLOCK_CHEX_H

#include <stddef.h>
#include <stdint.h>

// Writes two lower-case digits for each byte, with the fastest kernel for this CPU.
void airlock_hex_encode(const void *bytes, size_t count, void *digits);

// Reads two digits, in upper or lower case, for each of `count` bytes. Returns 0 if any character is not a digit. Then
// the contents of `bytes` are undefined.
int airlock_hex_decode(const void *digits, size_t count, void *bytes);

struct airlock_hex_kernel {
    const char *name;
    // Whether this CPU and the operating system support the instructions.
    int (*is_supported)(void);
    void (*encode)(const void *bytes, size_t count, void *digits);
    int (*decode)(const void *digits, size_t count, void *bytes);
};

// The kernels, with the fastest first. The last kernel runs on every CPU.
size_t airlock_hex_kernel_count(void);
const struct airlock_hex_kernel *airlock_hex_kernel_at(size_t index);

#endif
