import AirlockABI
public import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
public import AirlockMessages
public import AirlockPolicies
import AirlockRequestKinds
public import AirlockRequests
public import AirlockStrictJSON
public import AirlockTypedData

/// A call or a message in readable form. The first part shows what the call or message contains: for a call, this is
/// the target, the native currency and every argument with its type. The second part is the description that a trusted
/// descriptor gives, if one exists for this call or message. No descriptor can change the first part.
public struct Rendering: Sendable {
    public enum Subject: Sendable {
        case call(ContractCall)
        case message(TypedData, signer: Address?)
        case text(PersonalText)
    }

    public let subject: Subject
    /// Every value of the call or message, together with its type. `nil` for a message that is plain text and for a
    /// call of an unknown function.
    public let facts: AirlockClearSigning.Facts?
    /// The description by a trusted descriptor. `nil` if no trusted descriptor applies.
    public let description: Description?
    /// The files of the descriptor: first the descriptor's own file, and then the files that it includes.
    public let files: [DescriptorFolder.File]
    /// Notes for the reader about the description, and about descriptors that are not used. The notes can say why there
    /// is no description.
    public let warnings: [String]
    /// The reasons why this call or message must not be signed, according to a trusted descriptor.
    public let problems: [Problem]
    private let names: any DisplayNames

    /// Renders a call or a message.
    ///
    /// - Parameters:
    ///   - subject: the call or message to show.
    ///   - folder: the folder of descriptors. `nil` if there is none.
    ///   - names: the names of tokens and addresses.
    ///   - function: the signature of a call's function, if the request or the policy names it.
    public init(
        _ subject: Subject, by folder: DescriptorFolder?, names: any DisplayNames, function: String? = nil
    ) {
        self.subject = subject
        self.names = names
        var warnings: [String] = []
        var problems: [Problem] = []
        var description: Description?
        do throws(DescriptorError) {
            let library = folder?.counted ?? Descriptors([])
            switch subject {
            case .call(let call): description = try library.describe(call, names: names)
            case .message(let message, let signer):
                description = try library.describe(message, signer: signer, names: names)
            case .text: description = nil
            }
        } catch {
            let isRefused = [DescriptorRule.mustMatch, .uncheckedDemand, .badData].contains {
                $0 == error.problems[0].rule as? DescriptorRule
            }
            if isRefused {
                problems = error.problems
            } else {
                warnings += error.problems.map { "a descriptor is not used: \($0.message)" }
            }
        }
        if let found = description {
            let outer: Problem? =
                if case .call = subject { StandardFunction.clash(with: found.facts, named: function) } else { nil }
            if let problem = outer ?? StandardFunction.clash(inside: found) {
                problems = [problem]
                description = nil
            }
        }
        self.description = description
        files = description.flatMap { folder?.files(of: $0.files) } ?? []
        let isText = if case .text = subject { true } else { false }
        let folder = isText ? nil : folder
        for other in folder?.passedOver({ subject.isCovered(by: $0, names: names) }) ?? [] {
            warnings.append("\(escaped(other.path, limit: 256)) is not used: \(other.reason.message)")
        }
        if let count = folder?.unreadable, count > 0 {
            let files = count == 1 ? "1 descriptor" : "\(count) descriptors"
            warnings.append("\(files) cannot be read: a check of the folder says why")
        }
        if folder != nil, description == nil, problems.isEmpty {
            warnings.append("no descriptor that counts covers it: read the values above")
        }
        self.warnings = warnings
        self.problems = problems
        switch subject {
        case .message(let message, _): facts = AirlockClearSigning.Facts(message)
        case .call(let call): facts = StandardFunction.facts(of: call, named: function) ?? description?.facts
        case .text: facts = nil
        }
    }

    // MARK: Text

    /// The text in lines of at most `width` columns. The values come first, and then the description.
    ///
    /// - Parameters:
    ///   - width: how many columns a line may have.
    ///   - inReview: whether the text is a part of a review. If it is, the text omits digests, warnings and problems,
    ///     because the review shows them in its own lines.
    ///   - withValues: whether to show the values. Use `false` if the values have already been shown.
    public func text(width: Int, inReview: Bool = false, withValues: Bool = true) -> String {
        var text = withValues ? values(width: width) : ""
        func add(_ name: String, _ values: String...) { text += Page.fact(name, values, width: width) }
        if !inReview { for (name, hash) in digests { add("digest", "\(hash) (\(name))") } }
        if !inReview && !(warnings + problems.map(\.message)).isEmpty || description != nil && withValues {
            text += "\n"
        }
        if let description {
            for line in Self.lines(description) { add("words", Page.broken(line, width: width)) }
            for file in files {
                add("descriptor", "\(escaped(file.path, limit: 256)), \(file.voucher)", "\(file.hash)")
            }
        }
        guard !inReview else { return text }
        for warning in warnings { add("warn", warning) }
        for problem in problems { add("refused", problem.message) }
        return text
    }

    /// The target, the value, the function and the arguments, read from the signed bytes. The signature of the function
    /// comes from a descriptor only if neither the request nor Airlock knows the function.
    private func values(width: Int) -> String {
        var text = ""
        func add(_ name: String, _ values: String...) { text += Page.fact(name, values, width: width) }
        switch subject {
        case .call(let call):
            add("target", "\(call.to) on \(Self.words(call.chain))")
            add("sends", native(call.value, on: call.chain))
            if facts == nil {
                let selector = Selector(of: call.data.span)
                add("function", selector.map { "not known, selector \($0)" } ?? "none")
                add("call data", call.data.isEmpty ? "none" : Hex.encode(call.data))
            }
        case .message(let message, _):
            add("target", facts?.target.map(\.description) ?? "no contract")
            add("chain", facts?.chain.map(Self.words) ?? "none: it is valid on every chain")
            add("type", escaped(message.primaryType, limit: .max))
        case .text(let message):
            // Every line of the untrusted text is shown after a label. So the untrusted text cannot imitate other
            // output of Airlock. Only LF ends a line. A carriage return or a line separator (U+2028) is escaped.
            for line in message.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
                add("text", Page.broken(escaped(String(line), limit: .max), width: width, isMarked: true))
            }
        }
        if let facts {
            add("function", escaped(facts.signature, limit: .max))
            for argument in facts.arguments {
                let value = "\(escaped(argument.type, limit: .max)) \(Self.text(argument))"
                let isText = if case .string? = argument.value { true } else { false }
                let shown = isText ? Page.broken(value, width: width, isMarked: true) : value
                add(escaped(argument.place, limit: .max), shown)
            }
        }
        return text
    }

    /// The description in lines. A line never begins with text from a descriptor, so that this text cannot imitate
    /// other output.
    private static func lines(_ description: Description, inside outer: String = "") -> [String] {
        let owner = description.owner.map { ", says \(escaped($0, limit: 60))" } ?? ""
        var lines = ["\(outer)intent: \(escaped(description.intent.text, limit: 200))\(owner)"]
        if let sentence = description.interpolatedIntent {
            lines.append("\(outer)sentence: \(escaped(sentence, limit: 400))")
        }
        for field in description.fields {
            let group = field.group.map { "\(escaped($0, limit: 80)), " } ?? ""
            let label = "\(outer)\(group)\(escaped(field.label, limit: 80)): "
            switch field.value {
            case .text(let text): lines.append(label + escaped(text, limit: 1024))
            case .nested(let inner):
                let facts = inner.facts
                lines.append("\(label)a call")
                let inside = outer + "> "
                lines.append("\(inside)target: \(facts.target.map(\.description) ?? "none")")
                lines.append("\(inside)sends: \(facts.value) wei")
                lines.append("\(inside)function: \(escaped(facts.signature, limit: .max))")
                for argument in facts.arguments {
                    lines.append("\(inside)\(argument.place): \(argument.type) \(text(argument))")
                }
                lines += self.lines(inner, inside: inside)
            }
        }
        return lines + description.warnings.map { "\(outer)note: \(escaped($0.text, limit: 300))" }
    }

    private static func text(_ argument: AirlockClearSigning.Facts.Argument) -> String {
        switch argument.value?.json {
        case nil: "(empty)"
        case .string(let text)?: escaped(text, limit: .max)
        case let json?: json.printable
        }
    }

    private static func words(_ chain: UInt256) -> String {
        UInt64(exactly: chain).map { Chain(id: $0).description } ?? "chain \(chain)"
    }

    private func native(_ value: UInt256, on chain: UInt256) -> String {
        guard let currency = names.native(on: chain) else { return "\(value) wei" }
        return "\(Amount.format(value, decimals: currency.decimals)) \(escaped(currency.symbol, limit: 16))"
    }

    /// The digests of ERC-8213, which a person can compare on a second screen.
    public var digests: [(name: String, hash: Hash)] {
        switch subject {
        case .call(let call): [("calldataDigest", SigningDigests.callData(call.data))]
        case .message(let message, _): Self.digests(of: message)
        case .text(let message): [("digest", message.digest)]
        }
    }

    private static func digests(of message: TypedData) -> [(name: String, hash: Hash)] {
        let digests = SigningDigests.Message(message)
        return [
            ("domainHash", digests.domainHash), ("messageHash", digests.messageHash), ("digest", digests.digest),
        ]
    }

    // MARK: JSON

    /// The rendering as JSON members. The members `intent`, `fields` and `descriptor` contain the description. If there
    /// is no description, `fields` contains the values with their names and types. The member `raw` follows, with the
    /// values that the call or the message contains. The last members are the digests, and the warnings if there are
    /// any.
    public var members: [(String, JSONOutput)] {
        var members: [(String, JSONOutput)]
        if let description {
            members = Self.members(description, files)
        } else {
            let fields = facts?.arguments ?? []
            let text: [JSONOutput] =
                if case .text(let text) = subject { [["label": "text", "value": .string(text.text)]] } else { [] }
            members = [
                ("intent", .null),
                (
                    "fields",
                    .array(
                        text
                            + fields.map {
                                ["label": .string("\($0.place) (\($0.type))"), "value": .string(Self.plain($0))]
                            })
                ),
                ("descriptor", .null),
            ]
        }
        members.append(("raw", raw))
        members += digests.map { ($0.name, .string("\($0.hash)")) }
        if !warnings.isEmpty { members.append(("warnings", .array(warnings.map { .string($0) }))) }
        return members
    }

    private var raw: JSONOutput {
        switch subject {
        case .call(let call):
            var members: [(String, JSONOutput)] = [
                ("chainId", .string("\(call.chain)")), ("target", .string("\(call.to)")),
                ("value", .string("\(call.value)")),
            ]
            if let facts { members += Self.raw(facts) }
            return .object(members + [("data", .string(Hex.encode(call.data)))])
        case .message(let message, _):
            let domain = message.domain
            return .object(
                [
                    ("chainId", domain.chainId.map { .string("\($0)") } ?? .null),
                    ("target", domain.verifyingContract.map { .string("\($0)") } ?? .null),
                    ("primaryType", .string(message.primaryType)),
                ] + (facts.map(Self.raw) ?? []))
        case .text(let message): return ["text": .string(message.text)]
        }
    }

    private static func raw(_ facts: AirlockClearSigning.Facts) -> [(String, JSONOutput)] {
        let arguments = facts.arguments.map { argument -> JSONOutput in
            [
                "place": .string(argument.place), "type": .string(argument.type),
                "value": argument.value?.json ?? .null,
            ]
        }
        return [("function", .string(facts.signature)), ("arguments", .array(arguments))]
    }

    private static func plain(_ argument: AirlockClearSigning.Facts.Argument) -> String {
        guard let json = argument.value?.json else { return "" }
        if case .string(let text) = json { return text }
        return json.printable
    }

    private static func members(
        _ description: Description, _ files: [DescriptorFolder.File]
    ) -> [(String, JSONOutput)] {
        var members: [(String, JSONOutput)] = []
        switch description.intent {
        case .text(let text): members.append(("intent", .string(text)))
        case .parts(let parts): members.append(("intent", .object(parts.map { ($0.label, .string($0.text)) })))
        }
        if let sentence = description.interpolatedIntent { members.append(("interpolatedIntent", .string(sentence))) }
        if let owner = description.owner { members.append(("owner", .string(owner))) }
        let fields = description.fields.map { field -> JSONOutput in
            let value: JSONOutput =
                switch field.value {
                case .text(let text): .string(text)
                case .nested(let inner):
                    .object(
                        Self.members(inner, [])
                            + [
                                (
                                    "raw",
                                    .object(
                                        [
                                            ("target", inner.facts.target.map { .string("\($0)") } ?? .null),
                                            ("value", .string("\(inner.facts.value)")),
                                        ] + raw(inner.facts))
                                )
                            ])
                }
            let group = field.group.map { [("group", JSONOutput.string($0))] } ?? []
            return .object([("label", .string(field.label)), ("value", value)] + group)
        }
        members.append(("fields", .array(fields)))
        let file = files.first
        let attester = file?.attesters.first
        var descriptor: [(String, JSONOutput)] = [
            ("hash", .string("\(description.files[0].hash)")),
            ("attestedBy", attester.map { .string("\($0)") } ?? .null),
            ("path", .string(description.files[0].path)),
        ]
        if files.count > 1 {
            let others = files.dropFirst().map { file -> JSONOutput in
                [
                    "path": .string(file.path), "hash": .string("\(file.hash)"),
                    "attestedBy": file.attesters.first.map { .string("\($0)") } ?? .null,
                ]
            }
            descriptor.append(("includes", .array(others)))
        }
        members.append(("descriptor", .object(descriptor)))
        if !description.warnings.isEmpty {
            members.append(("notes", .array(description.warnings.map { .string($0.text) })))
        }
        return members
    }
}

extension Rendering.Subject {
    /// Whether the descriptor has a display format for this call or message.
    fileprivate func isCovered(by descriptor: Descriptor, names: any DisplayNames) -> Bool {
        switch self {
        case .call(let call): descriptor.covers(call, names: names)
        case .message(let message, _): descriptor.covers(message, names: names)
        case .text: false
        }
    }
}

extension Call {
    /// The signature of the called function. `nil` if the kind of request does not name the function.
    public var namedFunction: String? {
        guard case .string(let signature)? = members.first(where: { $0.name == "function" })?.value else { return nil }
        return signature
    }
}

/// The functions that Airlock can decode without a descriptor: functions of token standards, and the functions that the
/// known kinds of request call.
enum StandardFunction {
    private static let functions: [Selector: ABIFunction] = {
        let known = RequestKinds.signatures.compactMap { try? ABIFunction($0) }
        return Dictionary(known.map { ($0.selector, $0) }) { first, _ in first }
    }()

    /// Returns a problem if a descriptor decodes a call as another function than the one that is known or named, and
    /// both have the same selector. Such functions are easy to find. The arguments shown would then be those of the
    /// wrong function.
    static func clash(with described: AirlockClearSigning.Facts, named signature: String?) -> Problem? {
        let selector = Selector(signature: described.signature)
        for function in [signature.flatMap { try? ABIFunction($0) }, functions[selector]] {
            guard let function, function.selector == selector, function.signature != described.signature else {
                continue
            }
            return Problem(
                DescriptorRule.otherFunction, saw: "\(described.signature), not \(function.signature)")
        }
        return nil
    }

    /// Returns the first such problem of the calls inside a described call or message.
    static func clash(inside description: Description) -> Problem? {
        for field in description.fields {
            guard case .nested(let inner) = field.value else { continue }
            if let problem = clash(with: inner.facts, named: nil) ?? clash(inside: inner) { return problem }
        }
        return nil
    }

    /// Decodes all values of a call. Returns `nil` if the function is not known, or if the call data is not exactly the
    /// encoding of a call of this function.
    static func facts(of call: ContractCall, named signature: String?) -> AirlockClearSigning.Facts? {
        if let named = signature.flatMap({ try? ABIFunction($0) }), named.selector == Selector(of: call.data.span) {
            return try? AirlockClearSigning.Facts(call, named)
        }
        let known = Selector(of: call.data.span).flatMap { functions[$0] }
        guard let function = RequestKinds.function(of: call.data)?.function ?? known else { return nil }
        return try? AirlockClearSigning.Facts(call, function)
    }
}

/// The names that the policy gives to tokens, addresses and currencies.
public struct PolicyNames: DisplayNames {
    private let policy: Policy

    public init(_ policy: Policy) { self.policy = policy }

    private func rules(_ chain: UInt256) -> Policy.ChainRules? {
        UInt64(exactly: chain).flatMap { policy.chains[Chain(id: $0)] }
    }

    public func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)? {
        guard !address.isZero else { return nil }
        return rules(chain)?.currencies[address].map { ($0.symbol, $0.decimals) }
    }

    public func name(of address: Address, on chain: UInt256) -> String? {
        let rules = rules(chain)
        let recipient = rules?.recipients?[address].flatMap { $0.isEmpty ? nil : $0 }
        return recipient ?? rules?.label(of: address) ?? (address.isZero ? nil : rules?.currencies[address]?.symbol)
    }
}
