public import AirlockEthereumTypes

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

    /// Reads a log; nothing when it is another event, or not exactly this one.
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
