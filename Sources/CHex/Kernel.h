// One kernel, by the name KERNEL, for the function attributes TARGET; both are taken away again, so that the next can
// follow. What C says of vectors the compiler turns into the best instructions of the target.

#define JOIN(prefix, name) prefix##name
#define NAMED(prefix, name) JOIN(prefix, name)

TARGET static void NAMED(encode_, KERNEL)(const void *bytes, size_t groups, void *digits) {
    for (size_t group = 0; group < groups; group++) {
        bytes_of_16 packed;
        memcpy(&packed, (const uint8_t *)bytes + 16 * group, sizeof packed);
        // A byte in each word: its high nibble belongs into the first byte of the word, which is the low one.
        const words_of_16 wide = __builtin_convertvector(packed, words_of_16);
        const bytes_of_32 nibbles = (bytes_of_32)((wide >> 4 | wide << 8) & 0x0f0f);
        const bytes_of_32 is_letter = (bytes_of_32)(nibbles > 9);
        const bytes_of_32 text = nibbles + '0' + (is_letter & ('a' - '0' - 10));
        memcpy((uint8_t *)digits + 32 * group, &text, sizeof text);
    }
}

TARGET static int NAMED(decode_, KERNEL)(const void *digits, size_t groups, void *bytes) {
    bytes_of_32 all_digits = (bytes_of_32){0} - 1;
    for (size_t group = 0; group < groups; group++) {
        bytes_of_32 text;
        memcpy(&text, (const uint8_t *)digits + 32 * group, sizeof text);
        // What is below the first of a row wraps around to above its last.
        const bytes_of_32 decimal = text - '0';
        const bytes_of_32 letter = (text | 0x20) - 'a';
        const bytes_of_32 is_decimal = (bytes_of_32)(decimal < 10);
        const bytes_of_32 is_letter = (bytes_of_32)(letter < 6);
        all_digits &= is_decimal | is_letter;
        const words_of_16 nibbles = (words_of_16)((decimal & is_decimal) | ((letter + 10) & is_letter));
        const bytes_of_16 packed = __builtin_convertvector((nibbles << 4 | nibbles >> 8) & 0xff, bytes_of_16);
        memcpy((uint8_t *)bytes + 16 * group, &packed, sizeof packed);
    }
    uint64_t words[4];
    memcpy(words, &all_digits, sizeof words);
    return (words[0] & words[1] & words[2] & words[3]) == UINT64_MAX;
}

#undef JOIN
#undef NAMED
#undef KERNEL
#undef TARGET
