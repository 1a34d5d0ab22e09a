import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// The display format for one function or message: a sentence about the purpose of the function or message, and the
/// fields to show.
struct DisplayFormat: Sendable {
    /// The key of the display format: the declaration of the function, or the `encodeType` of the message.
    let key: String
    let intent: Description.Intent
    let interpolatedIntent: String?
    let elements: [DisplayElement]

    /// Whether a field has the rule `mustMatch`: the values that its path selects must be among those of the rule.
    var hasDemand: Bool {
        elements.contains { element in
            element.contains(where: { field in if case .mustMatch = field.visibility { true } else { false } })
        }
    }

    /// Whether the description can refuse a value, because of a field with the rule `mustMatch`. This field can be in
    /// this display format. If this display format shows inner calls, the field can also be in a display format of the
    /// descriptors `others`, which describe these calls.
    func canRefuse(among others: Descriptors) -> Bool {
        let hasCalls = elements.contains { element in
            element.contains(where: { field in if case .calldata = field.format { true } else { false } })
        }
        return hasDemand || hasCalls && others.all.contains(where: \.hasDemand)
    }
}

/// One element of a display format: a single field, or a group of fields.
indirect enum DisplayElement: Sendable {
    case field(DisplayField)
    case group(path: DataPath?, label: String?, isBundled: Bool, [DisplayElement])

    /// Whether `condition` holds for a field of this element.
    func contains(where condition: (DisplayField) -> Bool) -> Bool {
        switch self {
        case .field(let field): condition(field)
        case .group(_, _, _, let elements): elements.contains { $0.contains(where: condition) }
        }
    }
}

struct DisplayField: Sendable {
    enum Source: Sendable {
        case path(DataPath)
        case constant(String)
    }

    enum Visibility: Sendable {
        case always, never, optional
        case ifNotIn([String])
        case mustMatch([String])
    }

    let source: Source
    let label: String
    let format: FieldFormat
    let visibility: Visibility
}

/// The format of a field: how its value is shown. Some formats have parameters.
enum FieldFormat: Sendable {
    case raw, amount, duration, chainID
    case addressName(senders: [String])
    case tokenAmount(
        token: DisplayField.Source?, native: [String], threshold: UInt256?, message: String,
        chain: DisplayField.Source?)
    case tokenTicker(chain: DisplayField.Source?)
    case nftName(collection: DisplayField.Source)
    case date(isBlockHeight: Bool)
    case unit(base: String, decimals: Int)
    case enumeration([String: String])
    case calldata(
        callee: DisplayField.Source, selector: DisplayField.Source?, amount: DisplayField.Source?,
        spender: DisplayField.Source?, chain: DisplayField.Source?)
}

/// Reads the display formats of a descriptor that is already merged with its included files. If a part of a display
/// format cannot be read, refuses the whole display format, so that no part is silently omitted.
struct FormatReader {
    let descriptor: JSONValue
    private var fieldCount = 0

    static let mostFields = 512
    static let deepestGroup = 8
    static let longestText = 512

    init(_ descriptor: JSONValue) { self.descriptor = descriptor }

    mutating func format(_ key: String, _ json: JSONValue) throws(Problem) -> DisplayFormat {
        try refuseOthers(json, ["intent", "interpolatedIntent", "fields"])
        let intent: Description.Intent
        if let parts = json["intent"]?.members {
            var pairs: [(String, String)] = []
            for part in parts { pairs.append((try short(part.key, part.value), try text(part.value))) }
            intent = .parts(pairs.map { Description.Intent.Part(label: $0.0, text: $0.1) })
        } else {
            intent = .text(try json["intent"].map { json throws(Problem) in try text(json) } ?? "")
        }
        let template = try json["interpolatedIntent"].map { json throws(Problem) in try text(json) }
        fieldCount = 0
        let elements = try json["fields"].map { json throws(Problem) in try self.elements(json, depth: 0) } ?? []
        return DisplayFormat(key: key, intent: intent, interpolatedIntent: template, elements: elements)
    }

    /// Whether the JSON has a member `mustMatch`, at any depth. Used for display formats that cannot be read.
    static func hasDemand(_ json: JSONValue?) -> Bool {
        guard let json else { return false }
        return json["mustMatch"] != nil || json.children.contains { hasDemand($0) }
    }

    private mutating func elements(_ json: JSONValue, depth: Int) throws(Problem) -> [DisplayElement] {
        guard let items = json.elements else { throw wrong(json, "an array of fields") }
        guard depth <= Self.deepestGroup else { throw Problem(DescriptorRule.tooLarge, at: json.pointer) }
        var elements: [DisplayElement] = []
        for item in items {
            fieldCount += 1
            guard fieldCount <= Self.mostFields else { throw Problem(DescriptorRule.tooLarge, at: json.pointer) }
            elements.append(try item["fields"] == nil ? .field(field(item)) : group(item, depth: depth))
        }
        return elements
    }

    private mutating func group(_ json: JSONValue, depth: Int) throws(Problem) -> DisplayElement {
        try refuseOthers(json, ["path", "label", "iteration", "fields"])
        let iteration = try json["iteration"].map { json throws(Problem) in try text(json) } ?? "sequential"
        guard ["sequential", "bundled"].contains(iteration) else {
            throw Problem(DescriptorRule.unsupported, at: json.pointer, saw: iteration)
        }
        return .group(
            path: try json["path"].map { json throws(Problem) in try path(json) },
            label: try json["label"].map { json throws(Problem) in try text(json) },
            isBundled: iteration == "bundled",
            try json["fields"].map { json throws(Problem) in
                try elements(json, depth: depth + 1)
            } ?? [])
    }

    // MARK: Fields

    private func field(_ json: JSONValue) throws(Problem) -> DisplayField {
        guard json.kind == .object else { throw wrong(json, "a field") }
        try refuseOthers(json, ["path", "value", "label", "format", "params", "visible", "$ref"])
        var shared: JSONValue?
        if let reference = json["$ref"] {
            let value = try constant(reference, under: ["display", "definitions"])
            try refuseOthers(value, ["path", "value", "label", "format", "params", "visible"])
            shared = value
        }
        func member(_ key: String) -> JSONValue? { json[key] ?? shared?[key] }
        let path = json["value"] == nil ? member("path") : nil
        let value = json["path"] == nil ? member("value") : nil
        let source: DisplayField.Source
        switch (path, value) {
        case (let path?, nil):
            let read = try self.path(path)
            source = read.root == .descriptor ? .constant(try scalar(path)) : .path(read)
        case (nil, let value?): source = .constant(try scalar(value))
        default: throw Problem(DescriptorRule.badPath, at: json.pointer, expected: "path or value")
        }
        let parameters = try Parameters(self, json["params"], shared?["params"])
        return DisplayField(
            source: source, label: try member("label").map { json throws(Problem) in try text(json) } ?? "",
            format: try format(member("format"), parameters, at: json.pointer),
            visibility: try visibility(member("visible")))
    }

    private func format(
        _ json: JSONValue?, _ parameters: Parameters, at pointer: String
    ) throws(Problem) -> FieldFormat {
        let name = try json.map { json throws(Problem) in try text(json) } ?? "raw"
        switch name {
        case "raw", "amount", "duration", "chainId":
            try parameters.allow([])
            return name == "raw" ? .raw : name == "amount" ? .amount : name == "duration" ? .duration : .chainID
        case "addressName":
            // Accept the parameters `types` and `sources`, but do not use them. They restrict where a wallet is allowed
            // to look up a name. Airlock uses only local names, such as those in the owner's policy, and ERC-7730
            // always allows local names.
            try parameters.allow(["types", "sources", "senderAddress"])
            return .addressName(senders: try parameters.texts("senderAddress"))
        case "tokenAmount":
            try parameters.allow([
                "token", "tokenPath", "nativeCurrencyAddress", "threshold", "message", "chainId", "chainIdPath",
            ])
            let threshold = try parameters.text("threshold")
            let value = threshold.flatMap { UInt256(literal: $0) }
            if threshold != nil, value == nil { throw Problem(DescriptorRule.wrongType, at: pointer, saw: threshold) }
            return .tokenAmount(
                token: try parameters.source("token"), native: try parameters.texts("nativeCurrencyAddress"),
                threshold: value, message: try parameters.text("message") ?? "Unlimited",
                chain: try parameters.source("chainId"))
        case "tokenTicker":
            try parameters.allow(["chainId", "chainIdPath"])
            return .tokenTicker(chain: try parameters.source("chainId"))
        case "nftName":
            try parameters.allow(["collection", "collectionPath"])
            return .nftName(collection: try parameters.needed("collection", at: pointer))
        case "date":
            try parameters.allow(["encoding"])
            let encoding = try parameters.text("encoding") ?? ""
            guard ["timestamp", "blockheight"].contains(encoding) else {
                throw Problem(
                    DescriptorRule.unsupported, at: pointer, saw: encoding, expected: "timestamp or blockheight")
            }
            return .date(isBlockHeight: encoding == "blockheight")
        case "unit":
            try parameters.allow(["base", "decimals", "prefix"])
            let decimals = try parameters.text("decimals") ?? "0"
            guard let count = Int(decimals), 0...77 ~= count, try parameters.text("prefix") ?? "false" == "false" else {
                throw Problem(DescriptorRule.unsupported, at: pointer, saw: "unit with SI prefix, or its decimals")
            }
            return .unit(base: try parameters.text("base") ?? "", decimals: count)
        case "enum":
            try parameters.allow(["$ref"])
            return .enumeration(try parameters.enumeration("$ref", at: pointer))
        case "calldata":
            let names = ["callee", "selector", "amount", "spender", "chainId"]
            try parameters.allow(names + names.map { "\($0)Path" })
            return .calldata(
                callee: try parameters.needed("callee", at: pointer), selector: try parameters.source("selector"),
                amount: try parameters.source("amount"), spender: try parameters.source("spender"),
                chain: try parameters.source("chainId"))
        default: throw Problem(DescriptorRule.unsupported, at: pointer, saw: name, expected: "a known format")
        }
    }

    private func visibility(_ json: JSONValue?) throws(Problem) -> DisplayField.Visibility {
        guard let json else { return .always }
        switch json.string {
        case "always": return .always
        case "never": return .never
        case "optional": return .optional
        default: break
        }
        if let members = json.members, members.count == 1, let values = members[0].value.elements, !values.isEmpty {
            var literals: [String] = []
            for value in values where !value.isNull { literals.append(try scalar(value)) }
            if members[0].key == "ifNotIn" { return .ifNotIn(literals) }
            if members[0].key == "mustMatch" { return .mustMatch(literals) }
        }
        throw Problem(DescriptorRule.unsupported, at: json.pointer, saw: json.text, expected: "a rule of visibility")
    }

    // MARK: Values

    /// Refuses unknown JSON members, because they could change the meaning of a field. Ignores members whose names
    /// begin with a dollar sign, because these are comments. Only `$ref` is not a comment.
    func refuseOthers(_ json: JSONValue, _ known: [String]) throws(Problem) {
        guard let members = json.members else { throw wrong(json, "an object") }
        for member in members where !known.contains(member.key) {
            if member.key.hasPrefix("$"), member.key != "$ref" { continue }
            throw Problem(DescriptorRule.unsupported, at: member.value.pointer, saw: member.key)
        }
    }

    func text(_ json: JSONValue) throws(Problem) -> String {
        guard let text = json.string else { throw wrong(json, "a text") }
        return try short(text, json)
    }

    private func short(_ text: String, _ json: JSONValue) throws(Problem) -> String {
        guard text.utf8.count <= Self.longestText else { throw Problem(DescriptorRule.tooLarge, at: json.pointer) }
        return text
    }

    private func path(_ json: JSONValue) throws(Problem) -> DataPath {
        do { return try DataPath(try text(json)) } catch { throw error.at(json.pointer) }
    }

    /// Returns a literal as a string. If the literal is the path of a constant, such as `$.metadata.constants.max`,
    /// returns the value of this constant as a string.
    func scalar(_ json: JSONValue) throws(Problem) -> String {
        if json.string?.hasPrefix("$.") == true { return try scalar(constant(json, under: ["metadata"])) }
        if let number = json.number, let canonical = CanonicalJSON.canonicalNumber(number) { return canonical }
        if let flag = json.boolean { return "\(flag)" }
        return try text(json)
    }

    /// Returns the value in the descriptor at a path that begins with `$`.
    func constant(_ json: JSONValue, under place: [String]) throws(Problem) -> JSONValue {
        let path = try path(json)
        var value = descriptor
        for (index, step) in path.steps.enumerated() {
            guard case .member(let name) = step, index >= place.count || place[index] == name, let next = value[name]
            else { throw Problem(DescriptorRule.missingConstant, at: json.pointer, saw: json.text) }
            value = next
        }
        guard path.root == .descriptor, path.steps.count > place.count,
            value.string?.hasPrefix("$.") != true
        else { throw Problem(DescriptorRule.missingConstant, at: json.pointer, saw: json.text) }
        return value
    }

    func wrong(_ json: JSONValue, _ expected: String) -> Problem {
        Problem(JSONRule.wrongType, at: json.pointer, saw: json.text, expected: expected)
    }

    // MARK: Parameters of a field's format

    /// The parameters of a field's format. They include the parameters of the shared definition that the field refers
    /// to. A parameter of the field itself replaces the parameter of the shared definition that has the same name.
    private struct Parameters {
        let reader: FormatReader
        let members: [String: JSONValue]

        init(_ reader: FormatReader, _ own: JSONValue?, _ shared: JSONValue?) throws(Problem) {
            self.reader = reader
            var members: [String: JSONValue] = [:]
            for json in [shared, own] {
                guard let json else { continue }
                guard let parts = json.members else { throw reader.wrong(json, "parameters") }
                for part in parts {
                    // A parameter is given either as a value, such as `token`, or as a path to the value, such as
                    // `tokenPath`. If the shared definition uses one form and the field uses the other, use only the
                    // parameter of the field.
                    let base = part.key.hasSuffix("Path") ? String(part.key.dropLast(4)) : part.key
                    if json.pointer == own?.pointer, shared != nil {
                        members[base] = nil
                        members["\(base)Path"] = nil
                    }
                    members[part.key] = part.value
                }
            }
            self.members = members
        }

        func allow(_ names: [String]) throws(Problem) {
            for (key, value) in members where !names.contains(key) {
                throw Problem(DescriptorRule.unsupported, at: value.pointer, saw: key)
            }
        }

        func text(_ key: String) throws(Problem) -> String? {
            guard let json = members[key] else { return nil }
            guard json.kind != .object else {
                throw Problem(DescriptorRule.unsupported, at: json.pointer, saw: "a map")
            }
            return try reader.scalar(json)
        }

        /// Reads a parameter that is one value or an array of values. Returns the values as strings.
        func texts(_ key: String) throws(Problem) -> [String] {
            guard let json = members[key] else { return [] }
            guard let elements = json.elements else { return try text(key).map { [$0] } ?? [] }
            var texts: [String] = []
            for element in elements { texts.append(try reader.scalar(element)) }
            return texts
        }

        /// Reads a parameter that is given as a constant or as a path. If it is given as a path, the name of its JSON
        /// member ends with `Path`.
        func source(_ key: String) throws(Problem) -> DisplayField.Source? {
            let constant = try text(key)
            guard let json = members["\(key)Path"] else { return constant.map { .constant($0) } }
            guard constant == nil else {
                throw Problem(DescriptorRule.unsupported, at: json.pointer, saw: "\(key) twice")
            }
            let path = try reader.path(json)
            return path.root == .descriptor ? .constant(try reader.scalar(json)) : .path(path)
        }

        func needed(_ key: String, at pointer: String) throws(Problem) -> DisplayField.Source {
            guard let source = try source(key) else {
                throw Problem(DescriptorRule.unsupported, at: pointer, expected: "\(key) or \(key)Path")
            }
            return source
        }

        func enumeration(_ key: String, at pointer: String) throws(Problem) -> [String: String] {
            guard let json = members[key] else { throw Problem(DescriptorRule.missingConstant, at: pointer) }
            let value = try reader.constant(json, under: ["metadata", "enums"])
            guard let members = value.members else { throw reader.wrong(value, "an enum") }
            guard members.count <= FormatReader.mostFields else {
                throw Problem(DescriptorRule.tooLarge, at: value.pointer)
            }
            var texts: [String: String] = [:]
            for member in members { texts[member.key] = try reader.text(member.value) }
            return texts
        }
    }
}
