public import AirlockDiagnostics
public import AirlockRLP
public import AirlockSecp256k1

/// The rules for the encoded bytes of transactions, and the rules for the values of their fields. Every node refuses a
/// transaction with a wrong value, whatever the state of the chain is.
public enum TransactionRule: String, Rule {
    // The rules about the encoded bytes.
    case wrappedInString = "transaction.wrapped-in-string"
    case blob = "transaction.type-3-blob"
    case setCode = "transaction.type-4-set-code"
    case unknownType = "transaction.unknown-type"
    case notSigned = "transaction.not-signed"
    case alreadySigned = "transaction.already-signed"
    case wrongV = "transaction.wrong-v"
    case wrongParity = "transaction.wrong-y-parity"
    // The rules about the fields.
    case noChain = "transaction.no-chain-id"
    case lastNonce = "transaction.last-nonce"
    case priorityAboveMax = "transaction.priority-fee-above-max-fee"
    case feeOverflow = "transaction.network-fee-overflow"
    case gasTooLow = "transaction.gas-below-intrinsic"
    case initcodeTooLong = "transaction.initcode-too-long"

    public var meaning: String {
        switch self {
        case .wrappedInString: "the raw transaction is wrapped in an RLP string"
        case .blob: "the transaction is of type 3 (EIP-4844, blobs), which Airlock does not make or send"
        case .setCode: "the transaction is of type 4 (EIP-7702, set code), which Airlock does not make or send"
        case .unknownType: "the bytes begin like no known type of transaction"
        case .notSigned: "the transaction is not signed"
        case .alreadySigned: "the transaction is signed already"
        case .wrongV: "v of the signature holds neither a parity nor a chain id of 64 bits"
        case .wrongParity: "the parity of the signature is neither 0 nor 1"
        case .noChain: "the chain id is zero"
        case .lastNonce: "the nonce is 2^64 - 1, the highest, which no transaction may have"
        case .priorityAboveMax: "the priority fee is above the maximum fee"
        case .feeOverflow: "gas times the maximum fee is 2^256 or above"
        case .gasTooLow: "the gas is below what the transaction costs before it does anything"
        case .initcodeTooLong: "the code that creates the contract is longer than a node accepts"
        }
    }
}

/// The error for bytes that are not a transaction of the expected type.
public enum TransactionError: RuleBroken, Hashable, Sendable {
    case rule(TransactionRule, at: Int)
    case rlp(RLPError)
    case signature(SignatureError)

    public var problems: [Problem] {
        switch self {
        case .rule(let rule, let offset): [Problem(rule, detail: "at byte \(offset)")]
        case .rlp(let error): error.problems
        case .signature(let error): error.problems
        }
    }
}
