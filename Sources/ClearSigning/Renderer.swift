import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockTypedData

/// Applies display formats to values. One renderer makes the description of a call or message, and also the
/// descriptions of the calls inside this call or message.
struct Renderer {
    let names: any DisplayNames
    let library: Descriptors
    /// Counts so far: the values processed, the calls described, and the bytes of their text. The limits are
    /// `mostValues`, `mostCalls` and `mostText`.
    private var valueCount = 0
    private var callCount = 0
    private var textLength = 0
    private(set) var warnings: [Description.Warning] = []

    /// The limits of one description: the nesting depth of calls, the number of calls, the number of values, and the
    /// length of the text in bytes. A descriptor can show the same long value in many fields.
    static let deepest = 4
    static let mostCalls = 256
    static let mostValues = 4096
    static let mostText = 1 << 20

    init(_ names: any DisplayNames, _ library: Descriptors) {
        self.names = names
        self.library = library
    }

    /// The values of the transaction, or of the domain of the message, which a path that begins with `@` can select.
    /// The only exception is `depth`, the nesting depth of the call, which no path can select.
    struct Container {
        let chain: UInt256?
        let from: Address?
        let to: Address?
        let value: UInt256
        let depth: Int
    }

    /// The values that a display format can read: all values of the call or message, and the values of the current
    /// group.
    struct Scope {
        let container: Container
        let root: Datum
        var base: PathValue
        /// The path that leads to the value `base`. If `base` is one element of an array over which a group iterates,
        /// the path contains the step that selects all elements, such as `[]`, and not the index of this element.
        var path = DataPath(root: .data, steps: [])
        var group: String?
    }

    /// A formatted field. `nil` if the field is hidden. A field whose value is in an array has one entry for each array
    /// element.
    private typealias Entry = Description.Field?

    // MARK: Describing calls and messages

    /// Finds the descriptor that describes a function or message type, and the display format for it. `check` throws if
    /// a descriptor does not apply to the contract or to the message. This method throws if several descriptors apply,
    /// because it would be unclear which of them to use.
    func matching(
        _ format: Descriptor.Format, _ check: (Binding) throws(Problem) -> Void
    ) throws(Problem) -> (Descriptor, DisplayFormat)? {
        var found: [Descriptor] = []
        for descriptor in library.all where descriptor.has(format) {
            if case .message = format, !descriptor.binding.isMessage { continue }
            if case .function = format, descriptor.binding.isMessage { continue }
            do throws(Problem) { try check(descriptor.binding) } catch { continue }
            found.append(descriptor)
        }
        guard let first = found.first else { return nil }
        do throws(Problem) {
            if found.count > 1 {
                throw Problem(DescriptorRule.ambiguous, saw: "\(first.files[0].path), \(found[1].files[0].path)")
            }
            return try first.format(format, in: Problem.self).map { (first, $0) }
        } catch {
            throw refusing(error, if: found.contains { $0.canRefuse(format, among: library) })
        }
    }

    /// Returns the problem to report if a display format cannot be applied. If it can refuse a value, the failure is a
    /// refusal too. Without this rule, a value elsewhere in the call or message that makes the display format fail
    /// would bypass the refusal.
    private func refusing(_ problem: Problem, if canRefuse: Bool) -> Problem {
        let refusals: [DescriptorRule] = [.mustMatch, .badData, .uncheckedDemand]
        let isRefusal = (problem.rule as? DescriptorRule).map { refusals.contains($0) } ?? false
        guard canRefuse, !isRefusal else { return problem }
        return Problem(DescriptorRule.uncheckedDemand, at: problem.field, detail: problem.message)
    }

    /// Describes a call with the descriptor that matches the call. Returns `nil` if no descriptor matches.
    mutating func describe(_ call: ContractCall, depth: Int) throws(Problem) -> Description? {
        guard let selector = AirlockABI.Selector(of: call.data.span) else { return nil }
        let names = names
        let found = try matching(.function(selector)) { binding throws(Problem) in
            try binding.check(call.to, on: call.chain, names)
        }
        guard let (descriptor, format) = found else { return nil }
        return try describe(call, descriptor, format, depth: depth)
    }

    mutating func describe(
        _ call: ContractCall, _ descriptor: Descriptor, _ format: DisplayFormat, depth: Int
    ) throws(Problem) -> Description {
        do throws(Problem) { return try describe(call, by: descriptor, format, depth: depth) } catch {
            throw refusing(error, if: format.canRefuse(among: library))
        }
    }

    private mutating func describe(
        _ call: ContractCall, by descriptor: Descriptor, _ format: DisplayFormat, depth: Int
    ) throws(Problem) -> Description {
        guard depth <= Self.deepest else { throw Problem(DescriptorRule.tooDeep) }
        callCount += 1
        guard callCount <= Self.mostCalls else { throw Problem(DescriptorRule.tooLarge, at: "data") }
        // The arguments of an inner call are shown too, in addition to the fields.
        if depth > 0 { try count(text: 2 * call.data.count) }
        let function: ABIFunction
        let values: [ABIValue]
        do throws(ABIError) {
            function = try ABIFunction(format.key)
            values = try function.decodeCall(call.data)
        } catch { throw Problem(DescriptorRule.badData, because: error.problems[0], at: "data") }
        let container = Container(chain: call.chain, from: call.from, to: call.to, value: call.value, depth: depth)
        return try describe(
            Datum(function.inputs, values), container, descriptor, format, Facts(call, function, values))
    }

    mutating func describe(
        _ message: TypedData, _ signer: Address?, _ descriptor: Descriptor, _ format: DisplayFormat
    ) throws(Problem) -> Description {
        let container = Container(
            chain: message.domain.chainId, from: signer, to: message.domain.verifyingContract, value: .zero, depth: 0)
        do throws(Problem) {
            return try describe(Datum(message.messageValue), container, descriptor, format, Facts(message))
        } catch {
            throw refusing(error, if: format.canRefuse(among: library))
        }
    }

    private mutating func describe(
        _ root: Datum, _ container: Container, _ descriptor: Descriptor, _ format: DisplayFormat, _ facts: Facts
    ) throws(Problem) -> Description {
        let outer = warnings
        warnings = []
        defer { warnings = outer }
        var texts: [DataPath: [String]?] = [:]
        let scope = Scope(container: container, root: root, base: PathValue(value: root, positions: []))
        let fields = try elements(format.elements, scope, &texts).flatMap { $0 }.compactMap { $0 }
        let value = DataPath(root: .container, steps: [.member("value")])
        if !container.value.isZero, texts[value] == nil { warn(.valueNotShown(container.value)) }
        let sentence = format.interpolatedIntent.flatMap { template in
            Self.interpolate(template) { path in
                texts[path.absolute(in: scope.path)].flatMap { $0 }.flatMap {
                    $0.isEmpty ? nil : $0.joined(separator: ", ")
                }
            }
        }
        if format.interpolatedIntent != nil, sentence == nil { warn(.intentNotInterpolated) }
        try count(text: sentence?.utf8.count ?? 0)
        return Description(
            intent: format.intent, interpolatedIntent: sentence, owner: descriptor.owner,
            contractName: descriptor.contractName, fields: fields, warnings: warnings, files: descriptor.files,
            key: format.key, facts: facts)
    }

    private mutating func count() throws(Problem) {
        valueCount += 1
        guard valueCount <= Self.mostValues else { throw Problem(DescriptorRule.tooLarge) }
    }

    private mutating func count(text length: Int) throws(Problem) {
        textLength += length
        guard textLength <= Self.mostText else { throw Problem(DescriptorRule.tooLarge) }
    }

    mutating func warn(_ warning: Description.Warning) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    // MARK: Fields

    /// Formats fields and groups, and returns the formatted fields. If the path of a field
    /// selects several array elements, there is one formatted field for each element.
    private mutating func elements(
        _ elements: [DisplayElement], _ scope: Scope, _ texts: inout [DataPath: [String]?]
    ) throws(Problem) -> [[Entry]] {
        var rows: [[Entry]] = []
        for element in elements {
            switch element {
            case .field(let field): rows.append(try self.field(field, scope, &texts))
            case .group(let path, let label, let isBundled, let inner):
                for scope in try scopes(path, label, scope) {
                    try count()
                    let found = try self.elements(inner, scope, &texts)
                    rows.append(isBundled ? try Self.bundled(found) : found.flatMap { $0 })
                }
            }
        }
        return rows
    }

    /// Returns the scopes in which the fields of a group are formatted. The relative paths of these fields begin at the
    /// value of the scope. If the group's path iterates over an array, there is one scope for each array element. If
    /// not, there is only one scope.
    private func scopes(_ path: DataPath?, _ label: String?, _ scope: Scope) throws(Problem) -> [Scope] {
        var outer = scope
        outer.group = label ?? scope.group
        guard let path else { return [outer] }
        guard path.root == .relative || path.root == .data else { throw Problem(DescriptorRule.badPath) }
        return try places(path, scope, fixed: scope.base.positions).map { place in
            var inner = outer
            inner.base = place
            inner.path = path.root == .data ? path : DataPath(root: .data, steps: scope.path.steps + path.steps)
            return inner
        }
    }

    /// Reorders the formatted fields of a bundled group (ERC-7730). The first array elements of all fields come first,
    /// then the second array elements of all fields, and so on.
    private static func bundled(_ rows: [[Entry]]) throws(Problem) -> [Entry] {
        let rows = rows.filter { !$0.isEmpty }
        guard let count = rows.first?.count else { return [] }
        if let other = rows.first(where: { $0.count != count }) {
            throw Problem(DescriptorRule.arrayLengths, saw: "\(other.count)", expected: "\(count)")
        }
        return (0..<count).flatMap { index in rows.map { $0[index] } }
    }

    private mutating func field(
        _ field: DisplayField, _ scope: Scope, _ texts: inout [DataPath: [String]?]
    ) throws(Problem) -> [Entry] {
        if case .never = field.visibility { return [] }
        var entries: [Entry] = []
        for place in try places(field.source, scope) {
            try count()
            guard try isShown(place.value, field) else {
                entries.append(nil)
                continue
            }
            let value = try self.value(place, field.format, scope)
            if case .text(let text) = value { try count(text: text.utf8.count) }
            entries.append(Description.Field(label: field.label, value: value, group: scope.group))
        }
        if case .path(let path) = field.source { note(entries, field, path.absolute(in: scope.path), &texts) }
        // A field with `mustMatch` is never shown. Its value was already checked above, so return no formatted fields.
        if case .mustMatch = field.visibility { return [] }
        if case .constant = field.source, entries.contains(where: { $0 != nil }) { warn(.ownValue(label: field.label)) }
        return entries
    }

    /// Stores the formatted values of a field, so that they can later be inserted into a template. The template is a
    /// sentence of the descriptor about the purpose of the call or message. Only values of fields that are always shown
    /// are allowed in the sentence.
    private func note(
        _ entries: [Entry], _ field: DisplayField, _ path: DataPath, _ texts: inout [DataPath: [String]?]
    ) {
        guard case .always = field.visibility else {
            if entries.contains(where: { $0 != nil }) { texts[path] = .some(nil) }
            return
        }
        var found: [String]? = texts[path].flatMap { $0 } ?? []
        for entry in entries {
            if case .text(let text)? = entry?.value { found?.append(text) } else { found = nil }
        }
        texts[path] = .some(found)
    }

    private func isShown(_ value: Datum, _ field: DisplayField) throws(Problem) -> Bool {
        switch field.visibility {
        case .always, .optional: return true
        case .never: return false
        case .ifNotIn(let literals): return !literals.contains { value.equals($0) }
        case .mustMatch(let literals):
            guard literals.contains(where: { value.equals($0) }) else {
                throw Problem(
                    DescriptorRule.mustMatch, at: field.label.isEmpty ? nil : field.label,
                    saw: value.text ?? "several values")
            }
            return false
        }
    }

    // MARK: Paths

    private func places(_ source: DisplayField.Source, _ scope: Scope) throws(Problem) -> [PathValue] {
        guard case .path(let path) = source else {
            guard case .constant(let text) = source else { return [] }
            return [PathValue(value: .literal(text), positions: scope.base.positions)]
        }
        // If the value is an array, show the array element by element, even if the path does not end with `[]`.
        var found: [PathValue] = []
        for place in try places(path, scope, fixed: scope.base.positions) { found += try Self.spread(place) }
        return found
    }

    private static func spread(_ place: PathValue) throws(Problem) -> [PathValue] {
        guard case .list = place.value else { return [place] }
        var found: [PathValue] = []
        for element in try place.follow([.all], fixed: [], level: 0) {
            found += try spread(element)
            guard found.count <= PathValue.mostElements else { throw Problem(DescriptorRule.tooLarge) }
        }
        return found
    }

    private func places(_ path: DataPath, _ scope: Scope, fixed: [ArrayPosition]) throws(Problem) -> [PathValue] {
        switch path.root {
        case .relative:
            return try scope.base.follow(path.steps[...], fixed: fixed, level: scope.base.positions.count)
        case .data:
            return try PathValue(value: scope.root, positions: []).follow(path.steps[...], fixed: fixed, level: 0)
        case .container:
            guard path.steps.count == 1, case .member(let name) = path.steps[0],
                let value = scope.container.value(name)
            else { throw Problem(DescriptorRule.noValue, saw: "@") }
            return [PathValue(value: value, positions: [])]
        case .descriptor: throw Problem(DescriptorRule.badPath)
        }
    }

    /// Returns the value of a parameter. If the field's value is in an array, the parameter is read from the same array
    /// element. Throws unless there is exactly one such value.
    func parameter(_ source: DisplayField.Source, _ place: PathValue, _ scope: Scope) throws(Problem) -> Datum {
        guard case .path(let path) = source else {
            guard case .constant(let text) = source else { throw Problem(DescriptorRule.noValue) }
            return .literal(text)
        }
        let found = try places(path, scope, fixed: place.positions)
        guard found.count == 1 else {
            throw Problem(DescriptorRule.arrayLengths, saw: "\(found.count) values", expected: "one")
        }
        return found[0].value
    }

    // MARK: Sentences

    /// Replaces every `{path}` in a template by the value at this path. Returns `nil` if a path has no value, if the
    /// braces do not match, or if the sentence is too long.
    static func interpolate(_ template: String, _ value: (DataPath) -> String?) -> String? {
        var text = ""
        var rest = template[...]
        while let character = rest.popFirst() {
            switch character {
            case "{" where rest.first == "{", "}" where rest.first == "}":
                text.append(character)
                rest.removeFirst()
            case "{":
                guard let end = rest.firstIndex(of: "}"), let path = try? DataPath(String(rest[..<end])),
                    let found = value(path)
                else { return nil }
                text += found
                guard text.utf8.count <= mostText else { return nil }
                rest = rest[end...].dropFirst()
            case "}": return nil
            default: text.append(character)
            }
        }
        return text
    }
}

extension Renderer.Container {
    fileprivate func value(_ name: String) -> Datum? {
        switch name {
        case "from": from.map { .leaf(.address($0)) }
        case "to": to.map { .leaf(.address($0)) }
        case "value": .leaf(.uint(value))
        case "chainId": chain.map { .leaf(.uint($0)) }
        default: nil
        }
    }
}
