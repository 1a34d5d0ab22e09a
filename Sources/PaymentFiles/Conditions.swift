public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockStrictJSON

/// The on-chain state that the payments of one sender depend on. The online machine queries this state before the
/// offline machine signs.
///
/// All fields except the chain and the sender may be missing. Code that needs a missing value reports an error and
/// never guesses the value.
public struct Conditions: Hashable, Sendable {
    public struct Block: Hashable, Sendable {
        public let number: UInt64
        public let hash: Hash
        public let timestamp: Timestamp

        public init(number: UInt64, hash: Hash, timestamp: Timestamp) {
            self.number = number
            self.hash = hash
            self.timestamp = timestamp
        }
    }

    /// The token that the payer spends.
    public struct Token: Hashable, Sendable {
        public let address: Address
        public let symbol: String
        public let decimals: UInt64
        public let balance: UInt256
        public let domainSeparator: Hash?

        public init(
            address: Address, symbol: String, decimals: UInt64, balance: UInt256, domainSeparator: Hash? = nil
        ) {
            self.address = address
            self.symbol = symbol
            self.decimals = decimals
            self.balance = balance
            self.domainSeparator = domainSeparator
        }
    }

    public struct Approval: Hashable, Sendable {
        public let spender: Address
        public let allowance: UInt256
        /// Whether the allowance must be reset to zero before it is set to a new value. This is true if the
        /// allowance is not zero, and the token refuses to change such an allowance to another value than zero.
        public let resetFirst: Bool

        public init(spender: Address, allowance: UInt256, resetFirst: Bool) {
            self.spender = spender
            self.allowance = allowance
            self.resetFirst = resetFirst
        }
    }

    /// A token that a payroll pays with, and the gas limit for the most expensive transfer of this token.
    public struct PayrollToken: Hashable, Sendable {
        public let token: Token
        public let gas: UInt64

        public init(token: Token, gas: UInt64) {
            self.token = token
            self.gas = gas
        }
    }

    public var chain: Chain
    public var sender: Address
    public var nonce: UInt64?
    /// The gas limit of the transaction that makes the payment. In a payroll, this is the gas limit of each transfer of
    /// native currency.
    public var gas: UInt64?
    public var approveGas: UInt64?
    public var maxFeePerGas: UInt256?
    public var maxPriorityFeePerGas: UInt256?
    public var block: Block?
    public var nativeBalance: UInt256?
    public var token: Token?
    /// The tokens that a payroll pays with; empty if the payroll pays only with native currency, and `nil` for a single
    /// payment.
    public var tokens: [PayrollToken]?
    public var approval: Approval?
    /// The payment method that the online machine proposes. The review on the offline machine shows this proposal.
    public var method: String?
    /// The largest amount that a swap may spend, as the online machine proposes it. The review on the offline machine
    /// shows this proposal.
    public var value: UInt256?
    /// The Uniswap pool that the online machine proposes, identified by its fee. The review on the offline machine
    /// shows this proposal.
    public var poolFee: UInt64?
    /// The L1 fee, which an OP-stack chain deducts in addition to the gas fee. It is the sum for all transactions of
    /// the payment. Transactions with the same nonce count only once, because only one of them can be mined. In a
    /// payroll, this is the highest L1 fee of a single payment.
    public var l1Fee: UInt256?
    public var ledgerHead: Hash?

    public init(chain: Chain, sender: Address) {
        self.chain = chain
        self.sender = sender
    }

    public static let kind = "conditions"
}

extension Conditions {
    /// Reads a conditions file.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        self = try AirlockFile.read(bytes) { Self.read(&$0, headOptional: false) }
    }

    /// Reads conditions that are inside a line of a batch, and not in a conditions file. In such a line, the members of
    /// the head (`airlock` and `kind`) may be missing.
    public init(line value: JSONValue) throws(ProblemList) {
        self = try AirlockFile.read(value) { Self.read(&$0, headOptional: true) }
    }

    private static func read(_ reader: inout ObjectReader, headOptional: Bool) -> Conditions? {
        AirlockFile.readHead(&reader, kind: kind, optional: headOptional)
        let chain = reader.string("chainId", utf8: { Chain(decimal: $0) }) { try Chain(decimal: $0) }
        let sender = reader.string("sender", utf8: { Address($0) }) { try Address($0) }
        // If the chain or the sender is missing, this function returns `nil`. It still reads all other JSON members, so
        // that the problems in them are reported too.
        var conditions = Conditions(chain: chain ?? .ethereum, sender: sender ?? .zero)
        func number(_ key: String) -> UInt64? {
            reader.optionalString(key, utf8: { UInt64(decimal: $0) }, Quantity.uint64)
        }
        func amount(_ key: String) -> UInt256? {
            reader.optionalString(key, utf8: { UInt256(decimal: $0) }) { try UInt256(decimal: $0) }
        }
        conditions.nonce = number("nonce")
        conditions.gas = number("gas")
        conditions.approveGas = number("approveGas")
        conditions.maxFeePerGas = amount("maxFeePerGas")
        conditions.maxPriorityFeePerGas = amount("maxPriorityFeePerGas")
        conditions.block = reader.optionalObject("block", readBlock)
        conditions.nativeBalance = amount("nativeBalance")
        conditions.token = reader.optionalObject("token", readToken)
        conditions.tokens = reader.optionalObjects("tokens", readPayrollToken)
        conditions.approval = reader.optionalObject("approval", readApproval)
        conditions.method = reader.optionalString("method")
        conditions.value = amount("value")
        conditions.poolFee = number("poolFee")
        conditions.l1Fee = amount("l1Fee")
        conditions.ledgerHead = reader.optionalString("ledgerHead") { try Hash(hex: $0) }
        conditions.recordMisplaced(&reader)
        return chain == nil || sender == nil ? nil : conditions
    }

    /// If the conditions are for a payroll, records a problem for each token that occurs twice, and for each JSON member
    /// that is allowed only for a single payment.
    private func recordMisplaced(_ reader: inout ObjectReader) {
        guard let tokens else { return }
        let single: [(String, Bool)] = [
            ("token", token != nil), ("approval", approval != nil), ("approveGas", approveGas != nil),
            ("method", method != nil), ("value", value != nil), ("poolFee", poolFee != nil),
        ]
        for (name, isThere) in single where isThere {
            reader.record([Problem(PaymentFileRule.besideTokens, at: reader.pointer(to: name))])
        }
        var seen: Set<Address> = []
        for (index, listed) in tokens.enumerated() where !seen.insert(listed.token.address).inserted {
            reader.record([
                Problem(
                    PaymentFileRule.repeatedToken, at: reader.pointer(to: "tokens") + "/\(index)/address",
                    saw: "\(listed.token.address)")
            ])
        }
    }

    private static func readPayrollToken(_ reader: inout ObjectReader) -> PayrollToken? {
        let address = reader.string("address") { try Address($0) }
        let symbol = reader.string("symbol")
        let decimals = reader.string("decimals", Quantity.decimals)
        let balance = reader.string("balance") { try UInt256(decimal: $0) }
        let gas = reader.string("gas", Quantity.uint64)
        reader.refuseUnknown()
        guard let address, let symbol, let decimals, let balance, let gas else { return nil }
        return PayrollToken(
            token: Token(address: address, symbol: symbol, decimals: decimals, balance: balance), gas: gas)
    }

    private static func readBlock(_ reader: inout ObjectReader) -> Block? {
        let number = reader.string("number", Quantity.uint64)
        let hash = reader.string("hash") { try Hash(hex: $0) }
        let timestamp = reader.string("timestamp", Quantity.uint64)
        reader.refuseUnknown()
        guard let number, let hash, let timestamp else { return nil }
        return Block(number: number, hash: hash, timestamp: Timestamp(seconds: timestamp))
    }

    private static func readToken(_ reader: inout ObjectReader) -> Token? {
        let address = reader.string("address") { try Address($0) }
        let symbol = reader.string("symbol")
        let decimals = reader.string("decimals", Quantity.decimals)
        let balance = reader.string("balance") { try UInt256(decimal: $0) }
        let domainSeparator = reader.optionalString("domainSeparator") { try Hash(hex: $0) }
        reader.refuseUnknown()
        guard let address, let symbol, let decimals, let balance else { return nil }
        return Token(
            address: address, symbol: symbol, decimals: decimals, balance: balance, domainSeparator: domainSeparator)
    }

    private static func readApproval(_ reader: inout ObjectReader) -> Approval? {
        let spender = reader.string("spender") { try Address($0) }
        let allowance = reader.string("allowance") { try UInt256(decimal: $0) }
        let resetFirst = reader.optionalBoolean("resetFirst") ?? false
        reader.refuseUnknown()
        guard let spender, let allowance else { return nil }
        return Approval(spender: spender, allowance: allowance, resetFirst: resetFirst)
    }

    /// The conditions file as a JSON object.
    public var json: JSONOutput {
        var members = AirlockFile.head(Self.kind)
        func add(_ key: String, _ value: (some CustomStringConvertible)?) {
            if let value { members.append((key, .string(value.description))) }
        }
        add("chainId", chain.id)
        add("sender", sender)
        add("nonce", nonce)
        add("gas", gas)
        add("approveGas", approveGas)
        add("maxFeePerGas", maxFeePerGas)
        add("maxPriorityFeePerGas", maxPriorityFeePerGas)
        if let block {
            members.append(
                (
                    "block",
                    [
                        "number": .string("\(block.number)"), "hash": .string("\(block.hash)"),
                        "timestamp": .string("\(block.timestamp.seconds)"),
                    ]
                ))
        }
        add("nativeBalance", nativeBalance)
        if let token {
            var token_: [(String, JSONOutput)] = [
                ("address", .string("\(token.address)")), ("symbol", .string(token.symbol)),
                ("decimals", .string("\(token.decimals)")), ("balance", .string("\(token.balance)")),
            ]
            if let separator = token.domainSeparator { token_.append(("domainSeparator", .string("\(separator)"))) }
            members.append(("token", .object(token_)))
        }
        if let tokens {
            let listed = tokens.map { listed -> JSONOutput in
                [
                    "address": .string("\(listed.token.address)"), "symbol": .string(listed.token.symbol),
                    "decimals": .string("\(listed.token.decimals)"), "balance": .string("\(listed.token.balance)"),
                    "gas": .string("\(listed.gas)"),
                ]
            }
            members.append(("tokens", .array(listed)))
        }
        if let approval {
            members.append(
                (
                    "approval",
                    [
                        "spender": .string("\(approval.spender)"), "allowance": .string("\(approval.allowance)"),
                        "resetFirst": .boolean(approval.resetFirst),
                    ]
                ))
        }
        add("method", method)
        add("value", value)
        add("poolFee", poolFee)
        add("l1Fee", l1Fee)
        add("ledgerHead", ledgerHead)
        return .object(members)
    }
}

/// Reads the numbers in Airlock's files. The files contain numbers as decimal strings, and each number has an upper
/// limit.
public enum Quantity {
    public static func uint64(_ text: String) throws(ValueError) -> UInt64 {
        let number = try UInt256(decimal: text)
        guard let value = UInt64(exactly: number) else {
            throw ValueError(.tooLarge, saw: text, expected: "at most 2^64 - 1")
        }
        return value
    }

    /// Reads the decimals of a token. The limit is 77, because 10 to the power of 78 does not fit into 256 bits.
    public static func decimals(_ text: String) throws(ValueError) -> UInt64 {
        let value = try uint64(text)
        guard value <= 77 else { throw ValueError(.tooLarge, saw: text, expected: "at most 77") }
        return value
    }
}
