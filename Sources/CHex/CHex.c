#include "CHex.h"

#include "Single.h"

#include "Portable.h"

#if defined(__x86_64__)
#include "AVX2.h"

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#endif

static int has_portable(void) { return 1; }

static const struct airlock_hex_kernel kernels[] = {
#if defined(__x86_64__)
    {"avx2", has_avx2, encode_avx2, decode_avx2},
#endif
    {"portable", has_portable, encode_portable, decode_portable},
};

size_t airlock_hex_kernel_count(void) { return sizeof kernels / sizeof *kernels; }

const struct airlock_hex_kernel *airlock_hex_kernel_at(size_t index) { return &kernels[index]; }

void airlock_hex_encode(const void *bytes, size_t count, void *digits) {
#if defined(__x86_64__)
    if (has_avx2()) return encode_avx2(bytes, count, digits);
#endif
    encode_portable(bytes, count, digits);
}

int airlock_hex_decode(const void *digits, size_t count, void *bytes) {
#if defined(__x86_64__)
    if (has_avx2()) return decode_avx2(digits, count, bytes);
#endif
    return decode_portable(digits, count, bytes);
}
