import AirlockRLP
import AirlockStrictJSON
import Testing

@Suite("Conformance: RLP", .needsVectors)
struct RLPVectors {
    @Test("ethereum/tests RLPTests")
    func ethereumTests() throws {
        let cases = try Vectors.files(under: "ethereum-tests/RLPTests").flatMap { try Vectors.json($0).namedCases() }
        conform("ethereum-tests/RLPTests", cases) { value in
            let encoded = try value.bytes("out")
            switch value["in"]?.string {
            case "INVALID":
                if let item = try? RLPItem(decoding: encoded) { throw Failure("decodes to \(item)") }
            case "VALID":
                try same("the encoding", RLP.encode(RLPItem(decoding: encoded)), encoded)
            default:
                let item = try self.item(value.member("in"))
                try same("the encoding", RLP.encode(item), encoded)
                try same("the item", RLPItem(decoding: encoded), item)
            }
        }
    }

    /// Converts a JSON value of the test set to an RLP item. A text is read as Latin-1 bytes. A number is an integer. A
    /// text that begins with `#` is an integer too, in decimal digits.
    private func item(_ value: JSONValue) throws -> RLPItem {
        if let elements = value.elements { return .list(try elements.map(item)) }
        if let number = value.number { return try integer(number) }
        guard let text = value.string else { throw Failure("\(value.pointer) is no item") }
        if text.hasPrefix("#") { return try integer(String(text.dropFirst())) }
        return .bytes(try text.unicodeScalars.map { try #require(UInt8(exactly: $0.value)) })
    }

    /// Converts decimal digits to bytes, digit by digit. `UInt256` is not used, because one vector contains 2^256,
    /// which is too large for it.
    private func integer(_ digits: String) throws -> RLPItem {
        var bytes: [UInt8] = []
        for digit in digits {
            var carry = try #require(digit.wholeNumberValue)
            for index in bytes.indices.reversed() {
                carry += Int(bytes[index]) * 10
                bytes[index] = UInt8(carry & 255)
                carry >>= 8
            }
            if carry > 0 { bytes.insert(UInt8(carry), at: 0) }
        }
        return .bytes(bytes)
    }
}
