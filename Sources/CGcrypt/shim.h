// Makes libgcrypt available to Swift. Swift cannot import variadic functions and function-like macros, so they have
// wrappers here. One more function clears registers, which Swift cannot express. The wrappers contain no logic of their
// own.
#ifndef AIRLOCK_CGCRYPT_SHIM_H
#define AIRLOCK_CGCRYPT_SHIM_H

#include <gcrypt.h>

static inline gcry_error_t airlock_gcry_disable_secmem_warning(void) {
    return gcry_control(GCRYCTL_DISABLE_SECMEM_WARN);
}

static inline gcry_error_t airlock_gcry_init_secmem(unsigned int size) {
    return gcry_control(GCRYCTL_INIT_SECMEM, size, 0);
}

static inline gcry_error_t airlock_gcry_initialization_finished(void) {
    return gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

static inline int airlock_gcry_fips_mode_active(void) {
    return gcry_fips_mode_active();
}

// Builds an S-expression. `format` must contain one %b.
static inline gcry_error_t airlock_gcry_sexp_build(
    gcry_sexp_t *expression, const char *format, int count, const void *bytes) {
    return gcry_sexp_build(expression, NULL, format, count, bytes);
}

// Builds an S-expression. `format` must contain two %b.
static inline gcry_error_t airlock_gcry_sexp_build_two(
    gcry_sexp_t *expression, const char *format, int count, const void *bytes, int count2, const void *bytes2) {
    return gcry_sexp_build(expression, NULL, format, count, bytes, count2, bytes2);
}

// Clears the vector registers. Compilers and libc use these registers to copy and compute many bytes at once, so they
// may hold parts of a secret. Code that saves the registers, such as the dynamic linker's lookup of a function, would
// otherwise write those parts to the stack.
static inline void airlock_clear_vector_registers(void) {
#if defined(__x86_64__)
    __asm__ volatile(
        "pxor %%xmm0, %%xmm0\n\tpxor %%xmm1, %%xmm1\n\t"
        "pxor %%xmm2, %%xmm2\n\tpxor %%xmm3, %%xmm3\n\t"
        "pxor %%xmm4, %%xmm4\n\tpxor %%xmm5, %%xmm5\n\t"
        "pxor %%xmm6, %%xmm6\n\tpxor %%xmm7, %%xmm7\n\t"
        "pxor %%xmm8, %%xmm8\n\tpxor %%xmm9, %%xmm9\n\t"
        "pxor %%xmm10, %%xmm10\n\tpxor %%xmm11, %%xmm11\n\t"
        "pxor %%xmm12, %%xmm12\n\tpxor %%xmm13, %%xmm13\n\t"
        "pxor %%xmm14, %%xmm14\n\tpxor %%xmm15, %%xmm15\n\t"
        ::: "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
        "xmm12", "xmm13", "xmm14", "xmm15", "memory");
#elif defined(__aarch64__)
    __asm__ volatile(
        "movi v0.16b, #0\n\tmovi v1.16b, #0\n\t"
        "movi v2.16b, #0\n\tmovi v3.16b, #0\n\t"
        "movi v4.16b, #0\n\tmovi v5.16b, #0\n\t"
        "movi v6.16b, #0\n\tmovi v7.16b, #0\n\t"
        "movi v8.16b, #0\n\tmovi v9.16b, #0\n\t"
        "movi v10.16b, #0\n\tmovi v11.16b, #0\n\t"
        "movi v12.16b, #0\n\tmovi v13.16b, #0\n\t"
        "movi v14.16b, #0\n\tmovi v15.16b, #0\n\t"
        "movi v16.16b, #0\n\tmovi v17.16b, #0\n\t"
        "movi v18.16b, #0\n\tmovi v19.16b, #0\n\t"
        "movi v20.16b, #0\n\tmovi v21.16b, #0\n\t"
        "movi v22.16b, #0\n\tmovi v23.16b, #0\n\t"
        "movi v24.16b, #0\n\tmovi v25.16b, #0\n\t"
        "movi v26.16b, #0\n\tmovi v27.16b, #0\n\t"
        "movi v28.16b, #0\n\tmovi v29.16b, #0\n\t"
        "movi v30.16b, #0\n\tmovi v31.16b, #0\n\t"
        ::: "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11", "v12", "v13", "v14",
        "v15", "v16", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28",
        "v29", "v30", "v31", "memory");
#endif
}

#endif
