#include "CHex.h"

#include <string.h>

typedef uint8_t bytes_of_16 __attribute__((vector_size(16)));
typedef uint8_t bytes_of_32 __attribute__((vector_size(32)));
typedef uint16_t words_of_16 __attribute__((vector_size(32)));

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the first digit of a word is its low byte"
#endif

#if defined(__x86_64__)
#define KERNEL avx2
#define TARGET __attribute__((target("avx2")))
#include "Kernel.h"

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

#define KERNEL plain
#define TARGET
#include "Kernel.h"

static int has_plain(void) { return 1; }

static const struct airlock_hex_kernel kernels[] = {
#if defined(__x86_64__)
    {"avx2", has_avx2, encode_avx2, decode_avx2},
#endif
    {"plain", has_plain, encode_plain, decode_plain},
};

size_t airlock_hex_kernel_count(void) { return sizeof kernels / sizeof *kernels; }

const struct airlock_hex_kernel *airlock_hex_kernel_at(size_t index) { return &kernels[index]; }
