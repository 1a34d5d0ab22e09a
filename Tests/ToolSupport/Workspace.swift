public import Foundation
import AirlockTestSupport

/// A folder with all files that a payment needs, and the command line that signs the payment. Everything is valid until
/// a test changes it.
public final class Workspace {
    private let scratch: Scratch
    public var command = "sign"
    public var operands = ["charge.json"]
    public var input = BuiltTool.Input.nothing
    public var environment: [String: String]
    private var options: [(name: String, value: String?)] = []

    public init(_ payment: SamplePayment = SamplePayment()) throws {
        scratch = try Scratch()
        environment = ["HOME": scratch.path]
        scratch.file("charge.json", try payment.charge())
        scratch.file("conditions.json", Self.conditions)
        scratch.file("policy.json", Self.policy)
        scratch.file("key.hex", SamplePayment.payerKey + "\n", mode: 0o600)
        set("-k", "key.hex")
        set("-c", "conditions.json")
        set("--policy", "policy.json")
        set("--now", SamplePayment.now)
        set("--yes")
    }

    /// Sets an option. If the option is already set, the new value replaces the old value.
    public func set(_ name: String, _ value: String? = nil) {
        drop(name)
        add(name, value)
    }

    /// Adds an option, even if the option is already set.
    public func add(_ name: String, _ value: String? = nil) { options.append((name, value)) }

    public func drop(_ names: String...) { options.removeAll { names.contains($0.name) } }

    /// Changes the command to `verify` with this operand. Removes the options for the key, the conditions, the output
    /// file and `--yes`. Keeps the options for the time and the policy.
    public func judge(_ operand: String) {
        command = "verify"
        operands = [operand]
        drop("-k", "-c", "-o", "--yes")
    }

    public func write(_ name: String, _ content: String, mode: UInt32 = 0o644) {
        scratch.file(name, content, mode: mode)
    }

    /// Creates a folder in this folder.
    public func folder(_ name: String) { scratch.folder(name) }

    /// Returns the path of a file in this folder.
    public func path(_ name: String) -> String { scratch(name) }

    public func content(_ name: String) throws -> String { try scratch.content(name) }

    /// Replaces a text in a file. Throws if the text does not occur exactly once.
    public func edit(_ name: String, _ old: String, _ new: String) throws {
        let parts = try scratch.content(name).components(separatedBy: old)
        guard parts.count == 2 else { throw ToolFailure("\(old) stands \(parts.count - 1) times in \(name)") }
        let mode = try FileManager.default.attributesOfItem(atPath: scratch(name))[.posixPermissions] as? NSNumber
        scratch.file(name, parts.joined(separator: new), mode: mode?.uint32Value ?? 0o644)
    }

    public func charge(_ payment: SamplePayment) throws { scratch.file("charge.json", try payment.charge()) }

    /// Changes the sample payment, and writes its charge with a new signature.
    public func charge(_ change: (inout SamplePayment) -> Void) throws {
        var payment = SamplePayment()
        change(&payment)
        try charge(payment)
    }

    public var words: [String] {
        [command] + operands + options.flatMap { [$0.name] + ($0.value.map { [$0] } ?? []) }
    }

    public func run() throws -> Outcome {
        try BuiltTool("airlock").run(words, in: scratch.path, input: input, environment: environment)
    }

    public func atTerminal(columns: UInt16 = 80, rows: UInt16 = 24, typedAhead: String = "") throws -> Terminal {
        try Terminal(
            BuiltTool("airlock"), words, in: scratch.path, environment: environment, columns: columns, rows: rows,
            typedAhead: typedAhead, keeping: self)
    }

    /// The files and folders in this folder, by name, with their contents. The content is `nil` for a folder, or if a
    /// file cannot be read.
    public var files: [String: Data?] {
        let names = FileManager.default.enumerator(atPath: scratch.path)?.compactMap { $0 as? String } ?? []
        return Dictionary(uniqueKeysWithValues: names.map { ($0, FileManager.default.contents(atPath: scratch($0))) })
    }

    /// Conditions in the form that `airlock-relay prepare` writes. The time of their block is a minute and a half
    /// before ``SamplePayment/now``.
    static let conditions = """
        {"airlock":1,"kind":"conditions","chainId":"8453","sender":"\(SamplePayment.payer)",\
        "nonce":"7","gas":"180000","maxFeePerGas":"30000000","maxPriorityFeePerGas":"1000000",\
        "block":{"number":"43000000","hash":"0x\(String(repeating: "ab", count: 32))","timestamp":"1773131359"},\
        "nativeBalance":"50000000000000000",\
        "token":{"address":"\(SamplePayment.usdc)","symbol":"USDC","decimals":"6","balance":"5000000"},\
        "approval":{"spender":"\(SamplePayment().contract)","allowance":"2000000","resetFirst":false}}
        """

    static let policy = """
        {"airlock":1,"kind":"policy","maxConditionsAge":"3600","chains":{"8453":{\
        "contracts":["\(SamplePayment().contract)"],"operators":["\(SamplePayment.operator)"],\
        "recipients":{"\(SamplePayment().recipient)":"Example shop"},"currencies":{\
        "\(SamplePayment.usdc)":{"symbol":"USDC","decimals":"6","perPayment":"100"},\
        "\(SamplePayment.wrappedNative)":{"symbol":"WETH","decimals":"18","perPayment":"0.01"},\
        "0x0":{"symbol":"ETH","decimals":"18","perPayment":"0.01"}},\
        "maxNativeValue":"5000000000000000","maxNetworkFee":"10000000000000000"}}}
        """
}
