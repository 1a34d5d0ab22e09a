import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockTokens
public import AirlockTypedData

/// What a message lets others spend. Only messages of supported types have such terms. The values are read from the
/// signed data of the message.
public struct MessageTerms: Sendable {
    public enum Standard: String, Sendable {
        /// A permit of EIP-2612, or the older form of permit that DAI uses.
        case permit = "EIP-2612"
        /// A Permit2 allowance with an expiration time.
        case allowance = "Permit2 allowance"
        /// A Permit2 signature for a transfer. It can be used only once.
        case transfer = "Permit2 transfer"
        case authorization = "EIP-3009"
    }

    /// A token amount that a spender is allowed to take.
    public struct TokenOutflow: Hashable, Sendable {
        public let token: Address
        public let amount: UInt256
        /// Whether the amount counts as unlimited. An amount counts as unlimited if the highest bit of its integer type
        /// is 1. For a `uint256`, this means an amount of at least 2^255.
        public let isUnlimited: Bool
        /// The time until which the spender may use the allowance; `nil` if the message does not state such a time.
        public let until: UInt256?
        /// The JSON pointer of the amount in the typed data.
        public let place: String
        /// The JSON pointer of the token in the typed data.
        public let tokenPlace: String
    }

    public let standard: Standard
    /// The account that owns the tokens; `nil` if the signer owns them.
    public let owner: Address?
    public let ownerPlace: String
    /// The spender, or the recipient of the transfer.
    public let taker: Address
    public let takerPlace: String
    /// Whether only `taker` can receive the money. If not, the taker can send the money to any account.
    public let paysTaker: Bool
    public let takes: [TokenOutflow]
    /// The first time at which the signature is valid, in seconds since 1970.
    public let validFrom: UInt256
    /// The last time at which the signature is valid, in seconds since 1970.
    public let validUntil: UInt256
    public let deadlinePlace: String
    /// The parts from which the message's reference is computed. They contain the nonce, and the values within which
    /// the nonce is unique, such as the owner of the tokens. A Permit2 allowance has a separate nonce for each element
    /// of `takes`. For an allowance, the first two parts apply to all elements of `takes`. Each further part holds the
    /// token and the nonce of one element.
    let nonceParts: [[UInt8]]
    /// The nonce as text for the user.
    public let nonce: String
    /// The nonce of an EIP-2612 permit, and the token contract that counts it; `nil` for other messages.
    public let tokenNonce: (token: Address, number: UInt64)?
    /// The type of the witness in a Permit2 transfer; `nil` if there is no witness. A witness is additional data that
    /// the owner of the tokens signs together with the transfer.
    public let witness: String?

    /// Reads from typed data what the message lets others spend. Returns `nil` if the type of the message is not
    /// supported.
    public init?(_ data: TypedData) throws(ProblemList) {
        if data.primaryType == "SafeTx" { throw ProblemList(Problem(MessageRule.safe, at: "/primaryType")) }
        if let chain = data.domain.chainId, UInt64(exactly: chain) == nil {
            throw ProblemList(Problem(MessageRule.chainTooLarge, at: "/domain/chainId", saw: "\(chain)"))
        }
        guard let read = Self.read(data) else { return nil }
        // Without a chain id the signature would be valid on every chain. Without a verifying contract, nobody would
        // know which contract accepts the signature. No policy can allow such a message.
        guard data.domain.chainId != nil, data.domain.verifyingContract != nil else {
            let missing = data.domain.chainId == nil ? "chainId" : "verifyingContract"
            throw ProblemList(
                Problem(
                    MessageRule.domainIncomplete, at: "/domain", saw: "\(data.primaryType) without \(missing)",
                    expected: "chainId and verifyingContract"))
        }
        self = read
    }

    private init(
        _ standard: Standard, owner: Address?, ownerPlace: String = "/message", taker: Address, takerPlace: String,
        paysTaker: Bool = false, takes: [TokenOutflow], validFrom: UInt256 = .zero, validUntil: UInt256,
        deadlinePlace: String, nonceParts: [[UInt8]], nonce: String,
        tokenNonce: (token: Address, number: UInt64)? = nil, witness: String? = nil
    ) {
        self.standard = standard
        self.owner = owner
        self.ownerPlace = ownerPlace
        self.taker = taker
        self.takerPlace = takerPlace
        self.paysTaker = paysTaker
        self.takes = takes
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.deadlinePlace = deadlinePlace
        self.nonceParts = nonceParts
        self.nonce = nonce
        self.tokenNonce = tokenNonce
        self.witness = witness
    }

    private static func read(_ data: TypedData) -> MessageTerms? {
        let message = Members(data.messageValue)
        // A message without a verifying contract is read here too, because a later check refuses it.
        let contract = data.domain.verifyingContract ?? .zero
        switch data.primaryType {
        case "Permit": return permit(message, token: contract)
        case "TransferWithAuthorization", "ReceiveWithAuthorization": return authorization(message, token: contract)
        case "PermitSingle", "PermitBatch": return allowance(message, contract)
        case "PermitTransferFrom", "PermitBatchTransferFrom", "PermitWitnessTransferFrom",
            "PermitBatchWitnessTransferFrom":
            return transfer(message, hasWitness: data.primaryType.contains("Witness"))
        default: return nil
        }
    }

    private static func permit(_ message: Members, token: Address) -> MessageTerms? {
        if message.isExactly(["address holder", "address spender", "uint256 nonce", "uint256 expiry", "bool allowed"]) {
            guard let owner = message.address("holder"), let spender = message.address("spender"),
                let nonce = message.number("nonce"), let expiry = message.number("expiry"),
                let isAllowed = message.bool("allowed")
            else { return nil }
            let take = TokenOutflow(
                token: token, amount: isAllowed ? .max : .zero, isUnlimited: isAllowed, until: nil,
                place: "/message/allowed", tokenPlace: "/domain/verifyingContract")
            return MessageTerms(
                .permit, owner: owner, ownerPlace: "/message/holder", taker: spender, takerPlace: "/message/spender",
                takes: [take], validUntil: expiry.isZero ? .max : expiry, deadlinePlace: "/message/expiry",
                nonceParts: [owner.bytes.bytes, nonce.word.bytes], nonce: "\(nonce)",
                tokenNonce: UInt64(exactly: nonce).map { (token, $0) })
        }
        guard
            message.isExactly([
                "address owner", "address spender", "uint256 value", "uint256 nonce", "uint256 deadline",
            ]), let owner = message.address("owner"), let spender = message.address("spender"),
            let value = message.number("value"), let nonce = message.number("nonce"),
            let deadline = message.number("deadline")
        else { return nil }
        let take = TokenOutflow(
            token: token, amount: value, isUnlimited: value.isHalfOf(bits: 256), until: nil, place: "/message/value",
            tokenPlace: "/domain/verifyingContract")
        return MessageTerms(
            .permit, owner: owner, ownerPlace: "/message/owner", taker: spender, takerPlace: "/message/spender",
            takes: [take], validUntil: deadline, deadlinePlace: "/message/deadline",
            nonceParts: [owner.bytes.bytes, nonce.word.bytes], nonce: "\(nonce)",
            tokenNonce: UInt64(exactly: nonce).map { (token, $0) })
    }

    private static func authorization(_ message: Members, token: Address) -> MessageTerms? {
        guard
            message.isExactly([
                "address from", "address to", "uint256 value", "uint256 validAfter", "uint256 validBefore",
                "bytes32 nonce",
            ]), let from = message.address("from"), let to = message.address("to"),
            let value = message.number("value"), let after = message.number("validAfter"),
            let before = message.number("validBefore"), let nonce = message.bytes("nonce")
        else { return nil }
        let take = TokenOutflow(
            token: token, amount: value, isUnlimited: value.isHalfOf(bits: 256), until: nil, place: "/message/value",
            tokenPlace: "/domain/verifyingContract")
        // In EIP-3009 the signature is valid strictly after validAfter and strictly before validBefore. So the first
        // valid second is validAfter + 1, and the last is validBefore - 1.
        return MessageTerms(
            .authorization, owner: from, ownerPlace: "/message/from", taker: to, takerPlace: "/message/to",
            paysTaker: true, takes: [take], validFrom: after.adding(1) ?? .max,
            validUntil: before.isZero ? .zero : before.subtractingReportingOverflow(1).partialValue,
            deadlinePlace: "/message/validBefore", nonceParts: [from.bytes.bytes, nonce], nonce: Hex.encode(nonce))
    }

    private static func allowance(_ message: Members, _ contract: Address) -> MessageTerms? {
        guard message.names == ["details", "spender", "sigDeadline"], let spender = message.address("spender"),
            message.type("spender") == "address", message.type("sigDeadline") == "uint256",
            let deadline = message.number("sigDeadline"), let details = message.structures("details")
        else { return nil }
        var takes: [TokenOutflow] = []
        var nonces: [[UInt8]] = []
        var words: [String] = []
        for (path, detail) in details {
            guard detail.name == "PermitDetails",
                detail.isExactly(["address token", "uint160 amount", "uint48 expiration", "uint48 nonce"]),
                let token = detail.address("token"), let amount = detail.number("amount"),
                let expiration = detail.number("expiration"), let nonce = detail.number("nonce")
            else { return nil }
            takes.append(
                TokenOutflow(
                    token: token, amount: amount, isUnlimited: amount.isHalfOf(bits: 160), until: expiration,
                    place: "/message/\(path)/amount", tokenPlace: "/message/\(path)/token"))
            nonces.append(token.bytes.bytes + nonce.word.bytes)
            words.append("\(nonce)")
        }
        // Permit2 has a separate nonce for each combination of owner, token and spender. So each nonce is stored
        // together with its token.
        return MessageTerms(
            .allowance, owner: nil, taker: spender, takerPlace: "/message/spender", takes: takes, validUntil: deadline,
            deadlinePlace: "/message/sigDeadline", nonceParts: [Array("allowance".utf8), spender.bytes.bytes] + nonces,
            nonce: words.joined(separator: ", "))
    }

    private static func transfer(_ message: Members, hasWitness: Bool) -> MessageTerms? {
        let names = ["permitted", "spender", "nonce", "deadline"]
        guard Array(message.names.prefix(4)) == names, message.names.count == (hasWitness ? 5 : 4),
            ["spender", "nonce", "deadline"].map(message.type) == ["address", "uint256", "uint256"],
            let spender = message.address("spender"), let nonce = message.number("nonce"),
            let deadline = message.number("deadline"), let permitted = message.structures("permitted")
        else { return nil }
        var takes: [TokenOutflow] = []
        for (path, permission) in permitted {
            guard permission.name == "TokenPermissions", permission.isExactly(["address token", "uint256 amount"]),
                let token = permission.address("token"), let amount = permission.number("amount")
            else { return nil }
            takes.append(
                TokenOutflow(
                    token: token, amount: amount, isUnlimited: amount.isHalfOf(bits: 256), until: nil,
                    place: "/message/\(path)/amount", tokenPlace: "/message/\(path)/token"))
        }
        return MessageTerms(
            .transfer, owner: nil, taker: spender, takerPlace: "/message/spender", takes: takes, validUntil: deadline,
            deadlinePlace: "/message/deadline", nonceParts: [Array("transfer".utf8), nonce.word.bytes],
            nonce: "\(nonce)", witness: hasWitness ? message.type(message.names[4]) : nil)
    }
}

/// The members of a struct in typed data, accessible by name.
private struct Members {
    let name: String
    let parts: [(name: String, value: TypedData.Value)]

    init(_ value: TypedData.Value) {
        if case .structure(let type, let parts) = value {
            (name, self.parts) = (type, parts)
        } else {
            (name, parts) = ("", [])
        }
    }

    var names: [String] { parts.map(\.name) }

    private func value(_ name: String) -> TypedData.Value? { parts.first { $0.name == name }?.value }

    func type(_ name: String) -> String {
        switch value(name) {
        case .elementary(let type, _)?, .array(let type, _)?, .structure(let type, _)?: type
        case nil: ""
        }
    }

    /// Whether the struct has exactly the given members, in this order and with these types.
    func isExactly(_ members: [String]) -> Bool { parts.map { "\(type($0.name)) \($0.name)" } == members }

    func address(_ name: String) -> Address? {
        if case .elementary(_, .address(let address))? = value(name) { address } else { nil }
    }

    func number(_ name: String) -> UInt256? {
        if case .elementary(_, .uint(let number))? = value(name) { number } else { nil }
    }

    func bool(_ name: String) -> Bool? {
        if case .elementary(_, .bool(let bool))? = value(name) { bool } else { nil }
    }

    func bytes(_ name: String) -> [UInt8]? {
        if case .elementary(_, .fixedBytes(let bytes))? = value(name) { bytes } else { nil }
    }

    /// Reads the structs in a member, which is a struct or a dynamic array of structs. Returns `nil` for any other
    /// member.
    func structures(_ name: String) -> [(path: String, Members)]? {
        switch value(name) {
        case .structure?: value(name).map { [(name, Members($0))] }
        case .array(let type, let elements)? where type.hasSuffix("[]"):
            elements.enumerated().map { ("\(name)/\($0.offset)", Members($0.element)) }
        default: nil
        }
    }
}

extension UInt256 {
    /// Whether the number is at least 2^(bits - 1). This is half of the range of an unsigned integer with this number
    /// of bits.
    fileprivate func isHalfOf(bits: Int) -> Bool {
        let bytes = word.bytes
        let first = bytes.count - bits / 8
        return bytes[..<first].contains { $0 != 0 } || bytes[first] >= 0x80
    }
}
