import AirlockEthereumTypes
import AirlockSamples
import AirlockCharges

extension ChargeRefusals {
    /// Charges in which one field has a value that the operator did not sign.
    static let altered: [RefusedCharge] =
        [
            ("recipient_amount", "1039501"), ("fee_amount", "10501"), ("deadline", "2026-03-11T08:30:48Z"),
            ("recipient", "0x5ea054aeea285ebc3a92ecb1f722f44304f72582"),
            ("recipient_currency", "0x833589fcd6edb6e08f4c7c32d4f71b54bda02914"),
            ("refund_destination", "0x5ea054aeea285ebc3a92ecb1f722f44304f72581"),
            ("id", "0x00112233445566778899aabbccddeefe"),
            ("operator", "0x8fccc78dae0a8f93b0fe6799de888d4c57e273db"), ("prefix", "0x"),
        ].map { name, text in
            changed("with another \(name)", "charge.signature-mismatch", "\(callData)/signature") {
                $0[name] = quoted(text)
            }
        }
        + [
            ("chain_id", "8454"), ("contract_address", quoted("0x03059433bcdb6144624cc2443159d9445c32b7a9")),
            ("sender", quoted("0x5ea054aeea285ebc3a92ecb1f722f44304f72581")),
        ].map { name, json in
            changed("with another \(name)", "charge.signature-mismatch", "\(callData)/signature") {
                $0[metadata: name] = json
            }
        }

    static let signatures: [RefusedCharge] = {
        let place = "\(callData)/signature"
        let whole = Array((sample["signature"] ?? "").dropFirst(3).dropLast())
        func with(_ name: String, _ code: String, _ signature: String) -> RefusedCharge {
            changed(name, code, place) { $0["signature"] = quoted(signature) }
        }
        let r = String(whole[0..<64])
        let s = String(whole[64..<128])
        let v = String(whole[128..<130])
        let zero = String(repeating: "0", count: 64)
        let order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
        // Every ECDSA signature has a second form: s becomes n - s, where n is the order of the curve, and v changes
        // between 27 and 28. The second form is also valid on the curve, but the contract refuses a high s.
        let mirrored = (try? UInt256(quantity: "0x" + order))
            .flatMap { order in (try? Hash(hex: "0x" + s)).flatMap { order.subtracting(UInt256($0)) } }
        let high = Hex.encode(mirrored?.word.bytes ?? [], prefix: false)
        let other = v == "1b" ? "1c" : "1b"
        return [
            with("with no signature", "charge.signature-length", "0x"),
            with("with a signature of 64 bytes", "charge.signature-length", "0x\(r)\(s)"),
            with("with a signature of 66 bytes", "charge.signature-length", "0x\(r)\(s)\(v)00"),
            with("with half a byte in the signature", "value.not-hex", "0x\(r)\(s)1"),
            with("with a signature without 0x", "value.not-hex", "\(r)\(s)\(v)"),
            with("with v 0", "charge.signature-form", "0x\(r)\(s)00"),
            with("with v 1", "charge.signature-form", "0x\(r)\(s)01"),
            with("with v 29", "charge.signature-form", "0x\(r)\(s)1d"),
            with("with a high s", "charge.signature-form", "0x\(r)\(high)\(other)"),
            with("with an r of zero", "charge.signature-form", "0x\(zero)\(s)\(v)"),
            with("with an s of zero", "charge.signature-form", "0x\(r)\(zero)\(v)"),
            with("with an r of the order", "charge.signature-form", "0x\(order)\(s)\(v)"),
            with(
                "with an r that is on no point", "charge.signature-form",
                "0x0000000000000000000000000000000000000000000000000000000000000005\(s)\(v)"),
            with("with the other parity", "charge.signature-mismatch", "0x\(r)\(s)\(other)"),
            with("with r and s of one", "charge.signature-mismatch", "0x\(zero.dropLast())1\(zero.dropLast())1\(v)"),
            RefusedCharge(
                "signed by somebody else", (try? sample.signed(by: .stranger).bytes) ?? [],
                [Refusal("charge.signature-mismatch", place)]),
            changed("with an unknown prefix", "charge.unknown-prefix", "\(callData)/prefix", sign: true) {
                $0["prefix"] = quoted("0x4b")
            },
            changed("with a byte behind the known prefix", "charge.unknown-prefix", "\(callData)/prefix", sign: true) {
                $0["prefix"] = quoted(Hex.encode(TransferIntent.knownPrefix + [0]))
            },
            changed("with a prefix of 65 bytes", "charge.unknown-prefix", "\(callData)/prefix", sign: true) {
                $0["prefix"] = quoted("0x" + String(repeating: "4b", count: 65))
            },
            changed("with a prefix that is no hex", "value.not-hex", "\(callData)/prefix") {
                $0["prefix"] = quoted("K2 Informational Message: 32 ")
            },
        ]
    }()

    // MARK: The intent

    static let intents: [RefusedCharge] = [
        changed("to nobody", "charge.null-recipient", "\(callData)/recipient", sign: true) {
            $0["recipient"] = quoted(Address.zero)
        },
        changed("of no operator", "charge.null-operator", "\(callData)/operator", sign: true) {
            $0["operator"] = quoted(Address.zero)
        },
        changed("for nothing", "charge.nothing-needed", "\(callData)/recipient_amount", sign: true) {
            $0["recipient_amount"] = quoted(0)
            $0["fee_amount"] = quoted(0)
        },
        changed("for 2^256 in all", "charge.amount-overflow", "\(callData)/recipient_amount", sign: true) {
            $0["recipient_amount"] = quoted(UInt256.max)
            $0["fee_amount"] = quoted(1)
        },
        changed("to nobody, of no operator, for nothing", "", nil, sign: true) {
            $0["recipient"] = quoted(Address.zero)
            $0["operator"] = quoted(Address.zero)
            $0["recipient_amount"] = quoted(0)
            $0["fee_amount"] = quoted(0)
        }.replacing([
            Refusal("charge.null-recipient", "\(callData)/recipient"),
            Refusal("charge.null-operator", "\(callData)/operator"),
            Refusal("charge.nothing-needed", "\(callData)/recipient_amount"),
        ]),
        changed("to nobody, for too much", "", nil, sign: true) {
            $0["recipient"] = quoted(Address.zero)
            $0["recipient_amount"] = quoted(UInt256.max)
        }.replacing([
            Refusal("charge.null-recipient", "\(callData)/recipient"),
            Refusal("charge.amount-overflow", "\(callData)/recipient_amount"),
        ]),
    ]
}
