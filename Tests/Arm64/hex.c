// Compares every hexadecimal kernel that this CPU has with a loop over single bytes: for 0 to 136 bytes, every byte
// value and both cases of digits; and for 1 to 40 and 136 bytes, every byte that is no digit at every position. The byte
// after the output must stay as it was.
#include "CHex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES = 136 };

static void check(int holds, const char *kernel, const char *what) {
    if (holds) return;
    printf("CHex %s: wrong %s\n", kernel, what);
    exit(1);
}

static int is_digit(unsigned byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

static void check_kernel(const struct airlock_hex_kernel *kernel) {
    unsigned char bytes[BYTES] = {0}, decoded[BYTES + 1];
    char digits[2 * BYTES + 1], encoded[2 * BYTES + 1];
    for (unsigned first = 0; first < 256; first++) {
        size_t count = first % (BYTES + 1);
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (unsigned char)(first + i * 3);
            snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
        }
        encoded[2 * count] = decoded[count] = '!';
        kernel->encode(bytes, count, encoded);
        check(memcmp(encoded, digits, 2 * count) == 0, kernel->name, "digits");
        check(kernel->decode(digits, count, decoded) != 0, kernel->name, "refusal of lower-case digits");
        check(memcmp(decoded, bytes, count) == 0, kernel->name, "bytes of lower-case digits");
        for (size_t i = 0; i < 2 * count; i++) digits[i] = (char)(digits[i] >= 'a' ? digits[i] - 32 : digits[i]);
        check(kernel->decode(digits, count, decoded) != 0, kernel->name, "refusal of upper-case digits");
        check(memcmp(decoded, bytes, count) == 0, kernel->name, "bytes of upper-case digits");
        check(encoded[2 * count] == '!' && decoded[count] == '!', kernel->name, "byte after the output");
    }
    memset(digits, '0', sizeof digits);
    for (size_t count = 1; count <= BYTES; count += count < 40 ? 1 : BYTES - 40)
        for (size_t i = 0; i < 2 * count; i++)
            for (unsigned byte = 0; byte < 256; byte++) {
                digits[i] = (char)byte;
                int holds = (kernel->decode(digits, count, decoded) != 0) == is_digit(byte);
                check(holds, kernel->name, "reading of a byte");
                digits[i] = '0';
            }
    printf("CHex %s: right\n", kernel->name);
}

int main(void) {
    for (size_t i = 0; i < airlock_hex_kernel_count(); i++)
        if (airlock_hex_kernel_at(i)->is_supported()) check_kernel(airlock_hex_kernel_at(i));
    return 0;
}
