// libsecp256k1, with a wrapper for a global variable that Swift does not import because C declares it mutable. No
// logic.
#ifndef AIRLOCK_CSECP256K1_SHIM_H
#define AIRLOCK_CSECP256K1_SHIM_H

#include <secp256k1.h>
#include <secp256k1_recovery.h>

static inline const secp256k1_context *airlock_secp256k1_context_static(void) {
    return secp256k1_context_static;
}

#endif
