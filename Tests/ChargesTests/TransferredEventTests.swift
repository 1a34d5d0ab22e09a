import AirlockABI
import AirlockEthereumTypes
import AirlockSamples
import Testing
import AirlockCharges

@Suite("The Transferred event")
struct TransferredEventTests {
    private static let recipient = SampleCharge.recipient
    private static let currency = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
    private static let id: [UInt8] = Array(1...16)
    private static let zeros = [UInt8](repeating: 0, count: 12)

    private static var topics: [Hash] {
        [TransferredEvent.topic, Hash { $0 < 12 ? 0 : SampleKey.operator.address.bytes[$0 - 12] }]
    }

    private static var data: [UInt8] {
        id + [UInt8](repeating: 0, count: 16) + zeros + recipient.bytes.bytes + zeros
            + SampleKey.payer.address.bytes.bytes + UInt256(1_050_000).word.bytes + zeros + currency.bytes.bytes
    }

    @Test("has the topic that is known of it")
    func topic() {
        #expect(
            TransferredEvent.topic.description == "0xb7ee4fafa10d16ee883a136a3dcc9179d8e6041ba71cc29c2b0bce4f7bdd6e86")
    }

    @Test("says who paid whom, what and for which intent")
    func read() throws {
        let event = try #require(TransferredEvent(topics: Self.topics, data: Self.data))
        #expect(event.operator == SampleKey.operator.address)
        #expect(event.id.bytes == Self.id)
        #expect(event.recipient == Self.recipient)
        #expect(event.sender == SampleKey.payer.address)
        #expect(event.spentAmount == 1_050_000)
        #expect(event.spentCurrency == Self.currency)
    }

    @Test("is what the generic codec makes of the same values")
    func codec() throws {
        let event = try ABIEvent(
            "Transferred(address indexed operator, bytes16 id, address recipient, address sender, uint256 spentAmount, address spentCurrency)"
        )
        #expect(event.topic == TransferredEvent.topic)
        let types = try ABIParameters("(bytes16,address,address,uint256,address)")
        let data = try types.encode([
            .fixedBytes(Self.id), .address(Self.recipient), .address(SampleKey.payer.address), .uint(1_050_000),
            .address(Self.currency),
        ])
        #expect(data == Self.data)
    }

    @Test(
        "is nothing when a byte of padding is dirty",
        arguments: [16, 31, 32, 43, 64, 75, 128, 139])
    func padding(index: Int) {
        var data = Self.data
        data[index] = 1
        #expect(TransferredEvent(topics: Self.topics, data: data) == nil)
    }

    @Test("is nothing when the operator's topic is no address", arguments: [0, 11])
    func operatorTopic(index: Int) {
        let topic = Hash { $0 == index ? 1 : Self.topics[1][$0] }
        #expect(TransferredEvent(topics: [TransferredEvent.topic, topic], data: Self.data) == nil)
    }

    @Test("is nothing when it is another event, or topics or data are missing or too many")
    func others() {
        let (topics, data) = (Self.topics, Self.data)
        #expect(TransferredEvent(topics: [], data: data) == nil)
        #expect(TransferredEvent(topics: [topics[0]], data: data) == nil)
        #expect(TransferredEvent(topics: topics + [.zero], data: data) == nil)
        #expect(TransferredEvent(topics: [.keccak([]), topics[1]], data: data) == nil)
        #expect(TransferredEvent(topics: topics.reversed(), data: data) == nil)
        for count in [0, 32, 128, 159] {
            #expect(TransferredEvent(topics: topics, data: Array(data.prefix(count))) == nil)
        }
        #expect(TransferredEvent(topics: topics, data: data + [0]) == nil)
        #expect(TransferredEvent(topics: topics, data: data + [UInt8](repeating: 0, count: 32)) == nil)
    }
}
