import AirlockEthereumTypes
import Testing

/// Reads a text as bytes and as a String. Returns whether both readers give the same value, or both refuse the text.
private func agree<Value: Equatable>(
    _ text: String, _ bytes: (Span<UInt8>) -> Value?, _ string: (String) throws -> Value
) -> Bool {
    bytes(Array(text.utf8).span) == (try? string(text))
}

/// Returns `>` followed by the text that the closure appends.
private func appended(_ append: (inout OutputSpan<UInt8>) -> Void) -> String {
    var text: [UInt8] = []
    text.append(addingCapacity: 100) { output in
        output.append(UInt8(ascii: ">"))
        append(&output)
    }
    return String(decoding: text, as: UTF8.self)
}

@Suite("Values in UTF-8")
struct ValuesInUTF8Tests {
    @Test(
        "are read and refused as from strings",
        arguments: [
            "", "0", "00", "07", "7", "12a", "1 ", "-1", "18446744073709551615", "18446744073709551616",
            "1234567890123456789", "12345678901234567890", "0x", "0x1", "0x12", "0xzz", "0X12", "12",
            "115792089237316195423570985008687907853269984665640564039457584007913129639935",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936",
            "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F", "0x9D8A62f656a8d1615C1294fd71e9CFb3E4855A4F",
            "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f", "0x9D8A62F656A8D1615C1294FD71E9CFB3E4855A4F",
            "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4", "9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F00",
            "0x00112233445566778899aabbccddeeff", "0x00112233445566778899aabbccddeefg",
            "2026-03-11T08:30:49Z", "2026-03-11t08:30:49.123z", "2026-03-11T08:30:49+02:00", "2026-02-29T00:00:00Z",
            "2026-03-11T08:30:49", "2026-03-11T08:30:49.Z", "2026-03-11T08:30:60Z", "2026-03-11T08:30:49Zx",
            "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59Z", "0x\u{e9}",
        ])
    func readAsStrings(text: String) {
        #expect(agree(text, { UInt256(decimal: $0) }) { try UInt256(decimal: $0) })
        #expect(UInt64(decimal: Array(text.utf8).span) == (try? UInt256(decimal: text)).flatMap { UInt64(exactly: $0) })
        #expect(agree(text, { Chain(decimal: $0) }) { try Chain(decimal: $0) })
        #expect(agree(text, { Address($0) }) { try Address($0) })
        #expect(agree(text, { Address(anyCase: $0) }) { try Address(anyCase: $0) })
        #expect(agree(text, { FixedBytes<16>(hex: $0) }) { try FixedBytes<16>(hex: $0) })
        #expect(agree(text, { Hex.bytes(of: $0) }) { try Hex.decode($0) })
        #expect(agree(text, { Timestamp($0) }) { try Timestamp($0) })
    }

    @Test("a number of 64 bits is no larger")
    func numbers() {
        #expect(UInt64(decimal: Array("18446744073709551615".utf8).span) == .max)
        #expect(UInt64(decimal: Array("18446744073709551616".utf8).span) == nil)
    }

    @Test("are appended as they are described")
    func append() throws {
        let address = try Address("0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F")
        let hash = Hash.keccak([1])
        #expect(appended { address.append(to: &$0) } == ">\(address)")
        #expect(appended { hash.append(to: &$0) } == ">\(hash)")
        let bytes: [UInt8] = [1, 0xab]
        #expect(appended { Hex.append(bytes.span, to: &$0) } == ">0x01ab")
        for number in [0, 9, 10, 18_446_744_073_709_551_615, .max] as [UInt256] {
            #expect(appended { number.append(to: &$0) } == ">\(number)")
        }
        for seconds in [0, 951_782_400, 1_773_217_849, 253_402_300_799, 253_402_300_800, .max] as [UInt64] {
            let time = Timestamp(seconds: seconds)
            #expect(appended { time.append(to: &$0) } == ">\(time)")
        }
    }
}
