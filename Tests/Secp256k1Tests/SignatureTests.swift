import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSecp256k1
import Testing

private let order = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
private let orderLessOne = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
private let halfOrder = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0"
private let halfOrderAndOne = "0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1"
private let one = "0x0000000000000000000000000000000000000000000000000000000000000001"
private let zero = "0x0000000000000000000000000000000000000000000000000000000000000000"
private let most = "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

@Suite("Signature values")
struct SignatureTests {
    @Test(
        "refuses r or s of zero, or from the order of the curve on",
        arguments: [
            (one, one, nil), (orderLessOne, orderLessOne, nil),
            (zero, one, SignatureRule.rOutOfRange), (order, one, .rOutOfRange), (most, one, .rOutOfRange),
            (one, zero, .sOutOfRange), (one, order, .sOutOfRange), (one, most, .sOutOfRange),
            (zero, zero, .rOutOfRange),
        ])
    func range(r: String, s: String, rule: SignatureRule?) {
        #expect(refusal { () throws(SignatureError) in _ = try signature(r, s, 0) } == rule)
    }

    @Test("refuses a parity that is neither 0 nor 1", arguments: [2, 27, 255] as [UInt8])
    func parity(parity: UInt8) {
        #expect(refusal { () throws(SignatureError) in _ = try signature(one, one, parity) } == .wrongRecoveryByte)
    }

    @Test(
        "knows a low s from a high one",
        arguments: [(one, true), (halfOrder, true), (halfOrderAndOne, false), (orderLessOne, false)])
    func lowS(s: String, isLow: Bool) throws {
        let signature = try signature(one, s, 0)
        #expect(signature.isLowS == isLow)
        #expect(refusal { () throws(SignatureError) in try signature.requireLowS() } == (isLow ? nil : .highS))
    }

    @Test(
        "takes the forms of v that it is told to take",
        arguments: [
            (27, .only27Or28, 0), (28, .only27Or28, 1), (27, .alsoParity, 0), (28, .alsoParity, 1),
            (0, .alsoParity, 0), (1, .alsoParity, 1), (0, .only27Or28, nil), (1, .only27Or28, nil),
            (2, .alsoParity, nil), (26, .only27Or28, nil), (29, .alsoParity, nil), (37, .alsoParity, nil),
        ] as [(UInt8, Signature.RecoveryByte, UInt8?)])
    func recoveryByte(v: UInt8, accepted: Signature.RecoveryByte, parity: UInt8?) throws {
        let bytes = try Hex.decode(one) + Hex.decode(halfOrder) + [v]
        if let parity {
            let signature = try Signature(bytes, accepting: accepted)
            #expect(signature.yParity == parity)
            #expect(signature.r.description == one)
            #expect(signature.s.description == halfOrder)
            #expect(signature.bytes == bytes.dropLast() + [27 + parity])
            #expect(signature.description == Hex.encode(signature.bytes))
        } else {
            let error = #expect(throws: SignatureError.self) { try Signature(bytes, accepting: accepted) }
            #expect(error?.rule == .wrongRecoveryByte)
        }
    }

    @Test("refuses any other number of bytes than 65", arguments: [0, 64, 66])
    func length(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        let error = #expect(throws: SignatureError.self) { try Signature(bytes, accepting: .alsoParity) }
        #expect(error?.rule == .wrongLength)
    }

    @Test("every rule says what is wrong", arguments: SignatureRule.allCases)
    func rules(rule: SignatureRule) {
        #expect(SignatureError(rule).problems == [Problem(rule)])
        #expect(!rule.meaning.isEmpty)
    }
}

func signature(_ r: String, _ s: String, _ parity: UInt8) throws(SignatureError) -> Signature {
    guard let r = try? FixedBytes<32>(hex: r), let s = try? FixedBytes<32>(hex: s) else {
        preconditionFailure("the test gave no 32 bytes")
    }
    return try Signature(r: r, s: s, yParity: parity)
}

/// Returns the rule that `body` breaks; `nil` if it breaks none.
func refusal(_ body: () throws(SignatureError) -> Void) -> SignatureRule? {
    do {
        try body()
        return nil
    } catch {
        return error.rule
    }
}
