import AirlockEthereumTypes
import AirlockSamples
import AirlockCharges

/// A charge that is refused, with all the problems that must be reported.
struct RefusedCharge: CustomStringConvertible {
    let description: String
    let bytes: [UInt8]
    let refusals: [Refusal]

    init(_ name: String, _ bytes: [UInt8], _ refusals: [Refusal]) {
        self.description = name
        self.bytes = bytes
        self.refusals = refusals
    }

    init(_ name: String, text: String, _ code: String, _ field: String?) {
        self.init(name, Array(text.utf8), [Refusal(code, field)])
    }
}

/// Tables of charges that must be refused. Each table has charges with one kind of mistake.
enum ChargeRefusals {
    static let all: [RefusedCharge] =
        documents + missing + wrongTypes + wrongValues + altered + signatures + intents

    static let callData = UnverifiedCharge.callData
    static let metadata = UnverifiedCharge.metadata

    static let sample = signed(SampleCharge())

    private static func signed(_ charge: SampleCharge) -> SampleCharge {
        do { return try charge.signed() } catch { preconditionFailure("\(error)") }
    }

    /// Returns a signed charge that was changed after signing. With `sign`, the changed charge is signed again.
    static func changed(
        _ name: String, _ code: String, _ field: String?, sign: Bool = false, _ change: (inout SampleCharge) -> Void
    ) -> RefusedCharge {
        var charge = sample
        change(&charge)
        if sign { charge = signed(charge) }
        return RefusedCharge(name, charge.bytes, [Refusal(code, field)])
    }

    // MARK: The document

    static let documents: [RefusedCharge] = [
        RefusedCharge("nothing", text: "", "json.empty", ""),
        RefusedCharge("an array", text: "[]", "json.wrong-type", ""),
        RefusedCharge("an empty object", text: "{}", "json.missing-field", "/data"),
        RefusedCharge("cut in two", text: String(sample.json.dropLast(1)), "json.unfinished", ""),
        RefusedCharge("with something behind it", text: sample.json + "x", "json.trailing-bytes", ""),
        RefusedCharge("twice", text: sample.json + sample.json, "json.trailing-bytes", ""),
        RefusedCharge(
            "with a trailing comma", text: String(sample.json.dropLast(1)) + ",}", "json.trailing-comma", ""),
        RefusedCharge("with a byte order mark", text: "\u{FEFF}" + sample.json, "json.byte-order-mark", ""),
        RefusedCharge(
            "with an error of the service in its place",
            text: "{\"error\":{\"code\":410,\"message\":\"The Coinbase APIs have been deprecated\"}}",
            "charge.is-an-error-answer", "/error"),
        RefusedCharge(
            "with an error that is no object", text: "{\"error\":\"no\"}", "charge.is-an-error-answer", "/error"),
        RefusedCharge(
            "in the camelCase form of JSON-RPC", text: "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"callData\":{}}}",
            "charge.json-rpc-form", "/result"),
        RefusedCharge(
            "without an intent yet", text: "{\"data\":{\"id\":\"x\",\"web3_data\":{\"transfer_intent\":null}}}",
            "charge.not-hydrated", "/data/web3_data/transfer_intent"),
        RefusedCharge(
            "with null for its data", text: "{\"data\":null}", "json.wrong-type", "/data"),
        RefusedCharge(
            "with null for its web3_data", text: "{\"data\":{\"id\":\"x\",\"web3_data\":null}}", "json.wrong-type",
            "/data/web3_data"),
        RefusedCharge(
            "with an array for its intent", text: "{\"data\":{\"id\":\"x\",\"web3_data\":{\"transfer_intent\":[]}}}",
            "json.wrong-type", "/data/web3_data/transfer_intent"),
        changed("with an empty id", "charge.no-id", "/data/id") { $0.id = "\"\"" },
        changed("with a number for its id", "json.wrong-type", "/data/id") { $0.id = "7" },
        changed("with null for its id", "json.wrong-type", "/data/id") { $0.id = "null" },
        RefusedCharge(
            "without an id", text: sample.json.replacing("\"id\":\"9f1f6ab8-0000-4000-8000-000000000001\",", with: ""),
            "json.missing-field", "/data/id"),
    ]
}

extension RefusedCharge {
    func replacing(_ refusals: [Refusal]) -> RefusedCharge { RefusedCharge(description, bytes, refusals) }
}
