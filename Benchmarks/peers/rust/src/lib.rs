//! What the peers of the benchmarks share: the codecs that Debian has no crates for, written by hand, and the curve.

pub mod abi;
pub mod callgrind;
pub mod charge;
pub mod curve;
pub mod hexadecimal;
pub mod number;
pub mod rlp;

use tiny_keccak::Hasher;

pub type Address = [u8; 20];

/// The Keccak-256 hash of the parts, one after the other.
pub fn keccak(parts: &[&[u8]]) -> [u8; 32] {
    let mut digest = [0; 32];
    let mut hasher = tiny_keccak::Keccak::v256();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize(&mut digest);
    digest
}

/// The bytes of `0x` and twice as many digits.
pub fn fixed<const N: usize>(text: &str) -> Option<[u8; N]> {
    hexadecimal::decode(text.strip_prefix("0x")?)?.try_into().ok()
}
