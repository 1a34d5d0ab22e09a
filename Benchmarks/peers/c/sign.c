// A process that does no more than it must to make one signature: takes in a key and a digest, blinds a context, signs,
// and prints the signature. Linked to the same libsecp256k1 as airlock.
//
// usage: sign

#include <secp256k1_recovery.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
    unsigned char key[32], digest[32], seed[32], bytes[65];
    memset(key, 0x46, sizeof key);
    memset(digest, 0x17, sizeof digest);
    if (getentropy(seed, sizeof seed) != 0) return 1;
    secp256k1_context *context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    secp256k1_ecdsa_recoverable_signature signature;
    int recovery;
    if (!secp256k1_context_randomize(context, seed)) return 1;
    if (!secp256k1_ecdsa_sign_recoverable(context, &signature, digest, key, NULL, NULL)) return 1;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context, bytes, &recovery, &signature);
    bytes[64] = (unsigned char)recovery;
    for (size_t index = 0; index < sizeof bytes; index++) printf("%02x", bytes[index]);
    putchar('\n');
    secp256k1_context_destroy(context);
    return 0;
}
