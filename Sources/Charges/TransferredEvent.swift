public import AirlockEthereumTypes
import AirlockRequests

/// The contract's word that an intent was paid:
/// `Transferred(address indexed operator, bytes16 id, address recipient, address sender, uint256, address)`.
public struct TransferredEvent: Hashable, Sendable {
    public let `operator`: Address
    public let id: FixedBytes<16>
    public let recipient: Address
    public let sender: Address
    public let spentAmount: UInt256
    public let spentCurrency: Address

    public static let topic = Hash.keccak(Array("Transferred(address,bytes16,address,address,uint256,address)".utf8))

    /// Reads a log; `nil` when it is another event, or not exactly this one.
    public init?(topics: [Hash], data: [UInt8]) {
        guard topics.count == 2, topics[0] == Self.topic, let operatorWord = Self.address(topics[1]),
            data.count == 5 * 32
        else { return nil }
        let words = (0..<5).compactMap { FixedBytes<32>(Array(data[$0 * 32..<$0 * 32 + 32])) }
        // bytes16 is left-aligned in its word.
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
    /// The event by which the contract proves that the call's intent was paid: equal to it in every field, and the payer's
    /// money spent within what the call allows. `nil` where the call does not tell what it may spend.
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
    ) -> Effect.Judgement {
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
                spentCurrency: spentCurrency, first: FirstForm.Event(operator: `operator`, id: id)))
    }
}
