import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// The struct types that a message defines.
struct TypeTable {
    struct Member {
        let name: String
        let type: MemberType
        /// The type of the member, exactly as the message writes it. This text is a part of the bytes that are hashed.
        let text: String
    }

    /// The maximum number of structs. It is also the maximum number of members in one struct. These limits keep the
    /// checks of a message fast. More structs make the checks slower, because the hash of a struct type includes all
    /// types that it refers to. More members make them slower, because members are searched one by one.
    static let maximumCount = 256
    /// The maximum total size of all names and types, in bytes.
    static let maximumSize = 1 << 16

    private(set) var structs: [String: [Member]] = [:]

    /// Reads the member `types`. All names must be printable ASCII, so that equal strings have equal bytes.
    init(_ json: JSONValue, problems: inout [Problem]) {
        var reader = ObjectReader(json)
        var size = 0
        for (name, value) in json.members ?? [] {
            let members = reader.objects(name) { Self.member(&$0) } ?? []
            structs[name] = members
            size += members.reduce(name.utf8.count) { $0 + $1.name.utf8.count + $1.text.utf8.count }
            if let problem = Self.problem(name, members) { reader.record([problem.at(value.pointer)]) }
            guard max(structs.count, members.count) <= Self.maximumCount, size <= Self.maximumSize else {
                reader.record([Problem(TypedDataRule.typesTooLarge, at: json.pointer)])
                break
            }
        }
        problems += reader.problems
        guard problems.isEmpty else { return }
        for (name, value) in json.members ?? [] {
            for (member, element) in zip(structs[name] ?? [], value.children) {
                guard case .structure(let referred) = member.type.base else { continue }
                problems += unknown(referred, at: ObjectReader(element).pointer(to: "type"))
            }
        }
    }

    /// Returns a problem if no struct with this name is defined.
    func unknown(_ name: String, at pointer: String) -> [Problem] {
        // Swift's `==` can treat two different characters as equal if one of them is not ASCII. For example, U+212A
        // (the Kelvin sign) equals the letter K. So only ASCII names are looked up.
        if Self.isName(name, allowsSpaces: false), structs[name] != nil { return [] }
        return [Problem(TypedDataRule.unknownType, at: pointer, saw: name)]
    }

    private static func member(_ reader: inout ObjectReader) -> Member? {
        let name = reader.string("name") { name in
            guard isName(name, allowsSpaces: true) else { throw Problem(TypedDataRule.badName, saw: name) }
            return name
        }
        let member = reader.string("type") { Member(name: name ?? "", type: try MemberType($0), text: $0) }
        reader.refuseUnknown()
        return name == nil ? nil : member
    }

    private static func problem(_ name: String, _ members: [Member]) -> Problem? {
        if !isName(name, allowsSpaces: false) { return Problem(TypedDataRule.badName, saw: name) }
        // No struct may have the name of a type of the contract ABI. Names such as `uint` are forbidden too. They are
        // types of the contract ABI, although EIP-712 does not have them.
        if (try? ABIType(name)) != nil { return Problem(TypedDataRule.reservedName, saw: name) }
        var seen: Set<String> = []
        let twice = members.first { !seen.insert($0.name).inserted }
        return twice.map { Problem(TypedDataRule.duplicateMember, saw: $0.name) }
    }

    /// Whether a name is accepted. EIP-712 requires identifiers, but wallets have always accepted other names, such as
    /// `HyperliquidTransaction:Withdraw`. A name is refused if it contains parentheses, square brackets, commas or
    /// characters that are not printable ASCII, because it could be mistaken for another type. Spaces are accepted only
    /// if `allowsSpaces` is true.
    private static func isName(_ name: String, allowsSpaces: Bool) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: " "): allowsSpaces
            case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"): false
            default: 0x21...0x7e ~= byte
            }
        }
    }

    // MARK: The domain (EIP-712)

    /// Checks that the domain's fields have the names, the types and the order that EIP-712 defines. Returns the
    /// problems.
    func domainProblems(_ json: JSONValue) -> [Problem] {
        guard let members = structs[TypedData.domainType], let domain = json[TypedData.domainType] else {
            let pointer = ObjectReader(json).pointer(to: TypedData.domainType)
            return [Problem(JSONRule.missingField, at: pointer)]
        }
        guard !members.isEmpty else { return [Problem(TypedDataRule.emptyDomain, at: domain.pointer)] }
        var left = TypedDataDomain.fields[...]
        for (member, element) in zip(members, domain.children) {
            guard let place = left.firstIndex(where: { $0.name == member.name && $0.type == member.text }) else {
                let saw = "\(member.text) \(member.name)"
                return [Problem(TypedDataRule.domainField, at: element.pointer, saw: saw)]
            }
            left = left[(place + 1)...]
        }
        return []
    }

    // MARK: Hashing

    /// Returns a struct type in the form of EIP-712's `encodeType`: the type itself first, then all structs that it
    /// refers to, sorted by name.
    func encodeType(_ name: String) -> String {
        var found: Set<String> = [name]
        var open = [name]
        while let next = open.popLast() {
            for member in structs[next] ?? [] {
                if case .structure(let referred) = member.type.base, found.insert(referred).inserted {
                    open.append(referred)
                }
            }
        }
        found.remove(name)
        return ([name] + found.sorted()).map { declaration($0) }.joined()
    }

    private func declaration(_ name: String) -> String {
        let members = (structs[name] ?? []).map { "\($0.text) \($0.name)" }
        return "\(name)(\(members.joined(separator: ",")))"
    }
}

/// The type of a struct's member: an elementary type, a struct, or an array of these.
struct MemberType {
    /// The maximum number of array dimensions.
    static let maximumDepth = 64

    enum Base {
        case elementary(ABIType)
        case structure(String)
    }

    let base: Base
    /// The length of each array dimension, or `nil` if any length is allowed. The outermost dimension is the last.
    let lengths: [Int?]

    /// Reads a type such as `Person[2][]`. If the type refers to a struct, the caller must check that this struct is
    /// defined.
    init(_ text: String) throws(Problem) {
        var rest = text[...]
        var lengths: [Int?] = []
        while rest.last == "]" {
            guard lengths.count < Self.maximumDepth else { throw Problem(TypedDataRule.tooDeep, saw: text) }
            guard let opening = rest.lastIndex(of: "[") else {
                throw Problem(TypedDataRule.wrongArrayLength, saw: text)
            }
            let digits = rest[rest.index(after: opening)...].dropLast()
            let length = Int(digits)
            guard digits.isEmpty || length.map({ String($0) == digits && $0 >= 0 }) == true else {
                throw Problem(TypedDataRule.wrongArrayLength, saw: text)
            }
            lengths.insert(length, at: 0)
            rest = rest[..<opening]
        }
        self.lengths = lengths
        let name = String(rest)
        if let type = Self.elementary(name) { base = .elementary(type) } else { base = .structure(name) }
    }

    /// The elementary type with this name, if EIP-712 has this type. EIP-712 has no aliases such as `uint`.
    static func elementary(_ name: String) -> ABIType? {
        guard let type = try? ABIType(name), type.description == name else { return nil }
        switch type.kind {
        case .uint, .int, .address, .bool, .fixedBytes, .bytes, .string: return type
        case .function, .array, .list, .tuple: return nil
        }
    }
}
