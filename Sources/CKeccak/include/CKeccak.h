// Keccak-f[1600] by instructions that Swift cannot ask for: each kernel is compiled for its own, and says whether this
// CPU has them. It takes in blocks of 136 bytes; of padding it knows nothing.
#ifndef AIRLOCK_CKECCAK_H
#define AIRLOCK_CKECCAK_H

#include <stddef.h>
#include <stdint.h>

struct airlock_keccak_message {
    // The blocks with which it begins, and how many they are.
    const void *bytes;
    size_t blocks;
    // One block more, the last.
    const void *end;
    // Takes the first 32 bytes of the state.
    void *digest;
};

struct airlock_keccak_kernel {
    const char *name;
    // How many messages it takes in at once.
    size_t width;
    // Whether this CPU, and its system, know the instructions.
    int (*is_supported)(void);
    // Takes in some blocks of one message, and one more from the end, unless that is null. Null where width is not 1.
    void (*absorb)(uint64_t *state, const void *bytes, size_t blocks, const void *end);
    // Hashes as many messages as it is wide. Null where width is 1.
    void (*hash)(const struct airlock_keccak_message *messages);
};

// Every kernel for this architecture, if any: the widest first, and of one width the fastest first.
size_t airlock_keccak_kernel_count(void);
const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index);

#endif
