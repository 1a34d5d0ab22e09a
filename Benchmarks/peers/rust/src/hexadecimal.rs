//! Hexadecimal by AVX2, by hand: the crate `hex` has no vectors, and faster ones are not in Debian.

use std::arch::x86_64::*;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The lower-case digits of the bytes.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = Vec::with_capacity(bytes.len() * 2);
    let mut done = 0;
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        done = unsafe { encode_by_avx2(bytes, &mut text) };
    }
    for byte in &bytes[done..] {
        text.push(DIGITS[(byte >> 4) as usize]);
        text.push(DIGITS[(byte & 15) as usize]);
    }
    // SAFETY: all of it are ASCII digits.
    unsafe { String::from_utf8_unchecked(text) }
}

#[target_feature(enable = "avx2")]
unsafe fn encode_by_avx2(bytes: &[u8], text: &mut Vec<u8>) -> usize {
    let digits = _mm256_broadcastsi128_si256(_mm_loadu_si128(DIGITS.as_ptr().cast()));
    let low = _mm256_set1_epi8(15);
    let count = bytes.len() / 32 * 32;
    for offset in (0..count).step_by(32) {
        let packed = _mm256_loadu_si256(bytes.as_ptr().add(offset).cast());
        let high = _mm256_shuffle_epi8(digits, _mm256_and_si256(_mm256_srli_epi16::<4>(packed), low));
        let low = _mm256_shuffle_epi8(digits, _mm256_and_si256(packed, low));
        let first = _mm256_unpacklo_epi8(high, low);
        let second = _mm256_unpackhi_epi8(high, low);
        let place: *mut __m256i = text.as_mut_ptr().add(2 * offset).cast();
        _mm256_storeu_si256(place, _mm256_permute2x128_si256::<0x20>(first, second));
        _mm256_storeu_si256(place.add(1), _mm256_permute2x128_si256::<0x31>(first, second));
    }
    text.set_len(2 * count);
    count
}

/// The bytes of digits in either case; `None` for an odd number of them or anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if text.len() % 2 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut done = 0;
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        done = unsafe { decode_by_avx2(text, &mut bytes)? };
    }
    for pair in text[done..].chunks_exact(2) {
        bytes.push(nibble(pair[0])? << 4 | nibble(pair[1])?);
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[target_feature(enable = "avx2")]
unsafe fn decode_by_avx2(text: &[u8], bytes: &mut Vec<u8>) -> Option<usize> {
    let count = text.len() / 32 * 32;
    let mut valid = _mm256_set1_epi8(-1);
    for offset in (0..count).step_by(32) {
        let digits = _mm256_loadu_si256(text.as_ptr().add(offset).cast());
        let decimal = _mm256_sub_epi8(digits, _mm256_set1_epi8(b'0' as i8));
        let letter = _mm256_sub_epi8(_mm256_or_si256(digits, _mm256_set1_epi8(0x20)), _mm256_set1_epi8(b'a' as i8));
        let is_decimal = _mm256_cmpeq_epi8(_mm256_min_epu8(decimal, _mm256_set1_epi8(9)), decimal);
        let is_letter = _mm256_cmpeq_epi8(_mm256_min_epu8(letter, _mm256_set1_epi8(5)), letter);
        valid = _mm256_and_si256(valid, _mm256_or_si256(is_decimal, is_letter));
        let nibbles = _mm256_blendv_epi8(_mm256_add_epi8(letter, _mm256_set1_epi8(10)), decimal, is_decimal);
        let pairs = _mm256_maddubs_epi16(nibbles, _mm256_set1_epi16(0x0110));
        let packed = _mm256_permute4x64_epi64::<0b1000>(_mm256_packus_epi16(pairs, pairs));
        _mm_storeu_si128(bytes.as_mut_ptr().add(offset / 2).cast(), _mm256_castsi256_si128(packed));
    }
    bytes.set_len(count / 2);
    (_mm256_movemask_epi8(valid) == -1).then_some(count)
}
