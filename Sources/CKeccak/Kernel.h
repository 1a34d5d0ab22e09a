// Defines one kernel. Include this file once for each kernel, with these macros defined:
//
//     KERNEL     the name of the kernel
//     FEATURES   the instructions, as in the function attribute `target`
//     REGISTERS  the number of registers that can hold lanes
//     LANE       an integer or a vector of integers, which holds one lane of each message
//     WIDTH      the number of messages; a vector may have more elements
//
// This file undefines all of these macros except FEATURES and REGISTERS, so that the next kernel can be defined. The
// code uses only C's operators on integers and vectors. The compiler chooses the instructions of the target, such as
// one instruction for ~b & c, for a ^ b ^ c or for a rotation.

#define JOIN(prefix, name) prefix##name
#define NAMED(prefix, name) JOIN(prefix, name)
#define INSIDE static inline __attribute__((always_inline, target(FEATURES)))

#define ROTATED(lane, count) ((lane) << (count) | (lane) >> (64 - (count)))
// Applies θ and ρ to one lane.
#define MOVED(lane, count) ROTATED(a[lane] ^ d[(lane) % 5], count)
// Collects the lanes that π moves into one plane.
#define GATHER(y, first, second, third, fourth, fifth)                                                                 \
    const LANE b##y##0 = first, b##y##1 = second, b##y##2 = third, b##y##3 = fourth, b##y##4 = fifth
#define GATHER_0 GATHER(0, a[0] ^ d[0], MOVED(6, 44), MOVED(12, 43), MOVED(18, 21), MOVED(24, 14))
#define GATHER_1 GATHER(1, MOVED(3, 28), MOVED(9, 20), MOVED(10, 3), MOVED(16, 45), MOVED(22, 61))
#define GATHER_2 GATHER(2, MOVED(1, 1), MOVED(7, 6), MOVED(13, 25), MOVED(19, 8), MOVED(20, 18))
#define GATHER_3 GATHER(3, MOVED(4, 27), MOVED(5, 36), MOVED(11, 10), MOVED(17, 15), MOVED(23, 56))
#define GATHER_4 GATHER(4, MOVED(2, 62), MOVED(8, 55), MOVED(14, 39), MOVED(15, 41), MOVED(21, 2))
// Applies χ to one plane.
#define MIX(y)                                                                                                         \
    do {                                                                                                               \
        e[5 * y] = b##y##0 ^ (~b##y##1 & b##y##2);                                                                     \
        e[5 * y + 1] = b##y##1 ^ (~b##y##2 & b##y##3);                                                                 \
        e[5 * y + 2] = b##y##2 ^ (~b##y##3 & b##y##4);                                                                 \
        e[5 * y + 3] = b##y##3 ^ (~b##y##4 & b##y##0);                                                                 \
        e[5 * y + 4] = b##y##4 ^ (~b##y##0 & b##y##1);                                                                 \
    } while (0)

// One round (FIPS 202, section 3.2), from the lanes `a` to the lanes `e`. Lane (x, y) has the index x + 5y.
INSIDE void NAMED(round_, KERNEL)(LANE e[25], const LANE a[25], uint64_t constant) {
    const LANE c0 = a[0] ^ a[5] ^ a[10] ^ a[15] ^ a[20];
    const LANE c1 = a[1] ^ a[6] ^ a[11] ^ a[16] ^ a[21];
    const LANE c2 = a[2] ^ a[7] ^ a[12] ^ a[17] ^ a[22];
    const LANE c3 = a[3] ^ a[8] ^ a[13] ^ a[18] ^ a[23];
    const LANE c4 = a[4] ^ a[9] ^ a[14] ^ a[19] ^ a[24];
    const LANE d[5] = {c4 ^ ROTATED(c1, 1), c0 ^ ROTATED(c2, 1), c1 ^ ROTATED(c3, 1), c2 ^ ROTATED(c4, 1),
                       c3 ^ ROTATED(c0, 1)};

#if REGISTERS > 25
    // All rotations come first, because a CPU has fewer units for rotations than for other operations.
    GATHER_3; GATHER_4; GATHER_0; GATHER_1; GATHER_2;
    MIX(3); MIX(4); MIX(0); MIX(1); MIX(2);
#else
    GATHER_3; MIX(3);
    GATHER_4; MIX(4);
    GATHER_0; MIX(0);
    GATHER_1; MIX(1);
    GATHER_2; MIX(2);
#endif
    e[0] ^= constant;
}

// Adds eight bytes of every source to one lane.
INSIDE void NAMED(add_, KERNEL)(LANE *lane, const uint8_t *const *sources, size_t offset) {
    uint64_t words[sizeof(LANE) / sizeof(uint64_t)] = {0};
    for (int index = 0; index < WIDTH; index++) memcpy(&words[index], sources[index] + offset, sizeof(uint64_t));
    LANE added;
    memcpy(&added, words, sizeof added);
    *lane ^= added;
}

// Absorbs one block of every source. There is no loop over the lanes, because a loop would keep the lanes in memory
// instead of registers.
INSIDE void NAMED(take_, KERNEL)(LANE a[25], const uint8_t *const *sources) {
#define ADD(lane) NAMED(add_, KERNEL)(&a[lane], sources, lane * 8)
    EACH_OF_17(ADD);
#undef ADD
    LANE e[25];
    // Each iteration computes two rounds, so that no lane has to be copied back.
    for (int index = 0; index < 24; index += 2) {
        NAMED(round_, KERNEL)(e, a, round_constants[index]);
        NAMED(round_, KERNEL)(a, e, round_constants[index + 1]);
    }
}

#if WIDTH == 1
static __attribute__((target(FEATURES))) void NAMED(absorb_, KERNEL)(
    uint64_t *state, const void *bytes, size_t blocks, const void *end) {
#define LOAD(lane) a[lane] = (LANE){state[lane]}
#define STORE(lane) memcpy(&state[lane], &a[lane], sizeof(uint64_t))
    LANE a[25];
    EACH_OF_25(LOAD);
    const uint8_t *source = bytes;
    for (;;) {
        for (; blocks > 0; blocks--, source += 136) NAMED(take_, KERNEL)(a, &source);
        if (end == NULL) break;
        source = end;
        blocks = 1;
        end = NULL;
    }
    EACH_OF_25(STORE);
#undef LOAD
#undef STORE
}
#else
static __attribute__((target(FEATURES))) void NAMED(hash_, KERNEL)(const struct airlock_keccak_message *messages) {
#define CLEAR(lane) a[lane] = (LANE){0}
    LANE a[25];
    EACH_OF_25(CLEAR);
    size_t longest = 0;
    for (int index = 0; index < WIDTH; index++) {
        if (messages[index].blocks > longest) longest = messages[index].blocks;
    }
    for (size_t block = 0; block <= longest; block++) {
        const uint8_t *sources[WIDTH];
        for (int index = 0; index < WIDTH; index++) {
            // A message that has ended absorbs its last block again. This does no harm, because its digest is already
            // written.
            const struct airlock_keccak_message *const message = &messages[index];
            sources[index] = block < message->blocks ? (const uint8_t *)message->bytes + block * 136 : message->end;
        }
        NAMED(take_, KERNEL)(a, sources);
        for (int index = 0; index < WIDTH; index++) {
            if (messages[index].blocks != block) continue;
            const uint64_t digest[4] = {a[0][index], a[1][index], a[2][index], a[3][index]};
            memcpy(messages[index].digest, digest, sizeof digest);
        }
    }
#undef CLEAR
}
#endif

#undef JOIN
#undef NAMED
#undef INSIDE
#undef ROTATED
#undef MOVED
#undef GATHER
#undef GATHER_0
#undef GATHER_1
#undef GATHER_2
#undef GATHER_3
#undef GATHER_4
#undef MIX
#undef KERNEL
#undef LANE
#undef WIDTH
