package import AirlockEthereumTypes
package import AirlockPaymentFiles
package import AirlockSecp256k1
package import AirlockSecretKeys

/// A digest to be signed, and what it is for. Only this module can make one: no signer is asked to sign what nobody has
/// consented to.
package struct SigningTask: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        /// A transaction of a payment.
        case transaction(Payment.Role, nonce: UInt64)
        /// A message of a payment: alone, or to stand in its transaction.
        case message
        /// Something without a request.
        case blind
    }

    package let digest: Hash
    package let purpose: Purpose

    init(_ digest: Hash, for purpose: Purpose) {
        self.digest = digest
        self.purpose = purpose
    }
}

/// A holder of a key, who answers tasks with signatures. What it answers is checked, whoever it is.
package protocol Signer: ~Copyable {
    var publicKey: PublicKey { get }

    borrowing func sign(_ task: SigningTask) throws -> Signature
}

/// The key is in this process's own memory.
extension SecretKey: Signer {
    package borrowing func sign(_ task: SigningTask) throws -> Signature { try sign(task.digest) }
}
