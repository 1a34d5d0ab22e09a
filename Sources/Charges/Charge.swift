public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockSecp256k1

/// A charge with a verified signature. The operator's signature covers the payer, the chain, the contract and the
/// amounts.
///
/// The initialisers verify the signature. Only a `Charge` can become a ``PaymentCall``, so no unverified charge can be
/// paid.
public struct Charge: Hashable, Sendable {
    /// The contents of the charge. The signature covers them.
    public let contents: UnverifiedCharge
    /// The hash of the intent. The operator signs the hash of two parts: a prefix, and then this hash.
    public let intentHash: Hash

    /// Verifies the operator's signature by the same rules as the payment contract. The prefix must be empty or equal
    /// to `knownPrefix`. The signature must have 65 bytes, with v 27 or 28 and a low s. The recovered address must be
    /// the operator's address, and not the zero address.
    public init(verifying contents: UnverifiedCharge) throws(ProblemList) {
        let intent = contents.intent
        guard intent.prefix.isEmpty || intent.prefix == TransferIntent.knownPrefix else {
            throw ProblemList(
                Problem(
                    ChargeRule.unknownPrefix, at: "\(UnverifiedCharge.callData)/prefix",
                    saw: Hex.encode(intent.prefix), expected: Hex.encode(TransferIntent.knownPrefix)))
        }
        let hash = intent.hash(chain: contents.chain, sender: contents.sender, contract: contents.contract)
        let signer: Address
        do throws(SignatureError) {
            let signature = try Signature(intent.signature, accepting: .only27Or28)
            try signature.requireLowS()
            signer = try signature.recoverAddress(digest: intent.signedDigest(of: hash))
        } catch {
            let problems = error.problems.map {
                Problem(ChargeRule.signatureForm, because: $0, at: Self.signaturePlace)
            }
            throw ProblemList(problems) ?? .unexplained
        }
        guard signer == intent.operator, !signer.isZero else {
            throw ProblemList(
                Problem(
                    ChargeRule.signatureMismatch, at: Self.signaturePlace, saw: "a signature of \(signer)",
                    expected: "one of the operator \(intent.operator)"))
        }
        self.contents = contents
        self.intentHash = hash
    }

    private static let signaturePlace = "\(UnverifiedCharge.callData)/signature"

    /// Reads a saved charge and verifies its signature.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        try self.init(verifying: UnverifiedCharge(bytes))
    }
}

/// The rules that a saved charge must satisfy.
public enum ChargeRule: String, Rule {
    case errorAnswer = "charge.is-an-error-answer"
    case jsonRPCForm = "charge.json-rpc-form"
    case notHydrated = "charge.not-hydrated"
    case noIdentifier = "charge.no-id"
    case nullOperator = "charge.null-operator"
    case nullRecipient = "charge.null-recipient"
    case nothingNeeded = "charge.nothing-needed"
    case amountOverflow = "charge.amount-overflow"
    case unknownPrefix = "charge.unknown-prefix"
    case signatureLength = "charge.signature-length"
    case signatureForm = "charge.signature-form"
    case signatureMismatch = "charge.signature-mismatch"
    case expired = "charge.expired"

    public var meaning: String {
        switch self {
        case .errorAnswer: "this is not a charge but an error that the service answered"
        case .jsonRPCForm: "this is the JSON-RPC form of a charge, not the one that the service saves"
        case .notHydrated: "the charge has no transfer intent yet"
        case .noIdentifier: "the charge has no id"
        case .nullOperator: "the operator is the zero address"
        case .nullRecipient: "the recipient is the zero address"
        case .nothingNeeded: "the charge asks for nothing"
        case .amountOverflow: "the amounts of the charge do not fit into 256 bits"
        case .unknownPrefix: "the prefix of the operator's signature is not a known one"
        case .signatureLength: "the operator's signature does not have 65 bytes"
        case .signatureForm: "the operator's signature is not one that the contract accepts"
        case .signatureMismatch: "the operator did not sign this charge"
        case .expired: "the charge has expired"
        }
    }
}
