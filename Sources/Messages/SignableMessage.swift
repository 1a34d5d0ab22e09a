public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockRequests
public import AirlockSafes
public import AirlockStrictJSON
public import AirlockTypedData

/// A message to sign. It is typed data (EIP-712) or plain text (EIP-191). Nothing in the message has been verified yet.
public struct SignableMessage: Sendable {
    public enum Content: Sendable {
        case typedData(TypedData)
        case text(PersonalText)
    }

    public let content: Content
    /// What the message lets others spend; `nil` if the type of the message is not supported.
    public let terms: MessageTerms?
    /// The digest that is signed.
    public let digest: Hash
    /// The Safe transaction in the message; `nil` if the message is not a Safe transaction.
    public let safe: SafeProposal?
    /// The Safe message that the owners of a Safe sign in place of this message. `nil` if this message is a Safe
    /// transaction, or is not signed for a Safe.
    public let safeMessage: SafeMessage?

    /// The Safe for which the message is signed; `nil` if there is no Safe.
    public var ofSafe: SafeDomain? { safe?.domain ?? safeMessage?.domain }
    /// The policy's rules for the Safe for which the message is signed.
    public var safeRules: SafeRules.Safe? { safe?.rules ?? safeMessage?.rules }

    /// The kind of request to which messages belong. Safe transactions belong to a different kind.
    public static let kind = "message"

    /// The format of the message as text for the user. If the message belongs to a Safe, the text also says whether it
    /// is a Safe message or a Safe transaction.
    public var readAs: String {
        let form = typedData == nil ? "text (EIP-191)" : "typed data (EIP-712)"
        if safeMessage != nil { return "Safe message: \(form)" }
        return safe.map { "Safe transaction (\($0.request.form))" } ?? form
    }

    /// Reads a message. Throws all problems of the message together.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        if Self.isJSON(bytes) {
            try self.init(TypedData(bytes))
        } else {
            self.init(try PersonalText(bytes))
        }
    }

    private init(_ text: PersonalText) {
        (safe, safeMessage) = (nil, nil)
        content = .text(text)
        terms = nil
        digest = text.digest
    }

    /// Makes a message from typed data.
    public init(_ data: TypedData) throws(ProblemList) {
        (safe, safeMessage) = (nil, nil)
        content = .typedData(data)
        terms = try MessageTerms(data)
        digest = data.digest
    }

    /// Makes a message from a Safe transaction. The owners of a Safe sign a transaction as typed data.
    public init(_ safe: SafeProposal) throws(ProblemList) {
        content = .typedData(try safe.typedData())
        terms = nil
        digest = safe.hash
        self.safe = safe
        safeMessage = nil
    }

    /// Makes a Safe message from another message. The owners of the Safe sign the Safe message. Their signatures
    /// together count as the Safe's signature of the other message.
    ///
    /// - Parameters:
    ///   - message: the message that the Safe signs.
    ///   - safe: the address of the Safe.
    ///   - given: the chain and the version of the Safe, if the caller knows them.
    ///   - listed: the policy's rules for Safes, by chain.
    public init(
        _ message: SignableMessage, of safe: Address, _ given: SafeProposal.Given, listed: [Chain: SafeRules]
    ) throws(ProblemList) {
        content = message.content
        terms = message.terms
        self.safe = nil
        let signed = try SafeMessage(of: message.digest, by: safe, on: message.chain, given, listed: listed)
        digest = signed.hash
        safeMessage = signed
    }

    /// The name of the kind of this request: a message or a Safe transaction.
    public var kind: String { safe == nil ? Self.kind : SafeRequest.kind }

    /// The kind of this request in the ledger. A message that is signed for a Safe is recorded as a different kind,
    /// because it does not spend the signer's own money.
    public var recordedKind: String { safeMessage == nil ? kind : SafeMessage.kind }

    /// Whether a file is a message and not another kind of request. A JSON file is a message if it has the members of
    /// typed data (EIP-712). Any other file is a message if it is certainly plain text. In both cases the file may
    /// still be malformed.
    public static func recognises(_ bytes: [UInt8]) -> Bool {
        guard isJSON(bytes) else { return PersonalText.recognises(bytes) }
        guard let root = (try? JSONDocument(bytes))?.root else { return false }
        return recognises(root)
    }

    /// Whether a JSON value is typed data. It may still be malformed.
    public static func recognises(_ root: JSONValue) -> Bool {
        root["airlock"] == nil && root["types"] != nil && root["primaryType"] != nil && root["domain"] != nil
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        return first.map { [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains($0) } ?? false
    }

    public var typedData: TypedData? { if case .typedData(let data) = content { data } else { nil } }

    /// The chain on which the message is valid; `nil` if the message names no chain and is therefore valid on every
    /// chain.
    public var chain: Chain? {
        ofSafe?.chain ?? typedData?.domain.chainId.flatMap { UInt64(exactly: $0) }.map { Chain(id: $0) }
    }

    /// The reference that identifies the message, because a message must not be signed twice. Two messages count as the
    /// same request if their references have the same `key`, whatever else the messages contain. The `key` is a hash.
    /// It depends on the message's nonce, or on the digest of the message if the message has no nonce.
    public var reference: Reference {
        if let safe {
            let parts = [Array("\(safe.domain.chain.id)".utf8), safe.domain.safe.bytes.bytes]
            let nonce = safe.transaction.nonce
            return Reference(kind: kind, text: "nonce \(nonce)", of: parts + [Array("\(nonce)".utf8)])
        }
        guard let terms, let data = typedData else {
            return Reference(kind: recordedKind, text: "", of: [digest.bytes])
        }
        return Reference(kind: recordedKind, text: "", of: [data.domainSeparator.bytes] + terms.nonceParts)
    }

    /// For each nonce that the message uses, a reference and the amounts that others may spend. Permit2 has a separate
    /// nonce for each combination of token and spender. Therefore a batch of allowances uses several nonces. Each nonce
    /// has its own reference, because another message can use one of these nonces again.
    public var uses: [(reference: Reference, takes: [MessageTerms.TokenOutflow])] {
        guard let terms, let data = typedData, terms.standard == .allowance, !terms.takes.isEmpty else {
            return [(reference, terms?.takes ?? [])]
        }
        var uses: [(reference: Reference, takes: [MessageTerms.TokenOutflow])] = []
        let shared = [data.domainSeparator.bytes] + terms.nonceParts.prefix(2)
        for (nonce, take) in zip(terms.nonceParts.dropFirst(2), terms.takes) {
            let reference = Reference(kind: recordedKind, text: "", of: shared + [nonce])
            if let index = uses.firstIndex(where: { $0.reference == reference }) {
                uses[index].takes.append(take)
            } else {
                uses.append((reference, [take]))
            }
        }
        return uses
    }

    /// The name of the message: its primary type, or `text`.
    public var name: String { typedData?.primaryType ?? "text" }
}

/// The error codes for messages.
public enum MessageRule: String, Rule {
    case notText = "message.not-a-text"
    case textLength = "message.text-too-long"
    case textOfHash = "message.text-of-32-bytes"
    case mnemonic = "message.holds-a-mnemonic"
    case textNotAllowed = "message.text-not-allowed"
    case notSignIn = "message.not-a-sign-in"
    case notPinned = "message.not-pinned"
    case unlimited = "message.unlimited"
    case expired = "message.expired"
    case notOwner = "message.other-owner"
    case safe = "message.safe-transaction"
    case domainIncomplete = "message.incomplete-domain"
    case chainTooLarge = "message.chain-too-large"
    case otherDigest = "signature.other-message"

    public var meaning: String {
        switch self {
        case .notText: "this is not a text, or could be something other than a text"
        case .textLength: "the text is longer than a person would read"
        case .textOfHash:
            "a text of 32 bytes can be a hash: a Safe takes its signature for the owner's confirmation of the transaction with this hash"
        case .mnemonic: "the text holds the words of a mnemonic: whoever reads them has the key"
        case .textNotAllowed: "the policy does not allow texts to be signed"
        case .notSignIn: "the text asks to sign in, and is not in the form of EIP-4361"
        case .notPinned: "the policy lists neither the domain and type of the message nor a token with this domain"
        case .unlimited: "the message lets somebody else take any amount"
        case .expired: "the time in which the message can be used has passed"
        case .notOwner: "the account that the message names is not the signer's"
        case .safe: "a Safe transaction is not signed like other typed data"
        case .domainIncomplete:
            "the message lets somebody else take a token, and its domain does not name chain and contract: no cap can count it"
        case .chainTooLarge: "the domain's chain id is larger than any chain's"
        case .otherDigest: "the signature is for another message"
        }
    }
}
