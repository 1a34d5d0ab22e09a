// Keccak-f[1600] with instructions that Swift cannot select. Each kernel is compiled for certain instructions, and
// tells whether this CPU has them. It absorbs blocks of 136 bytes. The caller does the padding.
#ifndef AIRLOCK_CKECCAK_H
#define AIRLOCK_CKECCAK_H

#include <stddef.h>
#include <stdint.h>

struct airlock_keccak_message {
    // The first blocks of the message, and their number.
    const void *bytes;
    size_t blocks;
    // The last block, with the padding.
    const void *end;
    // Where the kernel writes the digest, 32 bytes.
    void *digest;
};

struct airlock_keccak_kernel {
    const char *name;
    // How many messages it hashes at once.
    size_t width;
    // Whether this CPU and the operating system support the instructions.
    int (*is_supported)(void);
    // Absorbs `blocks` blocks of one message, and then the block at `end` unless it is null. Null if width is not 1.
    void (*absorb)(uint64_t *state, const void *bytes, size_t blocks, const void *end);
    // Hashes `width` messages. Null if width is 1.
    void (*hash)(const struct airlock_keccak_message *messages);
};

// All kernels for this architecture, possibly none: the widest first, among kernels of one width the fastest first.
size_t airlock_keccak_kernel_count(void);
const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index);

#endif
