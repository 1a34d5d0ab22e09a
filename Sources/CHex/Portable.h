// Converts 16 bytes to or from 32 digits at a time, with the vector extensions of C. The compiler uses only
// instructions that every CPU of the architecture has. All other kernels must give the same results.

#include <string.h>

typedef uint8_t bytes_of_16 __attribute__((vector_size(16)));
typedef uint8_t bytes_of_32 __attribute__((vector_size(32)));
typedef uint16_t words_of_16 __attribute__((vector_size(32)));

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the first digit of a word is its low byte"
#endif

static void encode_group(const uint8_t *bytes, uint8_t *digits) {
    bytes_of_16 packed;
    memcpy(&packed, bytes, sizeof packed);
    // Each byte becomes a word of two bytes. The high nibble belongs in the first byte of the word, which is the low
    // byte.
    const words_of_16 wide = __builtin_convertvector(packed, words_of_16);
    const bytes_of_32 nibbles = (bytes_of_32)((wide >> 4 | wide << 8) & 0x0f0f);
    const bytes_of_32 is_letter = (bytes_of_32)(nibbles > 9);
    const bytes_of_32 text = nibbles + '0' + (is_letter & ('a' - '0' - 10));
    memcpy(digits, &text, sizeof text);
}

static void encode_portable(const void *bytes, size_t count, void *digits) {
    const uint8_t *from = bytes;
    uint8_t *to = digits;
    if (count < 16) return encode_single(from, count, to);
    for (size_t left = count; left >= 16; left -= 16, from += 16, to += 32) encode_group(from, to);
    // The last 16 bytes are converted again, although some of them may be done already.
    encode_group((const uint8_t *)bytes + count - 16, (uint8_t *)digits + 2 * (count - 16));
}

// Converts 32 digits. In `valid`, it clears the bytes of characters that are not digits. The other bytes keep all bits
// set.
static void decode_group(const uint8_t *digits, uint8_t *bytes, bytes_of_32 *valid) {
    bytes_of_32 text;
    memcpy(&text, digits, sizeof text);
    // The subtraction wraps around. So a character below the range becomes a value above the range.
    const bytes_of_32 decimal = text - '0';
    const bytes_of_32 letter = (text | 0x20) - 'a';
    const bytes_of_32 is_decimal = (bytes_of_32)(decimal < 10);
    const bytes_of_32 is_letter = (bytes_of_32)(letter < 6);
    *valid &= is_decimal | is_letter;
    const words_of_16 nibbles = (words_of_16)((decimal & is_decimal) | ((letter + 10) & is_letter));
    const bytes_of_16 packed = __builtin_convertvector((nibbles << 4 | nibbles >> 8) & 0xff, bytes_of_16);
    memcpy(bytes, &packed, sizeof packed);
}

static int decode_portable(const void *digits, size_t count, void *bytes) {
    const uint8_t *from = digits;
    uint8_t *to = bytes;
    if (count < 16) return decode_single(from, count, to);
    bytes_of_32 valid = (bytes_of_32){0} - 1;
    for (size_t left = count; left >= 16; left -= 16, from += 32, to += 16) decode_group(from, to, &valid);
    decode_group((const uint8_t *)digits + 2 * (count - 16), (uint8_t *)bytes + count - 16, &valid);
    uint64_t words[4];
    memcpy(words, &valid, sizeof words);
    return (words[0] & words[1] & words[2] & words[3]) == UINT64_MAX;
}
