public import AirlockClearSigning
import AirlockEthereumTypes
public import AirlockFiles
import AirlockStrictJSON
import AirlockTransactions
import AirlockTypedData

/// The cases of a test file in the form of the ERC-7730 registry (`testsv2`).
public struct DescriptorCases {
    public let cases: [(name: String, case: DescriptorCase)]

    /// - Parameters:
    ///   - path: the test file, relative to the folder.
    ///   - tree: the folder that contains the descriptors and the files that they include.
    ///   - library: the descriptors for calls that are inside other calls.
    public init(_ path: String, in tree: FolderTree, library: Descriptors) throws {
        let json = try JSONDocument(tree.read(path)).root
        let up = path.split(separator: "/").dropLast()
        var steps = up.map(String.init)
        for step in try json.text("descriptor").split(separator: "/") {
            if step == ".." { steps.removeLast() } else if step != "." { steps.append(String(step)) }
        }
        let descriptor = try Descriptor(steps.joined(separator: "/")) { try tree.read($0) }
        let names = ProvidedNames(json["dataProvider"])
        cases = (json["tests"]?.elements ?? []).enumerated().map { index, test in
            (
                "\(path) \(index) \(test["description"]?.string ?? "")",
                DescriptorCase(descriptor: descriptor, library: library, names: names, json: test)
            )
        }
    }

    /// Returns the descriptors in a folder and its subfolders. Leaves out descriptors that cannot be read.
    public static func library(of tree: FolderTree) throws -> Descriptors {
        let paths = try tree.files().filter { path in
            let steps = path.split(separator: "/")
            guard let name = steps.last, name.hasSuffix(".json") else { return false }
            return (name.hasPrefix("calldata-") || name.hasPrefix("eip712-"))
                && !steps.contains("sigs") && !steps.contains("testsv2")
        }
        return Descriptors(paths.compactMap { path in try? Descriptor(path) { try tree.read($0) } })
    }
}

public struct DescriptorCase {
    public let descriptor: Descriptor
    let library: Descriptors
    let names: ProvidedNames
    let json: JSONValue

    /// Returns the description of the call or message of this case.
    public func describe() throws -> Description {
        let from = try json["from"]?.string.map { try Address(anyCase: $0) }
        if let data = json["data"] {
            return try descriptor.describe(TypedData(data), signer: from, among: library, names: names)
        }
        let raw = try Hex.decode(json.text("rawTx"))
        let transaction = try UnsignedTransaction(encoded: raw)
        guard let to = transaction.to, let chain = transaction.chainID else {
            throw CaseFailure("no contract or chain")
        }
        let call = ContractCall(
            chain: UInt256(chain), from: from, to: to, value: transaction.value, data: transaction.data)
        return try descriptor.describe(call, among: library, names: names)
    }

    /// Throws an error unless the description is the one that the case expects.
    public func check() throws {
        guard let expected = json["expected"] else { throw CaseFailure("nothing is expected") }
        let description = try describe()
        let found = Self.json(description, withSentence: expected["interpolatedIntent"] != nil)
        let wanted = Self.sorted(expected.json)
        guard found.text == wanted.text else { throw CaseFailure("is \(found.text), not \(wanted.text)") }
        guard !description.facts.signature.isEmpty, description.facts.target != nil else {
            throw CaseFailure("has no facts beside the words")
        }
    }

    static func json(_ description: Description, withSentence: Bool) -> JSONOutput {
        var members: [(String, JSONOutput)] = []
        switch description.intent {
        case .text(let text): members.append(("intent", .string(text)))
        case .parts(let parts): members.append(("intent", .object(parts.map { ($0.label, .string($0.text)) })))
        }
        if withSentence { members.append(("interpolatedIntent", .string(description.interpolatedIntent ?? "none"))) }
        if let owner = description.owner { members.append(("owner", .string(owner))) }
        let fields = description.fields.map { field -> JSONOutput in
            let value: JSONOutput =
                switch field.value {
                case .text(let text): .string(text)
                case .nested(let inner): json(inner, withSentence: false)
                }
            return .object([("label", .string(field.label)), ("value", value)])
        }
        members.append(("fields", .array(fields)))
        return sorted(.object(members))
    }

    /// Returns the JSON with the members of every object in sorted order.
    private static func sorted(_ json: JSONOutput) -> JSONOutput {
        switch json {
        case .object(let members): .object(members.map { ($0.0, sorted($0.1)) }.sorted { $0.0 < $1.0 })
        case .array(let elements): .array(elements.map(sorted))
        default: json
        }
    }
}

/// The names of tokens and addresses, and the times of blocks, as a test file gives them.
struct ProvidedNames: DisplayNames {
    let json: JSONValue?

    init(_ json: JSONValue?) { self.json = json }

    private func entry(_ kind: String, _ address: Address) -> JSONValue? {
        json?[kind]?.members?.first { (try? Address(anyCase: $0.key)) == address }?.value
    }

    func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)? {
        guard let token = entry("tokens", address), let symbol = token["symbol"]?.string,
            let decimals = token["decimals"]?.number.flatMap({ Int($0) })
        else { return nil }
        return (symbol, decimals)
    }

    func name(of address: Address, on chain: UInt256) -> String? {
        (entry("addressNames", address) ?? entry("ensNames", address))?.string
    }

    func collection(_ address: Address, on chain: UInt256) -> String? {
        entry("nftCollectionNames", address)?.string
    }

    func time(ofBlock number: UInt256, on chain: UInt256) -> Timestamp? {
        json?["blockTimestamps"]?["\(number)"]?.number.flatMap { UInt64($0) }.map { Timestamp(seconds: $0) }
    }
}

/// An error that describes why a case failed.
public struct CaseFailure: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

extension JSONValue {
    fileprivate func text(_ key: String) throws -> String {
        guard let text = self[key]?.string else { throw CaseFailure("\(pointer) has no \(key)") }
        return text
    }
}
