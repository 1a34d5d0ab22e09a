import AirlockABI
public import AirlockEthereumTypes
import AirlockRequests
import AirlockTokens

/// The event of the contract that proves the payment of an intent:
/// `Transferred(address indexed operator, bytes16 id, address recipient, address sender, uint256, address)`.
public struct TransferredEvent: Hashable, Sendable {
    public let `operator`: Address
    public let id: FixedBytes<16>
    public let recipient: Address
    public let sender: Address
    public let spentAmount: UInt256
    public let spentCurrency: Address

    public static let topic = Hash.keccak(Array("Transferred(address,bytes16,address,address,uint256,address)".utf8))

    /// Reads a log. Returns `nil` if the log belongs to another event or is malformed.
    public init?(topics: [Hash], data: [UInt8]) {
        guard topics.count == 2, topics[0] == Self.topic, let operatorWord = Self.address(topics[1]),
            data.count == 5 * 32
        else { return nil }
        let words = (0..<5).compactMap { FixedBytes<32>(Array(data[$0 * 32..<$0 * 32 + 32])) }
        // A `bytes16` value is left-aligned in its word, so the other bytes must be zero.
        guard words.count == 5, (16..<32).allSatisfy({ words[0][$0] == 0 }), let recipient = Self.address(words[1]),
            let sender = Self.address(words[2]), let currency = Self.address(words[4])
        else { return nil }
        self.operator = operatorWord
        self.id = FixedBytes { words[0][$0] }
        self.recipient = recipient
        self.sender = sender
        self.spentAmount = UInt256(words[3])
        self.spentCurrency = currency
    }

    private static func address(_ word: FixedBytes<32>) -> Address? {
        (0..<12).allSatisfy { word[$0] == 0 } ? Address(lowBytesOf: word) : nil
    }
}

extension DecodedCall {
    /// The event that the receipt must contain. The event must match the intent, and its sender must be the payer. The
    /// spent currency and amount must be within the limits that the call data sets. The result is `nil` if the intent
    /// or these limits cannot be read from the call data.
    func effect(by contract: Address, value: UInt256, of sender: Address, on chain: Chain) -> Effect? {
        guard let intent, let outlay = Outlay(of: self, value: value, on: chain) else { return nil }
        let sender = subsidized?.owner ?? sender
        return Effect(events: [
            Effect.Event(contract: contract) { topics, data in
                TransferredEvent(topics: topics, data: data).map {
                    $0.judged(against: intent, outlay, of: sender, by: contract)
                }
            }
        ])
    }
}

extension TransferredEvent {
    fileprivate func judged(
        against intent: TransferIntent, _ outlay: Outlay, of sender: Address, by contract: Address
    ) -> Effect.Outcome {
        var differences: [Effect.Difference] = []
        func compare(_ field: String, _ saw: some CustomStringConvertible, _ expected: String, _ isRight: Bool) {
            if !isRight { differences.append(Effect.Difference(field, saw: saw.description, expected: expected)) }
        }
        func equal<Value: Equatable & CustomStringConvertible>(_ field: String, _ saw: Value, _ expected: Value) {
            compare(field, saw, expected.description, saw == expected)
        }
        equal("operator", `operator`, intent.operator)
        equal("id", id, intent.id)
        equal("recipient", recipient, intent.recipient)
        equal("sender", self.sender, sender)
        compare("spentCurrency", spentCurrency, outlay.currency.text, outlay.currency.includes(spentCurrency))
        compare(
            "spentAmount", spentAmount, outlay.amountText, outlay.least <= spentAmount && spentAmount <= outlay.most)
        guard differences.isEmpty else { return .other(differences, isOurs: id == intent.id) }
        return .paid(
            PaidEvent(
                contract: contract, recipient: recipient, sender: self.sender, spentAmount: spentAmount,
                spentCurrency: spentCurrency, first: LegacyMembers.Event(operator: `operator`, id: id)))
    }
}

/// The currency that a call is allowed to spend from the payer, and the lowest and highest amount that it is allowed to
/// spend. They are determined from the call, and the contract's event must agree with them.
struct Outlay: Hashable, Sendable {
    enum Currency: Hashable, Sendable {
        case one(Address)
        /// Any token. The call spends the wrapped native currency of the chain, but Airlock does not know the address
        /// of this currency. So Airlock cannot check which token was spent.
        case anyToken

        func includes(_ currency: Address) -> Bool {
            switch self {
            case .one(let one): one == currency
            case .anyToken: !currency.isZero
            }
        }

        var text: String {
            switch self {
            case .one(let one): one.description
            case .anyToken: "the wrapped native currency"
            }
        }
    }

    let currency: Currency
    let least: UInt256
    let most: UInt256

    var amountText: String { least == most ? "\(most)" : "\(least) to \(most)" }

    /// Determines the allowed currency and amounts from a call. Returns `nil` if they cannot be read from the call
    /// data.
    ///
    /// - Parameters:
    ///   - call: the decoded call.
    ///   - value: the native currency that the call sends.
    ///   - chain: the chain of the call.
    init?(of call: DecodedCall, value: UInt256, on chain: Chain) {
        guard let method = call.method, let intent = call.intent else { return nil }
        var most = intent.needed ?? .max
        switch method {
        case .transferNative, .wrapAndTransfer:
            currency = .one(.zero)
        case .swapAndTransferUniswapV3Native:
            currency = .one(.zero)
            most = value
        case .transferTokenPreApproved, .subsidizedTransferToken:
            currency = .one(intent.recipientCurrency)
        case .unwrapAndTransferPreApproved:
            currency = KnownTokens.on(chain).map { .one($0.wrappedNative) } ?? .anyToken
        case .transferToken, .unwrapAndTransfer, .swapAndTransferUniswapV3Token:
            guard let (token, requested) = call.permitted else { return nil }
            currency = .one(token)
            if method.isSwap { most = requested }
        case .swapAndTransferUniswapV3TokenPreApproved:
            guard case .address(let token) = call.arguments[1], case .uint(let maximum) = call.arguments[2] else {
                return nil
            }
            currency = .one(token)
            most = maximum
        }
        self.least = method.isSwap ? 1 : most
        self.most = most
    }
}

extension DecodedCall {
    /// The token that the contract is allowed to transfer by a Permit2 permit, and the amount that it requests from
    /// Permit2. The call's second argument contains both values.
    fileprivate var permitted: (token: Address, requested: UInt256)? {
        guard case .tuple(let data) = arguments[1], case .tuple(let permit) = data[0],
            case .tuple(let permissions) = permit[0], case .address(let token) = permissions[0],
            case .tuple(let details) = data[1], case .uint(let requested) = details[1]
        else { return nil }
        return (token, requested)
    }
}
