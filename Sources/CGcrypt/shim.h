// libgcrypt, and the variadic functions and function-like macros of it that Swift cannot import. No logic.
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

// `format` holds one %b.
static inline gcry_error_t airlock_gcry_sexp_build(
    gcry_sexp_t *expression, const char *format, int count, const void *bytes) {
    return gcry_sexp_build(expression, NULL, format, count, bytes);
}

// `format` holds two %b.
static inline gcry_error_t airlock_gcry_sexp_build_two(
    gcry_sexp_t *expression, const char *format, int count, const void *bytes, int count2, const void *bytes2) {
    return gcry_sexp_build(expression, NULL, format, count, bytes, count2, bytes2);
}

#endif
