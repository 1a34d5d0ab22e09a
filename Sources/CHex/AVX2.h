// Converts 32 bytes to or from 64 digits at a time. For inputs of 16 to 31 bytes, it converts 16 bytes twice, with an
// overlap.

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))

// Looks up the digits of all high nibbles and of all low nibbles, and interleaves the two registers. AVX2 interleaves
// each half of a register separately. So the quarters of `bytes` are first put in the order 0, 2, 1, 3.
TARGET static inline void encode_32(const uint8_t *bytes, uint8_t *digits) {
    const __m256i alphabet = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)"0123456789abcdef"));
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m256i packed = _mm256_permute4x64_epi64(_mm256_loadu_si256((const __m256i *)bytes), 0xd8);
    const __m256i high = _mm256_shuffle_epi8(alphabet, _mm256_and_si256(_mm256_srli_epi16(packed, 4), nibble));
    const __m256i low = _mm256_shuffle_epi8(alphabet, _mm256_and_si256(packed, nibble));
    _mm256_storeu_si256((__m256i *)digits, _mm256_unpacklo_epi8(high, low));
    _mm256_storeu_si256((__m256i *)(digits + 32), _mm256_unpackhi_epi8(high, low));
}

TARGET static inline void encode_16(const uint8_t *bytes, uint8_t *digits) {
    const __m128i alphabet = _mm_loadu_si128((const __m128i *)"0123456789abcdef");
    const __m128i packed = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i nibble = _mm_set1_epi8(15);
    const __m128i high = _mm_shuffle_epi8(alphabet, _mm_and_si128(_mm_srli_epi16(packed, 4), nibble));
    const __m128i low = _mm_shuffle_epi8(alphabet, _mm_and_si128(packed, nibble));
    _mm_storeu_si128((__m128i *)digits, _mm_unpacklo_epi8(high, low));
    _mm_storeu_si128((__m128i *)(digits + 16), _mm_unpackhi_epi8(high, low));
}

TARGET static void encode_avx2(const void *bytes, size_t count, void *digits) {
    const uint8_t *from = bytes;
    uint8_t *to = digits;
    if (count < 16) return encode_single(from, count, to);
    if (count < 32) {
        encode_16(from, to);
        return encode_16(from + count - 16, to + 2 * (count - 16));
    }
    size_t place = 0;
    for (; place + 32 <= count; place += 32) encode_32(from + place, to + 2 * place);
    // Convert the last 32 bytes again, although some of them are done already.
    if (place < count) encode_32(from + count - 32, to + 2 * (count - 32));
}

// The values of digits. The result is 16 or more for any other character. Two candidates are computed for each
// character. At most one of them is below 16, and the smaller one is the result.
//
// For decimal digits, '9' is moved to 255, so that characters above '9' wrap around. Then a number is subtracted with
// saturation at 0. For letters, 'A' is moved to 0. Then 10 is added with saturation at 255.
TARGET static inline __m256i values_32(__m256i text) {
    const __m256i top = _mm256_add_epi8(text, _mm256_set1_epi8((char)(0xff - '9')));
    const __m256i decimal =
        _mm256_sub_epi8(_mm256_subs_epu8(top, _mm256_set1_epi8(6)), _mm256_set1_epi8((char)0xf0));
    const __m256i upper = _mm256_and_si256(text, _mm256_set1_epi8((char)0xdf));
    const __m256i letter =
        _mm256_adds_epu8(_mm256_sub_epi8(upper, _mm256_set1_epi8('A')), _mm256_set1_epi8(10));
    return _mm256_min_epu8(decimal, letter);
}

TARGET static inline __m128i values_16(__m128i text) {
    const __m128i top = _mm_add_epi8(text, _mm_set1_epi8((char)(0xff - '9')));
    const __m128i decimal = _mm_sub_epi8(_mm_subs_epu8(top, _mm_set1_epi8(6)), _mm_set1_epi8((char)0xf0));
    const __m128i upper = _mm_and_si128(text, _mm_set1_epi8((char)0xdf));
    const __m128i letter = _mm_adds_epu8(_mm_sub_epi8(upper, _mm_set1_epi8('A')), _mm_set1_epi8(10));
    return _mm_min_epu8(decimal, letter);
}

// Converts 64 digits. Each byte of `largest` keeps the largest value so far. A value above 15 means that a character
// was not a digit.
TARGET static inline void decode_32(const uint8_t *digits, uint8_t *bytes, __m256i *largest) {
    const __m256i first = values_32(_mm256_loadu_si256((const __m256i *)digits));
    const __m256i second = values_32(_mm256_loadu_si256((const __m256i *)(digits + 32)));
    *largest = _mm256_max_epu8(*largest, _mm256_max_epu8(first, second));
    // Each byte is 16 times the first digit of a pair, plus the second digit.
    const __m256i weights = _mm256_set1_epi16(0x0110);
    const __m256i packed =
        _mm256_packus_epi16(_mm256_maddubs_epi16(first, weights), _mm256_maddubs_epi16(second, weights));
    _mm256_storeu_si256((__m256i *)bytes, _mm256_permute4x64_epi64(packed, 0xd8));
}

TARGET static inline void decode_16(const uint8_t *digits, uint8_t *bytes, __m128i *largest) {
    const __m128i first = values_16(_mm_loadu_si128((const __m128i *)digits));
    const __m128i second = values_16(_mm_loadu_si128((const __m128i *)(digits + 16)));
    *largest = _mm_max_epu8(*largest, _mm_max_epu8(first, second));
    const __m128i weights = _mm_set1_epi16(0x0110);
    _mm_storeu_si128(
        (__m128i *)bytes, _mm_packus_epi16(_mm_maddubs_epi16(first, weights), _mm_maddubs_epi16(second, weights)));
}

TARGET static int decode_avx2(const void *digits, size_t count, void *bytes) {
    const uint8_t *from = digits;
    uint8_t *to = bytes;
    if (count < 16) return decode_single(from, count, to);
    if (count < 32) {
        __m128i largest = _mm_setzero_si128();
        decode_16(from, to, &largest);
        decode_16(from + 2 * (count - 16), to + count - 16, &largest);
        return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(largest, _mm_set1_epi8(15)), largest)) == 0xffff;
    }
    __m256i largest = _mm256_setzero_si256();
    size_t place = 0;
    for (; place + 32 <= count; place += 32) decode_32(from + 2 * place, to + place, &largest);
    if (place < count) decode_32(from + 2 * (count - 32), to + count - 32, &largest);
    return _mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_min_epu8(largest, _mm256_set1_epi8(15)), largest)) == -1;
}
