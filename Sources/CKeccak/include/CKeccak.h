// Keccak-f[1600] with instructions that Swift cannot select. Each kernel is compiled for certain instructions, and
// reports whether this CPU has them. A kernel absorbs blocks of 136 bytes. The caller does the padding.
#ifndef AIRLOCK_CKECCAK_H
#define AIRLOCK_CKECCAK_H

#include <stddef.h>
#include <stdint.h>

struct airlock_keccak_message {
    // The blocks of the message except the last, and their number.
    const void *bytes;
    size_t blocks;
    // The last block of the message, with the padding.
    const void *end;
    // The address to which the kernel writes the digest of 32 bytes.
    void *digest;
};

struct airlock_keccak_kernel {
    const char *name;
    // The number of messages that the kernel hashes at once.
    size_t width;
    // Whether this CPU and the operating system support the instructions.
    int (*is_supported)(void);
    // Absorbs `blocks` blocks of one message, and then the block at `end` unless it is null. This member is null if the
    // width is not 1.
    void (*absorb)(uint64_t *state, const void *bytes, size_t blocks, const void *end);
    // Hashes `width` messages. This member is null if the width is 1.
    void (*hash)(const struct airlock_keccak_message *messages);
};

// All kernels for this architecture. There may be none. The widest kernels come first. Among kernels of the same width,
// the fastest comes first.
size_t airlock_keccak_kernel_count(void);
const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index);

#endif
