internal import AirlockCSecp256k1
import AirlockEthereumTypes
import AirlockGcrypt
import AirlockDiagnostics
import AirlockSecp256k1

/// The only context of libsecp256k1 in this process that can sign. It is blinded once with random bytes, as a
/// protection against side channels. After that it does not change, so any number of threads can share it.
@safe
struct SigningContext: @unchecked Sendable {
    let pointer: OpaquePointer

    static func shared() throws(SecretKeyError) -> SigningContext { try made.get() }

    private static let made = Result { () throws(SecretKeyError) in try SigningContext() }

    private init() throws(SecretKeyError) {
        secp256k1_selftest()
        guard let pointer = unsafe secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            throw SecretKeyError(.engineFailed)
        }
        do {
            let seed = try SecureBytes.random(count: 32)
            let blinded = seed.withBytes { seed in
                unsafe seed.withUnsafeBufferPointer { unsafe secp256k1_context_randomize(pointer, $0.baseAddress) }
            }
            guard blinded == 1 else { throw SecretKeyError(.engineFailed) }
        } catch let error as SecretKeyError {
            throw error
        } catch let broken as any RuleBroken {
            throw SecretKeyError(broken.problems.first)
        } catch {
            throw SecretKeyError(.engineFailed)
        }
        unsafe self.pointer = pointer
    }

    /// Converts a point of libsecp256k1 to a public key.
    func publicKey(_ point: secp256k1_pubkey) throws(SecretKeyError) -> PublicKey {
        var point = point
        var bytes = [UInt8](repeating: 0, count: 65)
        var count = bytes.count
        _ = unsafe secp256k1_ec_pubkey_serialize(pointer, &bytes, &count, &point, UInt32(SECP256K1_EC_UNCOMPRESSED))
        do { return try PublicKey(FixedBytes { bytes[$0 + 1] }) } catch { throw SecretKeyError(.engineFailed) }
    }
}
