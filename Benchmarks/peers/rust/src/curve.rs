//! The system's libsecp256k1: signatures that can be recovered, and what was recovered from them.

use crate::number::U256;
use crate::rlp::Signature;
use crate::{keccak, Address};
use std::ffi::{c_int, c_uint, c_void};
use std::ptr::null;

#[repr(C)]
struct Opaque([u8; 0]);

#[link(name = "secp256k1")]
extern "C" {
    fn secp256k1_context_create(flags: c_uint) -> *mut Opaque;
    fn secp256k1_context_randomize(context: *mut Opaque, seed: *const u8) -> c_int;
    fn secp256k1_ec_pubkey_create(context: *const Opaque, key: *mut [u8; 64], secret: *const u8) -> c_int;
    fn secp256k1_ec_pubkey_serialize(
        context: *const Opaque, out: *mut u8, length: *mut usize, key: *const [u8; 64], flags: c_uint,
    ) -> c_int;
    fn secp256k1_ecdsa_sign_recoverable(
        context: *const Opaque, signature: *mut [u8; 65], digest: *const u8, secret: *const u8, nonce: *const c_void,
        data: *const c_void,
    ) -> c_int;
    fn secp256k1_ecdsa_recoverable_signature_serialize_compact(
        context: *const Opaque, out: *mut u8, recovery: *mut c_int, signature: *const [u8; 65],
    ) -> c_int;
    fn secp256k1_ecdsa_recoverable_signature_parse_compact(
        context: *const Opaque, signature: *mut [u8; 65], bytes: *const u8, recovery: c_int,
    ) -> c_int;
    fn secp256k1_ecdsa_recover(
        context: *const Opaque, key: *mut [u8; 64], signature: *const [u8; 65], digest: *const u8,
    ) -> c_int;
}

const CONTEXT_NONE: c_uint = 1;
const UNCOMPRESSED: c_uint = 2;

/// One context for all, blinded once.
pub struct Curve(*mut Opaque);

impl Curve {
    pub fn new(seed: &[u8; 32]) -> Curve {
        // SAFETY: the context is created before it is randomized, and never destroyed.
        unsafe {
            let context = secp256k1_context_create(CONTEXT_NONE);
            assert_eq!(secp256k1_context_randomize(context, seed.as_ptr()), 1);
            Curve(context)
        }
    }

    pub fn address(&self, secret: &[u8; 32]) -> Option<Address> {
        let mut key = [0; 64];
        // SAFETY: all memory has the sizes that secp256k1.h names.
        let is_valid = unsafe { secp256k1_ec_pubkey_create(self.0, &mut key, secret.as_ptr()) } == 1;
        is_valid.then(|| self.address_of(&key))
    }

    pub fn sign(&self, digest: &[u8; 32], secret: &[u8; 32]) -> Option<Signature> {
        let (mut signature, mut compact, mut recovery) = ([0; 65], [0; 64], 0);
        // SAFETY: all memory has the sizes that secp256k1_recovery.h names.
        let is_signed = unsafe {
            secp256k1_ecdsa_sign_recoverable(
                self.0, &mut signature, digest.as_ptr(), secret.as_ptr(), null(), null(),
            ) == 1
                && secp256k1_ecdsa_recoverable_signature_serialize_compact(
                    self.0, compact.as_mut_ptr(), &mut recovery, &signature,
                ) == 1
        };
        Some(Signature {
            is_odd: recovery == 1,
            r: U256::from_big_endian(&compact[..32])?,
            s: U256::from_big_endian(&compact[32..])?,
        })
        .filter(|_| is_signed && recovery < 2)
    }

    pub fn recover(&self, digest: &[u8; 32], signature: &Signature) -> Option<Address> {
        let mut compact = [0; 64];
        compact[..32].copy_from_slice(&signature.r.word());
        compact[32..].copy_from_slice(&signature.s.word());
        let (mut parsed, mut key) = ([0; 65], [0; 64]);
        // SAFETY: all memory has the sizes that secp256k1_recovery.h names.
        let is_recovered = unsafe {
            secp256k1_ecdsa_recoverable_signature_parse_compact(
                self.0, &mut parsed, compact.as_ptr(), signature.is_odd as c_int,
            ) == 1
                && secp256k1_ecdsa_recover(self.0, &mut key, &parsed, digest.as_ptr()) == 1
        };
        is_recovered.then(|| self.address_of(&key))
    }

    fn address_of(&self, key: &[u8; 64]) -> Address {
        let (mut point, mut length) = ([0; 65], 65);
        // SAFETY: an uncompressed point has 65 bytes.
        unsafe { secp256k1_ec_pubkey_serialize(self.0, point.as_mut_ptr(), &mut length, key, UNCOMPRESSED) };
        let mut address = [0; 20];
        address.copy_from_slice(&keccak(&[&point[1..]])[12..]);
        address
    }
}
