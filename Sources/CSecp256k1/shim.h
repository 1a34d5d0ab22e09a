// libsecp256k1, and the one global of it that Swift cannot import because C calls it mutable. No logic.
#ifndef AIRLOCK_CSECP256K1_SHIM_H
#define AIRLOCK_CSECP256K1_SHIM_H

#include <secp256k1.h>
#include <secp256k1_recovery.h>

static inline const secp256k1_context *airlock_secp256k1_context_static(void) {
    return secp256k1_context_static;
}

#endif
