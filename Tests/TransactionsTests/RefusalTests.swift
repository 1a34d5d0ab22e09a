import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRLP
import AirlockSecp256k1
import Testing
import AirlockTransactions

@Suite("Transactions that are refused")
struct RefusalTests {
    struct RefusedInput: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let raw: [UInt8]
        let error: TransactionError

        init(_ description: String, _ raw: [UInt8], _ error: TransactionError) {
            self.testDescription = description
            self.raw = raw
            self.error = error
        }

        init(_ description: String, _ raw: [UInt8], _ rule: TransactionRule, at offset: Int) {
            self.init(description, raw, .rule(rule, at: offset))
        }

        init(_ description: String, _ raw: [UInt8], _ rule: RLPRule, at offset: Int) {
            self.init(description, raw, .rlp(RLPError(rule, at: offset)))
        }
    }

    /// The items of a small transaction of type 2. In the bytes of the transaction, they begin at these offsets: chain
    /// ID 3, nonce 6, priority fee 7, fee 8, gas 9, `to` 12, value 33, data 34, access list 35, parity 36, r 37, s 69.
    /// The transaction ends at offset 102.
    enum Item: Int {
        case chainID, nonce, priorityFee, fee, gas, to, value, data, accessList, parity, r, s
    }

    private static let small = bytes(Fixture.all[8].raw)
    private static let legacy = bytes(Fixture.all[5].raw)

    private static func items(_ raw: [UInt8], from offset: Int) -> [RLPItem] {
        guard case .list(let items) = try? RLPItem(decoding: Array(raw[offset...])) else { return [] }
        return items
    }

    /// Returns the small transaction with one item replaced.
    private static func with(_ item: Item, _ replacement: RLPItem) -> [UInt8] {
        var items = items(small, from: 1)
        items[item.rawValue] = replacement
        return RLP.encode(items, after: 2)
    }

    /// Returns the small transaction with only its first `count` items.
    private static func cut(_ count: Int) -> [UInt8] {
        RLP.encode(Array(items(small, from: 1).prefix(count)), after: 2)
    }

    /// Returns a legacy transaction with these values of v, r and s.
    private static func legacy(v: UInt256, r: UInt256 = 1, s: UInt256 = 1) -> [UInt8] {
        let tail = [v, r, s].map { RLPItem.bytes(Array($0.word.bytes.drop { $0 == 0 })) }
        return RLP.encode(RLPItem.list(items(legacy, from: 0).prefix(6) + tail))
    }

    private static let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
    private static let aboveHalf = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"
    private static let twoTo64 = bytes("010000000000000000")

    private static let signedRefusals = [
        RefusedInput("nothing", [], .missingItem, at: 0),
        RefusedInput("wrapped in a string", RLP.encode(RLPItem.bytes(small)), .wrappedInString, at: 0),
        RefusedInput("legacy, wrapped in a string", RLP.encode(RLPItem.bytes(legacy)), .wrappedInString, at: 0),
        RefusedInput("type 3, wrapped in a string", [0x82, 0x03, 0xc0], .wrappedInString, at: 0),
        RefusedInput("a string of something else", [0x82, 0x61, 0x62], .unknownType, at: 0),
        RefusedInput("a string that is cut short", [0x83, 0x02, 0xc0], .unknownType, at: 0),
        RefusedInput("two strings", [0x82, 0x02, 0xc0, 0x80], .unknownType, at: 0),
        RefusedInput("type 0 with a byte of type", [0] + legacy, .unknownType, at: 0),
        RefusedInput("type 3", [3] + small.dropFirst(), .blob, at: 0),
        RefusedInput("type 4", [4] + small.dropFirst(), .setCode, at: 0),
        RefusedInput("type 5", [5] + small.dropFirst(), .unknownType, at: 0),
        RefusedInput("type 127", [0x7f] + small.dropFirst(), .unknownType, at: 0),
        RefusedInput("the type alone", [2], .missingItem, at: 1),
        RefusedInput("a string after the type", [2, 0x82, 0x61, 0x62], .expectedList, at: 1),
        RefusedInput("bytes after the end", small + [0], .trailingBytes, at: 102),
        RefusedInput("bytes missing at the end", small.dropLast(), .beyondEnd, at: 1),
        RefusedInput(
            "an item too many", RLP.encode(items(small, from: 1) + [.bytes([1])], after: 2),
            .superfluousItem, at: 102),
        RefusedInput("not signed", cut(9), .notSigned, at: 35),
        RefusedInput("only a parity", cut(10), .missingItem, at: 36),
        RefusedInput("without s", cut(11), .missingItem, at: 69),
        RefusedInput("without access list", cut(8), .missingItem, at: 34),
        RefusedInput("an empty list", [2, 0xc0], .missingItem, at: 2),
        RefusedInput("chain id 0", with(.chainID, .bytes([])), .noChain, at: 3),
        RefusedInput("chain id with a leading zero", with(.chainID, .bytes([0, 1])), .integerLeadingZero, at: 3),
        RefusedInput("chain id of 2^64", with(.chainID, .bytes(twoTo64)), .integerTooLarge, at: 3),
        RefusedInput("nonce written as a zero byte", with(.nonce, .bytes([0])), .integerLeadingZero, at: 6),
        RefusedInput("nonce of 2^64", with(.nonce, .bytes(twoTo64)), .integerTooLarge, at: 6),
        RefusedInput("nonce as a list", with(.nonce, .list([])), .expectedBytes, at: 6),
        RefusedInput(
            "priority fee with a leading zero", with(.priorityFee, .bytes([0, 1])), .integerLeadingZero, at: 7),
        RefusedInput(
            "priority fee of 2^256", with(.priorityFee, .bytes([1] + [UInt8](repeating: 0, count: 32))),
            .integerTooLarge, at: 7),
        RefusedInput("fee with a leading zero", with(.fee, .bytes([0, 1])), .integerLeadingZero, at: 8),
        RefusedInput("gas of 2^64", with(.gas, .bytes(twoTo64)), .integerTooLarge, at: 9),
        RefusedInput("to of 19 bytes", with(.to, .bytes([UInt8](repeating: 1, count: 19))), .wrongLength, at: 12),
        RefusedInput("to of 21 bytes", with(.to, .bytes([UInt8](repeating: 0, count: 21))), .wrongLength, at: 12),
        RefusedInput("to as a list", with(.to, .list([])), .expectedBytes, at: 12),
        RefusedInput("value with a leading zero", with(.value, .bytes([0, 3])), .integerLeadingZero, at: 33),
        RefusedInput("data as a list", with(.data, .list([])), .expectedBytes, at: 34),
        RefusedInput("access list as a string", with(.accessList, .bytes([])), .expectedList, at: 35),
        RefusedInput("an entry as a string", with(.accessList, .list([.bytes([])])), .expectedList, at: 36),
        RefusedInput("an empty entry", with(.accessList, .list([.list([])])), .missingItem, at: 37),
        RefusedInput(
            "an address of 19 bytes in the access list",
            with(.accessList, .list([.list([.bytes([UInt8](repeating: 1, count: 19)), .list([])])])), .wrongLength,
            at: 37),
        RefusedInput(
            "an entry of three items",
            with(.accessList, .list([.list([.bytes([UInt8](repeating: 1, count: 20)), .list([]), .list([])])])),
            .superfluousItem, at: 59),
        RefusedInput(
            "a storage key of 31 bytes",
            with(
                .accessList,
                .list([
                    .list([
                        .bytes([UInt8](repeating: 1, count: 20)), .list([.bytes([UInt8](repeating: 1, count: 31))]),
                    ])
                ])), .wrongLength, at: 59),
        RefusedInput("a parity of 2", with(.parity, .bytes([2])), .wrongParity, at: 36),
        RefusedInput("a parity of 27", with(.parity, .bytes([27])), .wrongParity, at: 36),
        RefusedInput("a parity written as a zero byte", with(.parity, .bytes([0])), .integerLeadingZero, at: 36),
        RefusedInput(
            "r with its leading zero byte", with(.r, .bytes([0] + [UInt8](repeating: 1, count: 31))),
            .integerLeadingZero, at: 37),
        RefusedInput("r of zero", with(.r, .bytes([])), .signature(SignatureError(.rOutOfRange))),
        RefusedInput("r of the order", with(.r, .bytes(bytes(order))), .signature(SignatureError(.rOutOfRange))),
        RefusedInput("s of zero", with(.s, .bytes([])), .signature(SignatureError(.sOutOfRange))),
        RefusedInput("s of the order", with(.s, .bytes(bytes(order))), .signature(SignatureError(.sOutOfRange))),
        RefusedInput("s in the upper half", with(.s, .bytes(bytes(aboveHalf))), .signature(SignatureError(.highS))),
        RefusedInput("s of 33 bytes", with(.s, .bytes([UInt8](repeating: 1, count: 33))), .integerTooLarge, at: 69),
        // v begins at byte 42, or at byte 43 if the list is longer than 55 bytes.
        RefusedInput("legacy, not signed", bytes(Fixture.all[7].unsigned), .notSigned, at: 24),
        RefusedInput("legacy, not signed, by EIP-155", bytes(Fixture.all[5].unsigned), .notSigned, at: 42),
        RefusedInput("v of 0", legacy(v: 0), .wrongV, at: 42),
        RefusedInput("v of 26", legacy(v: 26), .wrongV, at: 42),
        RefusedInput("v of 29", legacy(v: 29), .wrongV, at: 42),
        RefusedInput("v of 34", legacy(v: 34), .wrongV, at: 42),
        RefusedInput("v of 35, chain id 0", legacy(v: 35), .noChain, at: 42),
        RefusedInput("v of 36, chain id 0", legacy(v: 36), .noChain, at: 42),
        RefusedInput(
            "v of a chain id of 2^64", legacy(v: UInt256(bigEndian: bytes("020000000000000023").span) ?? 0), .wrongV,
            at: 42),
        RefusedInput("v of 2^256 - 1", legacy(v: .max), .wrongV, at: 43),
        RefusedInput("legacy, r of zero", legacy(v: 37, r: 0), .signature(SignatureError(.rOutOfRange))),
        RefusedInput("legacy, s of zero", legacy(v: 37, s: 0), .signature(SignatureError(.sOutOfRange))),
    ]

    private static let unsignedRefusals = [
        RefusedInput("signed, type 2", small, .alreadySigned, at: 36),
        RefusedInput("signed, legacy", legacy, .alreadySigned, at: 43),
        RefusedInput("legacy, chain id 0", legacy(v: 0, r: 0, s: 0), .noChain, at: 42),
        RefusedInput("legacy, chain id above 64 bits", legacy(v: .max, r: 0, s: 0), .wrongV, at: 43),
        RefusedInput(
            "type 2, parity, r and s of 0",
            RLP.encode(items(small, from: 1).prefix(9) + [.bytes([]), .bytes([]), .bytes([])], after: 2),
            .alreadySigned, at: 35),
        RefusedInput("type 2, chain id 0", [2, 0xc9] + [UInt8](repeating: 0x80, count: 8) + [0xc0], .noChain, at: 2),
        RefusedInput("wrapped in a string", RLP.encode(RLPItem.bytes(cut(9))), .wrappedInString, at: 0),
        RefusedInput("type 4", [4, 0xc0], .setCode, at: 0),
    ]

    @Test("are refused for the right reason, at the right place", arguments: signedRefusals)
    func signed(refusal: RefusedInput) {
        let error = #expect(throws: TransactionError.self) { try SignedTransaction(raw: refusal.raw) }
        #expect(error == refusal.error)
    }

    @Test("are refused as unsigned for the right reason, at the right place", arguments: unsignedRefusals)
    func unsigned(refusal: RefusedInput) {
        let error = #expect(throws: TransactionError.self) { try UnsignedTransaction(encoded: refusal.raw) }
        #expect(error == refusal.error)
    }

    @Test("every byte changed, and every cut, is refused or gives the same bytes again")
    func altered() {
        for fixture in Fixture.all {
            let raw = bytes(fixture.raw)
            for index in raw.indices {
                #expect((try? SignedTransaction(raw: Array(raw[..<index]))) == nil, "cut at \(index)")
                for change in [1, 0x7f, 0x80, 0xff] as [UInt8] {
                    var other = raw
                    other[index] ^= change
                    guard let signed = try? SignedTransaction(raw: other) else { continue }
                    #expect(signed.content.raw == other, "byte \(index)")
                }
            }
        }
    }

    @Test("say code, message and place")
    func problems() {
        let wrapped = TransactionError.rule(.wrappedInString, at: 0).problems
        #expect(wrapped == [Problem(TransactionRule.wrappedInString, detail: "at byte 0")])
        let rlp = RLPError(.trailingBytes, at: 7)
        #expect(TransactionError.rlp(rlp).problems == rlp.problems)
        let signature = SignatureError(.highS)
        #expect(TransactionError.signature(signature).problems == signature.problems)
    }

    @Test("every rule says what is wrong", arguments: TransactionRule.allCases)
    func rules(rule: TransactionRule) {
        #expect(!rule.meaning.isEmpty)
    }
}
