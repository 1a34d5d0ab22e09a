import AirlockABI
import AirlockClearSigning
import AirlockDiagnostics
import AirlockEthereumTypes

/// Descriptors and calls written for these tests.
enum Written {
    static let contract = Address(known: "0x54235780057CC828C92aA40e3b02053881990153")
    static let token = Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
    static let payer = Address(known: "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")

    static let binding = """
        {"contract":{"deployments":[{"chainId":8453,"address":"\(contract)"}]}}
        """

    /// Returns a descriptor of one function.
    static func text(
        _ key: String, fields: String, intent: String = "\"Do\"", sentence: String? = nil, context: String = binding,
        metadata: String = "{}", definitions: String = "{}"
    ) -> String {
        let sentence = sentence.map { ",\"interpolatedIntent\":\"\($0)\"" } ?? ""
        return """
            {"$schema":"erc7730-v2.schema.json","context":\(context),"metadata":\(metadata),
            "display":{"definitions":\(definitions),
            "formats":{"\(key)":{"intent":\(intent)\(sentence),"fields":[\(fields)]}}}}
            """
    }

    static func read(_ files: [String: String], _ path: String = "a.json") throws -> Descriptor {
        try Descriptor(path) { path in
            guard let text = files[path] else { throw Problem(DescriptorRule.badInclude, saw: path) }
            return Array(text.utf8)
        }
    }

    static func read(_ text: String) throws -> Descriptor { try read(["a.json": text]) }

    static func call(
        _ function: String, _ arguments: [ABIValue], value: UInt256 = .zero, chain: UInt256 = 8453,
        to: Address = contract
    ) throws -> ContractCall {
        ContractCall(
            chain: chain, from: payer, to: to, value: value, data: try ABIFunction(function).encodeCall(arguments))
    }
}

/// The names of addresses and tokens that these tests use.
struct KnownNames: DisplayNames {
    var proxies: [Address: Address] = [:]

    func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)? {
        address == Written.token && chain == 8453 ? ("USDC", 6) : nil
    }

    func name(of address: Address, on chain: UInt256) -> String? { address == Written.payer ? "Treasury" : nil }

    func collection(_ address: Address, on chain: UInt256) -> String? { address == Written.token ? "Punks" : nil }

    func time(ofBlock number: UInt256, on chain: UInt256) -> Timestamp? {
        number == 100 ? Timestamp(seconds: 1_773_217_849) : nil
    }

    func implementation(behind proxy: Address, on chain: UInt256) -> Address? { proxies[proxy] }
}

/// Returns the problems that `body` throws. Each is written as the error code, followed by the field if there is one.
func codes(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return ((error as? any RuleBroken)?.problems ?? []).map { problem in
            problem.field.map { "\(problem.code) \($0)" } ?? problem.code
        }
    }
}

extension Description {
    /// One line of text for each field of the description, in order. A nested call is written in braces.
    var lines: [String] {
        fields.map { field in
            switch field.value {
            case .text(let text): "\(field.label): \(text)"
            case .nested(let inner): "\(field.label): {\(inner.intent.text); \(inner.lines.joined(separator: "; "))}"
            }
        }
    }
}
