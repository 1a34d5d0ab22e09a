import AirlockEthereumTypes
import AirlockPaymentFiles
import Testing

@Suite("The comparison code")
struct ComparisonCodeTests {
    private static let hashes = (0..<64).map { Hash.keccak([UInt8($0)]) }

    @Test("has three groups of four from 32 letters that are not mistaken for one another")
    func form() {
        let alphabet = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var seen: Set<Character> = []
        for hash in Self.hashes {
            let groups = ComparisonCode.code(over: [hash]).split(separator: "-", omittingEmptySubsequences: false)
            #expect(groups.map(\.count) == [4, 4, 4])
            #expect(groups.joined().allSatisfy(alphabet.contains))
            seen.formUnion(groups.joined())
        }
        // The 64 codes of twelve letters must together contain all 32 letters. The probability that a letter is missing
        // by chance is only about 10^-9.
        #expect(seen == alphabet)
    }

    @Test("is the first 60 bits of the hash over all hashes, five to a letter, worked out by hand")
    func value() {
        let digest = Hash.keccak(Self.hashes[0].bytes + Self.hashes[1].bytes)
        let bits = digest.bytes.prefix(8).flatMap { byte in (0..<8).map { byte >> (7 - $0) & 1 } }
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
        var code = ""
        for letter in 0..<12 {
            if letter == 4 || letter == 8 { code += "-" }
            code.append(alphabet[bits[letter * 5..<letter * 5 + 5].reduce(0) { $0 * 2 + Int($1) }])
        }
        #expect(ComparisonCode.code(over: Array(Self.hashes[0...1])) == code)
    }

    @Test("is the same for the same hashes, and another for others, for fewer, and for another order")
    func distinct() {
        let all = Self.hashes
        #expect(ComparisonCode.code(over: all) == ComparisonCode.code(over: all))
        var codes = [ComparisonCode.code(over: []), ComparisonCode.code(over: all.reversed())]
        for count in 1...all.count { codes.append(ComparisonCode.code(over: Array(all.prefix(count)))) }
        #expect(Set(codes).count == codes.count)
    }

    @Test("over many payments is over their hashes in order, and a payment that comes twice counts once")
    func many() {
        var code = BatchComparisonCode()
        for payment in [Self.hashes[0...0], Self.hashes[1...3], Self.hashes[0...0], Self.hashes[1...3], []] {
            code.add(Array(payment))
        }
        #expect(code.count == 2 && code.code == ComparisonCode.code(over: Array(Self.hashes[0...3])))
        var other = BatchComparisonCode()
        for payment in [Self.hashes[1...3], Self.hashes[0...0]] { other.add(Array(payment)) }
        #expect(other.code != code.code)
    }

    @Test("knows each of 140,000 payments again")
    func manyThousands() {
        let hashes = (0..<140_000).map { number in Hash { $0 < 4 ? UInt8(truncatingIfNeeded: number >> ($0 * 8)) : 1 } }
        var code = BatchComparisonCode()
        for hash in hashes { code.add([hash]) }
        let once = code.code
        for hash in hashes { code.add([hash]) }
        #expect(code.count == hashes.count && code.code == once && once == ComparisonCode.code(over: hashes))
    }

    @Test("changes with every bit of a hash")
    func bits() {
        let code = ComparisonCode.code(over: [Self.hashes[0]])
        for bit in 0..<256 {
            let altered = Hash { Self.hashes[0][$0] ^ ($0 == bit / 8 ? 1 << UInt8(bit % 8) : 0) }
            #expect(ComparisonCode.code(over: [altered]) != code, "\(bit)")
        }
    }
}
