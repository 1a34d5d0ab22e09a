#include "CKeccak.h"

#if defined(__x86_64__)

#include <string.h>

// The round constants of ι, one for each round (FIPS 202, section 3.2.5).
static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

typedef uint64_t two __attribute__((vector_size(16)));
typedef uint64_t four __attribute__((vector_size(32)));
typedef uint64_t eight __attribute__((vector_size(64)));

#define EACH_OF_17(statement)                                                                                          \
    statement(0); statement(1); statement(2); statement(3); statement(4); statement(5); statement(6); statement(7);    \
    statement(8); statement(9); statement(10); statement(11); statement(12); statement(13); statement(14);             \
    statement(15); statement(16)
#define EACH_OF_25(statement)                                                                                          \
    EACH_OF_17(statement); statement(17); statement(18); statement(19); statement(20); statement(21); statement(22);   \
    statement(23); statement(24)

// AVX-512 has 32 registers of 64, 32 or 16 bytes, and instructions that rotate a value or combine three values.
#define FEATURES "avx512f,avx512vl"
#define REGISTERS 32
#define KERNEL avx512_x8
#define LANE eight
#define WIDTH 8
#include "Kernel.h"
#define KERNEL avx512_x4
#define LANE four
#define WIDTH 4
#include "Kernel.h"
#define KERNEL avx512_x2
#define LANE two
#define WIDTH 2
#include "Kernel.h"
// This kernel leaves half of each register unused, but it is still faster than integers.
#define KERNEL avx512
#define LANE two
#define WIDTH 1
#include "Kernel.h"
#undef FEATURES
#undef REGISTERS

#define FEATURES "avx2"
#define REGISTERS 16
#define KERNEL avx2_x4
#define LANE four
#define WIDTH 4
#include "Kernel.h"
#undef FEATURES

// Every x86-64 CPU has SSE2.
#define FEATURES "sse2"
#define KERNEL sse2_x2
#define LANE two
#define WIDTH 2
#include "Kernel.h"
#undef FEATURES

// This kernel uses integers, and the instructions andn and rorx.
#define FEATURES "bmi,bmi2"
#define KERNEL bmi2
#define LANE uint64_t
#define WIDTH 1
#include "Kernel.h"
#undef FEATURES
#undef REGISTERS

static int has_avx512(void) { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"); }
static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
static int has_sse2(void) { return 1; }
static int has_bmi2(void) { return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"); }

static const struct airlock_keccak_kernel kernels[] = {
    {"avx512-x8", 8, has_avx512, NULL, hash_avx512_x8}, {"avx512-x4", 4, has_avx512, NULL, hash_avx512_x4},
    {"avx2-x4", 4, has_avx2, NULL, hash_avx2_x4},       {"avx512-x2", 2, has_avx512, NULL, hash_avx512_x2},
    {"sse2-x2", 2, has_sse2, NULL, hash_sse2_x2},       {"avx512", 1, has_avx512, absorb_avx512, NULL},
    {"bmi2", 1, has_bmi2, absorb_bmi2, NULL},
};

size_t airlock_keccak_kernel_count(void) { return sizeof kernels / sizeof *kernels; }

const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index) { return &kernels[index]; }

#else

size_t airlock_keccak_kernel_count(void) { return 0; }

const struct airlock_keccak_kernel *airlock_keccak_kernel_at(size_t index) {
    (void)index;
    return NULL;
}

#endif
