// Keccak-f[1600] by instructions that Swift cannot ask for: each kernel is compiled for its own, and says whether this
// CPU has them. It takes in blocks; of messages, padding and digests it knows nothing.
#ifndef AIRLOCK_CKECCAK_H
#define AIRLOCK_CKECCAK_H

#include <stddef.h>
#include <stdint.h>

struct airlock_keccak_kernel {
    const char *name;
    // How many messages it takes in at once.
    size_t width;
    // Whether this CPU, and its system, know the instructions.
    int (*is_supported)(void);
    // Takes in whole blocks of 136 bytes, as many from each message, which begins at its own address. The states lie
    // in one another: lane 0 of each message, lane 1 of each, and so on to lane 24.
    void (*absorb)(uint64_t *states, const uint8_t *const *messages, size_t blocks);
};

// Every kernel for this architecture, if any: the widest first, and of one width the fastest first.
size_t airlock_keccak_kernel_count(void);
const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index);

#endif
