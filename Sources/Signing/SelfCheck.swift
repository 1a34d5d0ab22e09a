public import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockGcrypt
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockSecp256k1
import AirlockTransactions

/// Checks signed data. The check uses only the signed bytes, and does not trust the code that signed them.
enum SelfCheck {
    /// Checks a signed transaction from its raw bytes. The bytes are decoded and encoded again, and the sender is
    /// recovered from the signature. The results must equal the reviewed transaction. With `secondEngine`, libgcrypt
    /// verifies the signature too.
    ///
    /// The caller records and outputs the returned transaction. Its hashes are computed from the raw bytes.
    ///
    /// - Parameter decode: decodes the raw bytes. If the decoded transaction does not encode to the same bytes, the
    ///   check fails, because the decoder should have refused these bytes.
    static func verify(
        _ raw: [UInt8], of reviewed: UnsignedTransaction, from payer: Address, publicKey: PublicKey,
        secondEngine: Bool = true,
        decode: ([UInt8]) throws(TransactionError) -> SignedTransaction = SignedTransaction.init(raw:)
    ) throws(Problem) -> SignedTransaction {
        let decoded: SignedTransaction
        do throws(TransactionError) { decoded = try decode(raw) } catch {
            throw Problem(SelfCheckRule.notDecodable, because: error.problems[0], at: "raw")
        }
        guard decoded.content.raw.span.isSame(as: raw.span) else { throw Problem(SelfCheckRule.otherEncoding) }
        guard decoded.transaction == reviewed else { throw Problem(SelfCheckRule.otherTransaction) }
        let sender: Address
        do throws(SignatureError) { sender = try decoded.sender } catch {
            throw Problem(SelfCheckRule.otherSender, because: error.problems[0], at: "raw")
        }
        guard sender == payer else {
            throw Problem(
                SelfCheckRule.otherSender, saw: sender.description, expected: payer.description)
        }
        if secondEngine {
            try confirm(decoded.signature, of: decoded.signingHash, by: publicKey, at: "raw")
        }
        return decoded
    }

    /// Checks the signature of a single digest, but not the data that contains the signature.
    static func verify(
        _ signature: Signature, of digest: Hash, from payer: Address, publicKey: PublicKey, secondEngine: Bool = true
    ) throws(Problem) {
        let signer: Address
        do throws(SignatureError) {
            try signature.requireLowS()
            signer = try signature.recoverAddress(digest: digest)
        } catch {
            throw Problem(SelfCheckRule.otherSender, because: error.problems[0], at: "signature")
        }
        guard signer == payer else {
            throw Problem(SelfCheckRule.otherSender, saw: signer.description, expected: payer.description)
        }
        if secondEngine { try confirm(signature, of: digest, by: publicKey, at: "signature") }
    }

    /// Verifies the signature with libgcrypt, which shares no code with libsecp256k1. Throws if the signature is not
    /// valid.
    static func confirm(
        _ signature: Signature, of digest: Hash, by publicKey: PublicKey, at place: String
    ) throws(Problem) {
        let holds: Bool
        do throws(GcryptError) {
            holds = try ECDSA.verifies(
                digest: digest.inline.span, r: signature.r.inline.span, s: signature.s.inline.span,
                publicKey: publicKey.bytes.inline.span)
        } catch {
            throw Problem(SelfCheckRule.secondEngine, because: error.problems[0], at: place)
        }
        guard holds else { throw Problem(SelfCheckRule.secondEngine) }
    }
}

/// The failures of the self-check. A failure means that the machine is faulty or the program has a bug. After a
/// failure, the checked data is not output.
public enum SelfCheckRule: String, Rule {
    case notDecodable = "self-check.not-decodable"
    case otherEncoding = "self-check.other-encoding"
    case otherTransaction = "self-check.other-transaction"
    case otherSender = "self-check.other-sender"
    case secondEngine = "self-check.second-engine"

    public var meaning: String {
        switch self {
        case .notDecodable: "what was signed does not decode"
        case .otherEncoding: "what was signed is not encoded as Airlock encodes it"
        case .otherTransaction: "what was signed is not what was reviewed"
        case .otherSender: "what was signed has another sender"
        case .secondEngine: "the second engine does not confirm the signature"
        }
    }
}

extension SelfCheck {
    /// Checks a signed message that someone else will send in a call. The call is decoded, and the message is built
    /// again from the decoded call. The rebuilt message must equal the reviewed message. The address of the signer is
    /// recovered from the signature, and must be the address of the payer. With `secondEngine`, libgcrypt verifies the
    /// signature too.
    static func verify(
        _ signed: Payment.Permit, nonce: UInt64, of message: Message, for payment: ReviewedPayment,
        publicKey: PublicKey, secondEngine: Bool = true
    ) throws(Problem) {
        let subject = payment.request.subject
        let call = SignedCall(
            chain: payment.request.terms.chain, payer: payment.payer, to: signed.to, value: .zero, data: signed.data,
            name: subject.reference(payer: payment.payer).text, message: (nonce, signed.domainSeparator))
        guard let read = RequestKinds.reading(call), let found = read.message else {
            throw Problem(SelfCheckRule.notDecodable)
        }
        guard read.request.isSame(as: subject), found.signature == signed.signature else {
            throw Problem(RequestRule.otherCall)
        }
        guard found.digest == message.digest else { throw Problem(SelfCheckRule.otherTransaction) }
        let signature: Signature
        do throws(SignatureError) { signature = try Signature(found.signature, accepting: .only27Or28) } catch {
            throw Problem(SelfCheckRule.otherSender, because: error.problems[0], at: "signature")
        }
        try verify(
            signature, of: found.digest, from: payment.payer, publicKey: publicKey, secondEngine: secondEngine)
    }
}
