import AirlockABI
import AirlockEthereumTypes
import Testing

@Suite("The reader of known calls")
struct ABIReaderTests {
    private static let text = "f((uint256,bytes16,bytes),address,bool,uint24[],string)"
    private static let address = Address(FixedBytes { UInt8($0 + 1) })
    private static let id = FixedBytes<16> { UInt8(0xa0 + $0) }

    private struct Arguments: Equatable {
        var amount: UInt256
        var id: FixedBytes<16>
        var bytes: [UInt8]
        var address: Address
        var flag: Bool
        var fees: [UInt64]
        var text: String

        /// The same arguments as ABI values. ``ABIFunction`` returns such values when it decodes a call.
        var values: [ABIValue] {
            [
                .tuple([.uint(amount), .fixedBytes(id.bytes), .bytes(bytes)]), .address(address), .bool(flag),
                .array(fees.map { .uint(UInt256($0)) }), .string(text),
            ]
        }
    }

    private static func read(_ data: [UInt8], _ selector: Selector) throws(ABIError) -> Arguments {
        var reader = try ABIReader(data, after: selector, words: 5)
        let tuple = try reader.enterTuple(words: 3)
        let amount = try reader.uint256()
        let id: FixedBytes<16> = try reader.fixedBytes()
        let bytes = try reader.bytes()
        reader.leave(to: tuple)
        let address = try reader.address()
        let flag = try reader.bool()
        let array = try reader.enterArray(words: 1)
        var fees: [UInt64] = []
        for _ in 0..<array.count { fees.append(try reader.uint64(bits: 24)) }
        reader.leave(to: array.outside)
        let text = try reader.string()
        try reader.finish()
        return Arguments(amount: amount, id: id, bytes: bytes, address: address, flag: flag, fees: fees, text: text)
    }

    @Test("reads what the writer of any call has written")
    func reads() throws {
        let function = try ABIFunction(Self.text)
        let arguments = Arguments(
            amount: .max, id: Self.id, bytes: [1, 2, 3], address: Self.address, flag: true, fees: [500, 3000],
            text: "Grüße")
        let data = try function.encodeCall(arguments.values)
        #expect(try Self.read(data, function.selector) == arguments)
    }

    /// Damages the data of a call: changes every byte in several ways, cuts the data off at every byte, or appends
    /// bytes. ``ABIReader`` and ``ABIFunction`` must accept the same data and decode it to the same values. If they
    /// refuse the data, both must report the same rule at the same offset.
    @Test("takes and refuses what the decoder of any call does")
    func asTheOther() throws {
        let function = try ABIFunction(Self.text)
        let arguments = Arguments(
            amount: 7, id: Self.id, bytes: [1, 2, 3], address: Self.address, flag: false, fees: [500, 3000],
            text: "abc")
        let data = try function.encodeCall(arguments.values)
        var broken = (0..<data.count).map { Array(data.prefix($0)) } + [data + [0], data + data]
        for place in data.indices {
            for change: UInt8 in [1, 0x20, 0x80, 0xff] {
                var changed = data
                changed[place] ^= change
                broken.append(changed)
            }
        }
        var rules: Set<ABIRule> = []
        for data in broken {
            let expected = Result { () throws(ABIError) in try function.decodeCall(data) }
            let found = Result { () throws(ABIError) in try Self.read(data, function.selector).values }
            #expect(found == expected)
            if case .failure(let error) = found { rules.insert(error.rule) }
        }
        let all: Set<ABIRule> = [
            .tooShort, .wrongSelector, .offsetOutside, .wrongOffset, .lengthTooLarge, .dirtyPadding, .notBoolean,
            .outOfRange, .badUTF8, .trailingData,
        ]
        #expect(rules == all)
    }
}
