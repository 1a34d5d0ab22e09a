import AirlockEthereumTypes
import AirlockSamples

/// A mistake in a field of a charge: its description, the invalid text of the field, and the error code of the rule
/// that refuses the text.
private typealias Mistake = (what: String, text: String, code: String)

extension ChargeRefusals {
    static let missing: [RefusedCharge] = {
        var table = [
            RefusedCharge(
                "without call data", text: sample.json.replacing("\"call_data\"", with: "\"callData\""),
                "json.missing-field", callData),
            RefusedCharge(
                "without metadata", text: sample.json.replacing("\"metadata\"", with: "\"meta\""),
                "json.missing-field", metadata),
            changed("without any field of the call data", "json.missing-field", callData) { $0.callData.members = [] }
                .replacing(sample.callData.members.map { Refusal("json.missing-field", "\(callData)/\($0.name)") }),
        ]
        for (name, _) in sample.callData.members {
            table.append(
                changed("without \(name)", "json.missing-field", "\(callData)/\(name)") { $0[name] = nil })
        }
        for (name, _) in sample.metadata.members {
            table.append(
                changed("without \(name)", "json.missing-field", "\(metadata)/\(name)") { $0[metadata: name] = nil })
        }
        return table
    }()

    /// Charges in which a member has the wrong type or is given twice. Every member of the call data must be a string,
    /// and the chain id must be a number.
    static let wrongTypes: [RefusedCharge] = {
        var table: [RefusedCharge] = []
        for (name, json) in sample.callData.members {
            for wrong in ["1039500", "null", "true", "[]", "{}"] {
                table.append(
                    changed("with \(wrong) for \(name)", "json.wrong-type", "\(callData)/\(name)") { $0[name] = wrong })
            }
            table.append(
                changed("with \(name) twice", "json.duplicate-key", "\(callData)/\(name)") {
                    $0.callData.members.append((name, json))
                })
        }
        for (name, json) in sample.metadata.members {
            for wrong in [name == "chain_id" ? "\"8453\"" : "5", "null", "[\(json)]"] {
                table.append(
                    changed("with \(wrong) for \(name)", "json.wrong-type", "\(metadata)/\(name)") {
                        $0[metadata: name] = wrong
                    })
            }
            table.append(
                changed("with \(name) twice", "json.duplicate-key", "\(metadata)/\(name)") {
                    $0.metadata.members.append((name, json))
                })
        }
        return table
    }()

    static let wrongValues: [RefusedCharge] = {
        var table: [RefusedCharge] = []
        func refuse(_ name: String, _ mistakes: [Mistake]) {
            for (what, text, code) in mistakes {
                table.append(
                    changed("with \(what) in \(name)", code, "\(callData)/\(name)") { $0[name] = quoted(text) })
            }
        }
        for name in ["recipient_amount", "fee_amount"] { refuse(name, amounts) }
        for name in ["recipient", "recipient_currency", "refund_destination", "operator"] { refuse(name, addresses) }
        refuse("id", identifiers)
        refuse("deadline", deadlines)
        for name in ["contract_address", "sender"] {
            for (what, text, code) in addresses {
                table.append(
                    changed("with \(what) in \(name)", code, "\(metadata)/\(name)") {
                        $0[metadata: name] = quoted(text)
                    })
            }
        }
        for (what, text, code) in chains {
            table.append(
                changed("with \(what) for chain_id", code, "\(metadata)/chain_id") { $0[metadata: "chain_id"] = text })
        }
        return table
    }()

    private static let tooLarge = "115792089237316195423570985008687907853269984665640564039457584007913129639936"

    private static let amounts: [Mistake] = [
        ("nothing", "", "value.not-a-decimal-integer"),
        ("a sign", "-1", "value.not-a-decimal-integer"),
        ("a plus", "+1", "value.not-a-decimal-integer"),
        ("a fraction", "1.0", "value.not-a-decimal-integer"),
        ("an exponent", "1e6", "value.not-a-decimal-integer"),
        ("a leading zero", "01", "value.not-a-decimal-integer"),
        ("a space", " 1", "value.not-a-decimal-integer"),
        ("a comma", "1,000", "value.not-a-decimal-integer"),
        ("hexadecimal digits", "0x10", "value.not-a-decimal-integer"),
        ("Arabic digits", "\u{0661}", "value.not-a-decimal-integer"),
        ("2^256", tooLarge, "value.too-large"),
    ]

    private static let addresses: [Mistake] = [
        ("nothing", "", "value.not-an-address"),
        ("39 digits", "0x5eA054aEea285Ebc3A92eCB1f722f44304F7258", "value.not-an-address"),
        ("41 digits", "0x5eA054aEea285Ebc3A92eCB1f722f44304F725811", "value.not-an-address"),
        ("no 0x", "5eA054aEea285Ebc3A92eCB1f722f44304F72581", "value.not-an-address"),
        ("a letter that is no digit", "0x5eA054aEea285Ebc3A92eCB1f722f44304F7258g", "value.not-an-address"),
    ]

    private static let identifiers: [Mistake] = [
        ("nothing", "", "value.not-hex"),
        ("no digits", "0x", "value.wrong-length"),
        ("no 0x", "00112233445566778899aabbccddeeff", "value.not-hex"),
        ("31 digits", "0x00112233445566778899aabbccddeef", "value.not-hex"),
        ("15 bytes", "0x00112233445566778899aabbccddee", "value.wrong-length"),
        ("17 bytes", "0x00112233445566778899aabbccddeeff00", "value.wrong-length"),
        ("a letter that is no digit", "0x00112233445566778899aabbccddeefg", "value.not-hex"),
    ]

    private static let deadlines: [Mistake] =
        [("a leading zero", "01773217849", "value.not-a-decimal-integer"), ("2^256", tooLarge, "value.too-large")]
        + [
            "", "tomorrow", "2026-03-11", "2026-03-11T08:30:49", "2026-03-11 08:30:49Z", "2026-02-30T08:30:49Z",
            "2026-03-11T24:00:00Z", "2026-03-11T08:30:60Z", "2026-03-11T08:30:49.Z", "2026-03-11T08:30:49+0100",
            "2026-03-11T08:30:49Z ", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "1773217849.5", "-1",
        ].map { ("'\($0)'", $0, "value.not-a-time") }

    private static let chains: [Mistake] = [
        ("zero", "0", "value.not-a-chain"),
        ("2^64", "18446744073709551616", "value.not-a-chain"),
        ("a sign", "-1", "value.not-a-decimal-integer"),
        ("a fraction", "8453.0", "value.not-a-decimal-integer"),
        ("an exponent", "8.453e3", "value.not-a-decimal-integer"),
    ]
}
