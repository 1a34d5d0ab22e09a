// The curve operations of so many payments, and nothing else: one signature and two recoveries each. callgrind counts
// them beside the signers that are linked to the same libsecp256k1.
//
// usage: curve COUNT

#include <secp256k1_recovery.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
    if (count != 2) return 64;
    unsigned char key[32], digest[32], seed[32], point[65];
    memset(key, 0x46, sizeof key);
    memset(digest, 0x17, sizeof digest);
    memset(seed, 7, sizeof seed);
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    if (!secp256k1_context_randomize(context, seed)) return 1;
    for (long left = atol(arguments[1]); left > 0; left--) {
        memcpy(digest, &left, sizeof left);
        secp256k1_ecdsa_recoverable_signature signature;
        if (!secp256k1_ecdsa_sign_recoverable(context, &signature, digest, key, NULL, NULL)) return 1;
        for (int recovery = 0; recovery < 2; recovery++) {
            secp256k1_pubkey sender;
            size_t length = sizeof point;
            if (!secp256k1_ecdsa_recover(context, &sender, &signature, digest)) return 1;
            secp256k1_ec_pubkey_serialize(context, point, &length, &sender, SECP256K1_EC_UNCOMPRESSED);
        }
    }
    secp256k1_context_destroy(context);
    return 0;
}
