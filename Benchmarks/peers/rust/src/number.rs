//! Unsigned integers of 256 bits, as far as a signer needs them.

/// 64 bits each, the lowest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct U256(pub [u64; 4]);

impl From<u64> for U256 {
    fn from(value: u64) -> U256 {
        U256([value, 0, 0, 0])
    }
}

impl U256 {
    /// From at most 32 big-endian bytes.
    #[inline]
    pub fn from_big_endian(bytes: &[u8]) -> Option<U256> {
        if bytes.len() > 32 {
            return None;
        }
        let mut word = [0; 32];
        word[32 - bytes.len()..].copy_from_slice(bytes);
        Some(U256::from_word(&word))
    }

    #[inline]
    pub fn from_word(word: &[u8; 32]) -> U256 {
        let limb = |offset: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&word[offset..offset + 8]);
            u64::from_be_bytes(bytes)
        };
        U256([limb(24), limb(16), limb(8), limb(0)])
    }

    #[inline]
    pub fn word(&self) -> [u8; 32] {
        let mut word = [0; 32];
        for (place, limb) in word.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            place.copy_from_slice(&limb.to_be_bytes());
        }
        word
    }

    /// How many bytes the number needs without leading zeros.
    #[inline]
    pub fn byte_count(&self) -> usize {
        let [w0, w1, w2, w3] = self.0;
        let zeros = if w3 != 0 {
            w3.leading_zeros()
        } else if w2 != 0 {
            64 + w2.leading_zeros()
        } else if w1 != 0 {
            128 + w1.leading_zeros()
        } else {
            192 + w0.leading_zeros()
        };
        32 - zeros as usize / 8
    }

    /// Reads decimal digits without leading zeros.
    pub fn from_decimal(text: &str) -> Option<U256> {
        if text.is_empty() || text.len() > 1 && text.starts_with('0') {
            return None;
        }
        let mut limbs = [0u64; 4];
        for digit in text.bytes() {
            let mut carry = u128::from(digit.wrapping_sub(b'0'));
            if carry > 9 {
                return None;
            }
            for limb in &mut limbs {
                carry += u128::from(*limb) * 10;
                *limb = carry as u64;
                carry >>= 64;
            }
            if carry != 0 {
                return None;
            }
        }
        Some(U256(limbs))
    }
}
