import AirlockEthereumTypes
import AirlockGcrypt
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import Testing

private let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
private let orderLessOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
private let orderAndOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142"
private let zero = String(repeating: "0", count: 64)
private let one = String(repeating: "0", count: 63) + "1"
private let key = "fadf8d0cee2efe37284f19243735d81af69b55e14e4c371c5e35fd9c55df6039"

@Suite("A secret key")
struct SecretKeyTests {
    private static let addresses: [(hex: String, address: String)] = [
        (one, "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
        ("\(zero.dropLast())2", "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"),
        (orderLessOne, "0x80C0dbf239224071c59dD8970ab9d542E3414aB2"),
        (key, "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"),
        ("0x\(key)", "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"),
        ("0X\(key)", "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"),
        ("0x\(key.uppercased())", "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"),
        ("FADF\(key.dropFirst(4))", "0xC1Cb351A03Beb5B423BCC4e2a0c9d588CC67e56d"),
    ]

    @Test("has the address that eth-account gives it", arguments: addresses)
    func address(hex: String, address: String) throws {
        let key = try SecretKey(hex: Array(hex.utf8).span)
        #expect(key.address.description == address)
        #expect(key.publicKey.address == key.address)
    }

    static let refused: [(String, SecretKeyRule)] = [
        (zero, .outOfRange), (order, .outOfRange), (orderAndOne, .outOfRange),
        (String(repeating: "f", count: 64), .outOfRange), ("0x" + zero, .outOfRange),
        ("", .notHex), ("0x", .notHex), (String(key.dropLast()), .notHex), (key + "0", .notHex),
        ("0x" + key.dropLast(), .notHex), ("0x" + key + "0", .notHex), ("x" + key, .notHex), ("0" + key, .notHex),
        ("0y" + key, .notHex), ("1x" + key, .notHex), ("0x0x" + key.dropLast(2), .notHex),
        (key + "\n", .notHex), (" " + key.dropLast(), .notHex), ("-" + key.dropFirst(), .notHex),
        ("\u{FEFF}" + key, .notHex),
    ]

    @Test("is refused where it is no number between zero and the order of the curve", arguments: refused)
    func refusal(hex: String, rule: SecretKeyRule) {
        let error = #expect(throws: SecretKeyError.self) { _ = try SecretKey(hex: Array(hex.utf8).span).address }
        #expect(error?.rule == rule)
        #expect(error?.problems == [Problem(rule)])
    }

    @Test("takes the 22 characters that are hexadecimal digits at either half of a byte, and no other byte")
    func digits() {
        let wanted = Set("0123456789abcdefABCDEF".utf8)
        for place in [0, 1, 62, 63] {
            let taken = (UInt8.min...UInt8.max).filter { character in
                var text = Array(key.utf8)
                text[place] = character
                return refusals { _ = try SecretKey(hex: text.span).address }.isEmpty
            }
            #expect(Set(taken) == wanted, "at \(place)")
        }
    }

    static let wrongLengths = [0, 1, 31, 33, 64]

    @Test("has 32 bytes and no other number", arguments: wrongLengths)
    func length(count: Int) throws {
        let error = #expect(throws: SecretKeyError.self) { _ = try SecretKey(SecureBytes(count: count)).address }
        #expect(error?.problems == [Problem(SecretKeyRule.wrongLength)])
    }

    @Test("is taken from bytes as from digits")
    func bytes() throws {
        let bytes = try Hex.decode(digits: key)
        #expect(try SecretKey(SecureBytes(copying: bytes.span)).address == SecretKey(hex: Array(key.utf8).span).address)
    }

    @Test("of the kernel's randomness is another each time, and signs")
    func random() throws {
        let first = try SecretKey.random()
        let second = try SecretKey.random()
        #expect(first.address != second.address)
        let digest = Hash.keccak([1])
        #expect(try first.sign(digest).recoverAddress(digest: digest) == first.address)
    }

    @Test("says that the engine failed, and why, where no secure memory is left")
    func engine() async {
        await #expect(processExitsWith: .success) {
            let error = #expect(throws: SecretKeyError.self) {
                var kept: [Holder] = []
                while true { kept.append(try Holder(Array(key.utf8))) }
            }
            #expect(error?.rule == .engineFailed)
            #expect(error?.problems.map(\.code) == ["gcrypt.secure-memory-exhausted"])
        }
    }

    @Test("every rule is reached, except for what only a broken engine can do")
    func complete() {
        let reached = Set(Self.refused.map(\.1) + [.wrongLength, .engineFailed])
        #expect(reached == Set(SecretKeyRule.allCases))
        for rule in SecretKeyRule.allCases { #expect(!rule.meaning.isEmpty) }
    }
}

/// An object that keeps a key in memory until the test releases it.
private final class Holder {
    let key: SecretKey

    init(_ hex: [UInt8]) throws(SecretKeyError) { key = try SecretKey(hex: hex.span) }
}
