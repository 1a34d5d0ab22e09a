import AirlockEthereumTypes
import AirlockSamples
import AirlockSigning

/// A policy file that is refused, with all the problems that must be reported.
struct RefusedPolicy: CustomStringConvertible, Sendable {
    let description: String
    let bytes: [UInt8]
    let refusals: [Refusal]

    init(_ name: String, _ text: String, _ code: String, _ field: String?) {
        self.description = name
        self.bytes = Array(text.utf8)
        self.refusals = [Refusal(code, field)]
    }

    init(_ name: String, _ text: String, fields: String...) {
        self.description = name
        self.bytes = Array(text.utf8)
        self.refusals = fields.map { Refusal("policy.malformed", $0) }
    }
}

enum RefusedPolicies {
    static let all = documents + rules + currencies + knownDecimals + repeated

    private static let chain = "/chains/8453"
    private static let hash = "0x" + String(repeating: "ab", count: 32)

    private static func with(rules change: (inout SampleFile) -> Void) -> String {
        var rules = SampleFile.rules
        change(&rules)
        return SampleFile.policy.with("chains", "{\"8453\":\(rules.json)}").json
    }

    private static let documents: [RefusedPolicy] = [
        RefusedPolicy("of nothing", "", fields: ""),
        RefusedPolicy("of an array", "[]", fields: ""),
        RefusedPolicy("cut in two", String(SampleFile.policy.json.dropLast()), fields: ""),
        RefusedPolicy("with a trailing comma", String(SampleFile.policy.json.dropLast()) + ",}", fields: ""),
        RefusedPolicy("with more behind it", SampleFile.policy.json + "1", fields: ""),
        RefusedPolicy("that is a charge", SampleCharge().json, fields: "policy.json"),
        RefusedPolicy("of no version", SampleFile.policy.with("airlock", nil).json, fields: "/airlock"),
        RefusedPolicy("of another version", SampleFile.policy.with("airlock", "2").json, fields: "/airlock"),
        RefusedPolicy("of a version in quotes", SampleFile.policy.with("airlock", "\"1\"").json, fields: "/airlock"),
        RefusedPolicy("of no kind", SampleFile.policy.with("kind", nil).json, fields: "/kind"),
        RefusedPolicy("of another kind", SampleFile.policy.with("kind", "\"payment\"").json, fields: "/kind"),
        RefusedPolicy("without chains", SampleFile.policy.with("chains", nil).json, fields: "/chains"),
        RefusedPolicy("with null for its chains", SampleFile.policy.with("chains", "null").json, fields: "/chains"),
        RefusedPolicy("with an array of chains", SampleFile.policy.with("chains", "[]").json, fields: "/chains"),
        RefusedPolicy(
            "of a chain by its name", SampleFile.policy.with("chains", "{\"base\":{}}").json, fields: "/chains/base"),
        RefusedPolicy("of chain 0", SampleFile.policy.with("chains", "{\"0\":{}}").json, fields: "/chains/0"),
        RefusedPolicy(
            "of a chain with null for its rules", SampleFile.policy.with("chains", "{\"1\":null}").json,
            fields: "/chains/1"),
        RefusedPolicy(
            "of a chain twice", SampleFile.policy.with("chains", "{\"1\":{},\"1\":{}}").json, fields: "/chains/1"),
        RefusedPolicy("with an unknown member", SampleFile.policy.with("recipients", "{}").json, fields: "/recipients"),
        RefusedPolicy(
            "with a number for an age", SampleFile.policy.with("maxConditionsAge", "3600").json,
            fields: "/maxConditionsAge"),
        RefusedPolicy(
            "with an age in minutes", SampleFile.policy.with("maxConditionsAge", "\"60m\"").json,
            fields: "/maxConditionsAge"),
        RefusedPolicy(
            "with an age below zero", SampleFile.policy.with("maxConditionsAge", "\"-1\"").json,
            fields: "/maxConditionsAge"),
        RefusedPolicy("with a text for text", SampleFile.policy.with("text", "\"true\"").json, fields: "/text"),
        RefusedPolicy(
            "with one hash for its descriptors", SampleFile.policy.with("descriptors", quoted(hash)).json,
            fields: "/descriptors"),
        RefusedPolicy(
            "with a descriptor by its name",
            SampleFile.policy.with("descriptors", "[\(quoted(hash)),\"calldata-usdc.json\",\"0x00\"]").json,
            fields: "/descriptors/1", "/descriptors/2"),
        RefusedPolicy(
            "with a list of attesters", SampleFile.policy.with("attesters", "[\(quoted(SampleCharge.recipient))]").json,
            fields: "/attesters"),
        RefusedPolicy(
            "with an attester by name, and one without a name",
            SampleFile.policy.with("attesters", "{\"Auditor\":\"Auditor\",\(quoted(SampleCharge.recipient)):1}").json,
            fields: "/attesters/Auditor", "/attesters/\(SampleCharge.recipient)"),
        RefusedPolicy(
            "with three things wrong",
            SampleFile.policy.with("airlock", "2").with("maxConditionsAge", "1").with("more", "1").json,
            fields: "/airlock", "/maxConditionsAge", "/more"),
    ]

    private static let rules: [RefusedPolicy] = {
        var table: [RefusedPolicy] = []
        func refuse(_ name: String, _ json: String, at place: String = "") {
            table.append(
                RefusedPolicy(
                    "with \(json) for \(name)", with { $0[name] = json }, fields: "\(chain)/\(name)\(place)"))
        }
        let wrongSum = "\"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914\""
        for name in ["contracts", "operators"] {
            refuse(name, quoted(usdc))
            refuse(name, "{}")
            refuse(name, "[1]", at: "/0")
            refuse(name, "[null]", at: "/0")
            refuse(name, "[\(quoted(usdc)),\"0x0\"]", at: "/1")
            refuse(name, "[\(wrongSum)]", at: "/0")
        }
        refuse("recipients", "[]")
        refuse("recipients", "[\(quoted(usdc))]")
        refuse("recipients", "{\"OpenRouter\":\"\(usdc)\"}", at: "/OpenRouter")
        refuse("recipients", "{\(quoted(usdc)):1}", at: "/\(usdc)")
        refuse("recipients", "{\(quoted(usdc)):null}", at: "/\(usdc)")
        refuse("recipients", "{\(wrongSum):\"x\"}", at: "/0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02914")
        refuse("currencies", "[]")
        refuse("currencies", "{\"USDC\":\(SampleFile.tokenCurrency.json)}", at: "/USDC")
        for name in ["maxNativeValue", "maxNetworkFee", "maxNativePerToken"] {
            for json in ["1", "true", "\"\"", "\"0.5\"", "\"1e18\"", "\"-1\"", "\"01\"", "\"0.5eth\"", "\"0x1\""] {
                refuse(name, json)
            }
        }
        for json in ["1", "\"\"", "\"0x0\"", wrongSum] { refuse("wrappedNative", json) }
        func messages(_ types: String) -> String {
            "[{\"domainSeparator\":\"\(hash)\",\"types\":\(types),\"name\":\"Orders\"}]"
        }
        refuse("messages", messages("[]"), at: "/0/types")
        for type in [
            "", "*", "Order*", "An order", "Order[]", "1Order", "Order(", "Order(uint256)", "Order(uint256 a",
            "(uint256 a)",
            "Order(uint256 a)Item", "Order(uint256 a)(uint256 b)", "Order(uint256 a,)", "\u{212A}",
        ] {
            table.append(
                RefusedPolicy(
                    "with a message type \(type)", with { $0["messages"] = messages("[\"Order\",\"\(type)\"]") },
                    "policy.no-message-type", "\(chain)/messages/0/types/1"))
        }
        refuse("messages", "null")
        refuse("calls", "null")
        refuse("requesters", "null")
        table.append(
            RefusedPolicy(
                "with a misspelt cap", with { $0["maxNativevalue"] = "\"1\"" }, fields: "\(chain)/maxNativevalue"))
        return table
    }()

    /// The currencies whose decimals Airlock knows. On a chain without known tokens, it knows only the native currency.
    private static let knownDecimals = [
        ("8453", "\(usdc)", "18"), ("8453", "\(wrapped)", "6"), ("8453", "0x0", "9"), ("777", "0x0", "6"),
        ("1", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "7"),
    ].map { chain, currency, decimals in
        RefusedPolicy(
            "with \(decimals) decimals for \(currency) on the chain \(chain)",
            SampleFile.policy.with(
                "chains",
                "{\"\(chain)\":{\"currencies\":{\"\(currency)\":{\"symbol\":\"X\",\"decimals\":\"\(decimals)\"}}}}"
            ).json, "policy.other-decimals", "/chains/\(chain)/currencies/\(currency)/decimals")
    }

    private static let currencies: [RefusedPolicy] = {
        var table: [RefusedPolicy] = []
        func refuse(_ name: String, _ json: String?, at place: String? = nil) {
            var currencies = SampleFile.currencies
            currencies["\(usdc)"] = SampleFile.tokenCurrency.with(name, json).json
            table.append(
                RefusedPolicy(
                    "with \(json ?? "nothing") for a currency's \(name)", with { $0["currencies"] = currencies.json },
                    fields: "\(chain)/currencies/\(usdc)/\(name)"))
        }
        for json in [nil, "null", "6"] { refuse("symbol", json) }
        for json in [nil, "null", "6", "\"-6\"", "\"six\"", "\"78\"", "\"6.0\""] { refuse("decimals", json) }
        for json in ["1", "\"\"", "\"0x12\"", "\"\(usdc)\""] { refuse("domainSeparator", json) }
        for name in ["perPayment", "perDay"] {
            for json in [
                "1000", "\"\"", "\"1.0000001\"", "\"-1\"", "\"1,000\"", "\"1e3\"", "\"1 USDC\"", "\".5\"", "\"5.\"",
            ] {
                refuse(name, json)
            }
            refuse(name, quoted(String(repeating: "9", count: 78)))
        }
        refuse("perWeek", "\"1\"")
        return table
    }()

    private static let repeated: [RefusedPolicy] = [
        RefusedPolicy(
            "with a recipient twice, once in lower case",
            with {
                $0["recipients"] = "{\(quoted(usdc)):\"a\",\(quoted("\(usdc)".lowercased())):\"b\"}"
            }, "policy.repeated-address", "\(chain)/recipients/\("\(usdc)".lowercased())"),
        RefusedPolicy(
            "with the native currency under both its names",
            with {
                let native = SampleFile.nativeCurrency.json
                $0["currencies"] = "{\"0x0\":\(native),\"0x0000000000000000000000000000000000000000\":\(native)}"
            }, "policy.repeated-address", "\(chain)/currencies/0x0000000000000000000000000000000000000000"),
        RefusedPolicy(
            "with a recipient twice in the same letters",
            with { $0["recipients"] = "{\(quoted(usdc)):\"a\",\(quoted(usdc)):\"b\"}" },
            fields: "\(chain)/recipients/\(usdc)"),
    ]
}
