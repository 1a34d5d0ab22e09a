public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockSecp256k1

/// An owner's signature of a Safe transaction, read from a file. The signature has not been verified yet.
public struct Confirmation: Hashable, Sendable {
    public let owner: Address
    public let signature: [UInt8]
    /// The JSON pointer of the confirmation, for error messages.
    public let place: String

    public init(owner: Address, signature: [UInt8], at place: String) {
        self.owner = owner
        self.signature = signature
        self.place = place
    }

    /// The result of checking the signature of a confirmation.
    public enum Standing: Hashable, Sendable {
        /// The signature is valid: the owner's account signed this transaction.
        case signed
        /// According to the confirmation, the owner is a contract, or the owner approved the hash on chain. Only a
        /// query to a node can show whether this is true.
        case unchecked(String)
    }

    /// Checks whether this confirmation is a signature of the transaction's hash. The rules are the same as in the
    /// function `checkNSignatures` of the Safe's contract.
    public func standing(_ safeTxHash: Hash) throws(ProblemList) -> Standing {
        guard signature.count >= 65 else {
            throw ProblemList(
                Problem(
                    SafeRule.signatureForm, at: "\(place)/signature", saw: "\(signature.count) bytes",
                    expected: "65 bytes or more"))
        }
        let v = signature[64]
        switch v {
        case 0, 1:
            // A v of 0 or 1 means that r is not a number but contains the owner's address.
            guard signature[..<12].allSatisfy({ $0 == 0 }), Array(signature[12..<32]) == owner.bytes.bytes else {
                throw ProblemList(mismatch(nil))
            }
            return .unchecked(v == 0 ? "a contract's signature" : "an approval on chain")
        case 27, 28: return try recover(safeTxHash, parity: v - 27)
        case 31, 32:
            // If v is 31 or 32, the owner signed the hash as a text message (EIP-191), and v is the usual 27 or 28 plus
            // 4. Some wallets sign in this way because they refuse to sign a bare hash.
            let text = Array("\u{19}Ethereum Signed Message:\n32".utf8) + safeTxHash.bytes
            return try recover(.keccak(text), parity: v - 31)
        default:
            throw ProblemList(
                Problem(
                    SafeRule.signatureForm, at: "\(place)/signature", saw: "v of \(v)",
                    expected: "0, 1, 27, 28, 31 or 32"))
        }
    }

    private func recover(_ digest: Hash, parity: UInt8) throws(ProblemList) -> Standing {
        guard signature.count == 65 else {
            throw ProblemList(
                Problem(
                    SafeRule.signatureForm, at: "\(place)/signature", saw: "\(signature.count) bytes",
                    expected: "65 bytes"))
        }
        let found: Address
        // A high s is accepted, because the Safe's contract calls `ecrecover`, which accepts it.
        do throws(SignatureError) {
            let signature = try Signature(Array(self.signature[..<64]) + [27 + parity], accepting: .only27Or28)
            found = try signature.recoverAddress(digest: digest)
        } catch {
            throw ProblemList(Problem(SafeRule.signatureForm, because: error.problems[0], at: "\(place)/signature"))
        }
        guard found == owner else { throw ProblemList(mismatch(found)) }
        return .signed
    }

    private func mismatch(_ found: Address?) -> Problem {
        Problem(
            SafeRule.otherConfirmation, at: "\(place)/signature", saw: found.map { "\($0)" } ?? "another owner",
            expected: "\(owner)")
    }
}
