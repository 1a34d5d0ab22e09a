// Converts one byte at a time, for inputs that are too short for a vector.

static void encode_single(const uint8_t *bytes, size_t count, uint8_t *digits) {
    for (size_t index = 0; index < count; index++) {
        digits[2 * index] = "0123456789abcdef"[bytes[index] >> 4];
        digits[2 * index + 1] = "0123456789abcdef"[bytes[index] & 15];
    }
}

// The value of a hexadecimal digit, or 16 for any other character.
static unsigned value_single(uint8_t digit) {
    // The subtraction wraps around. So a character below the range becomes a value above the range.
    const uint8_t decimal = (uint8_t)(digit - '0');
    const uint8_t letter = (uint8_t)((digit | 0x20) - 'a');
    return decimal < 10 ? decimal : letter < 6 ? letter + 10u : 16;
}

static int decode_single(const uint8_t *digits, size_t count, uint8_t *bytes) {
    unsigned all = 0;
    for (size_t index = 0; index < count; index++) {
        const unsigned high = value_single(digits[2 * index]);
        const unsigned low = value_single(digits[2 * index + 1]);
        all |= high | low;
        bytes[index] = (uint8_t)(high << 4 | low);
    }
    return all < 16;
}
