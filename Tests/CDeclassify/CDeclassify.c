// The calls of the libraries at which something stops being a secret, or begins to be one. The probe's own definitions
// come before the libraries' in its process; each hands on to the real one.
#define _GNU_SOURCE
#include "CDeclassify.h"

#include <dlfcn.h>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND 0
#define VALGRIND_MAKE_MEM_UNDEFINED(address, size)
#define VALGRIND_MAKE_MEM_DEFINED(address, size)
#endif

int airlock_is_watched(void) { return RUNNING_ON_VALGRIND; }

void airlock_mark_secret(const uint8_t *bytes, size_t count) { VALGRIND_MAKE_MEM_UNDEFINED(bytes, count); }

// A public key, and whether there is one.
int secp256k1_ec_pubkey_create(const void *context, void *point, const void *secret) {
    int (*real)(const void *, void *, const void *) = dlsym(RTLD_NEXT, "secp256k1_ec_pubkey_create");
    int answer = real(context, point, secret);
    VALGRIND_MAKE_MEM_DEFINED(point, 64);
    VALGRIND_MAKE_MEM_DEFINED(&answer, sizeof answer);
    return answer;
}

// A signature, and whether there is one.
int secp256k1_ecdsa_sign_recoverable(
    const void *context, void *signature, const void *digest, const void *secret, void *nonce, const void *data) {
    int (*real)(const void *, void *, const void *, const void *, void *, const void *) =
        dlsym(RTLD_NEXT, "secp256k1_ecdsa_sign_recoverable");
    int answer = real(context, signature, digest, secret, nonce, data);
    VALGRIND_MAKE_MEM_DEFINED(signature, 65);
    VALGRIND_MAKE_MEM_DEFINED(&answer, sizeof answer);
    return answer;
}

// Of the 32 bytes that a keystore derives, the first 16 decrypt the key. The others only tell whether the password is
// right, which everybody may see.
unsigned gcry_kdf_derive(
    const void *password, size_t length, int algorithm, int variant, const void *salt, size_t salt_length,
    unsigned long rounds, size_t count, void *key) {
    unsigned (*real)(const void *, size_t, int, int, const void *, size_t, unsigned long, size_t, void *) =
        dlsym(RTLD_NEXT, "gcry_kdf_derive");
    unsigned error = real(password, length, algorithm, variant, salt, salt_length, rounds, count, key);
    if (count == 32) VALGRIND_MAKE_MEM_UNDEFINED(key, 16);
    return error;
}
