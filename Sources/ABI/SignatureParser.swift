/// Parses types and signatures in Solidity's notation.
struct SignatureParser {
    private let text: [UInt8]
    private(set) var position = 0

    init(_ text: String) { self.text = Array(text.utf8) }

    // MARK: Types

    /// Reads a type such as `uint256`, `bytes[2][]`, `(address,bytes)[]` or `tuple(address to)`.
    ///
    /// - Parameter components: the components of a `tuple`. A JSON ABI lists them in a separate member, not in the
    ///   string that contains the type.
    mutating func type(depth: Int = 0, components: ABIParameters? = nil) throws(ABIError) -> ABIType {
        skipSpaces()
        let start = position
        var type: ABIType
        if peek == UInt8(ascii: "(") {
            type = ABIType(.tuple(try parameters(depth: depth + 1)))
        } else {
            let word = identifier()
            if word == "tuple", peek == UInt8(ascii: "(") {
                type = ABIType(.tuple(try parameters(depth: depth + 1)))
            } else if word == "tuple", let components {
                type = ABIType(.tuple(components))
            } else {
                guard let word else { throw syntax(expected: "a type") }
                type = ABIType(try Self.elementary(word, at: start))
            }
        }
        while take("[") { type = try array(of: type, typeAt: start) }
        guard type.depth <= ABIType.maximumDepth else { throw ABIError(.tooDeep, at: .offset(start)) }
        guard type.headSize <= ABIType.maximumSize else { throw ABIError(.typeTooLarge, at: .offset(start)) }
        return type
    }

    /// Reads the rest of an array type after the bracket `[`, which was already read.
    private mutating func array(of element: ABIType, typeAt start: Int) throws(ABIError) -> ABIType {
        guard element.depth < ABIType.maximumDepth else { throw ABIError(.tooDeep, at: .offset(position - 1)) }
        // Refuse elements whose encoding has no bytes, such as empty tuples, and elements with such parts. With them, a
        // few bytes of data could encode an array with billions of values.
        guard !element.hasPartWithoutSize else {
            throw ABIError(.elementsWithoutSize, at: .offset(start), saw: element.description)
        }
        if take("]") { return ABIType(.list(element)) }
        skipSpaces()
        let digitsStart = position
        while let byte = peek, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        let digits = String(decoding: text[digitsStart..<position], as: UTF8.self)
        guard let count = Int(digits), digits == String(count), take("]") else {
            let saw = shown(from: digitsStart)
            throw ABIError(.wrongArrayLength, at: .offset(digitsStart), saw: saw, expected: "a number and ]")
        }
        guard count <= ABIType.maximumSize / element.headSize else {
            throw ABIError(.typeTooLarge, at: .offset(start))
        }
        return ABIType(.array(element, count: count))
    }

    /// Returns the elementary type with this name. Throws if there is no such type.
    private static func elementary(_ word: String, at start: Int) throws(ABIError) -> ABIType.Kind {
        switch word {
        case "address": return .address
        case "bool": return .bool
        case "bytes": return .bytes
        case "string": return .string
        case "function": return .function
        case "uint": return .uint(bits: 256)
        case "int": return .int(bits: 256)
        default: break
        }
        let name = word.prefix { !$0.isNumber }
        let digits = word.dropFirst(name.count)
        let width = Int(digits).flatMap { String($0) == digits ? $0 : nil } ?? 0
        let isWholeBytes = 8...256 ~= width && width % 8 == 0
        switch name {
        case "uint" where isWholeBytes: return .uint(bits: width)
        case "int" where isWholeBytes: return .int(bits: width)
        case "bytes" where 1...32 ~= width: return .fixedBytes(count: width)
        case "uint", "int", "bytes": throw ABIError(.wrongWidth, at: .offset(start), saw: word)
        default: throw ABIError(.unknownType, at: .offset(start), saw: word)
        }
    }

    // MARK: Lists of parameters

    /// Reads a list of parameters in parentheses.
    mutating func parameters(depth: Int = 0) throws(ABIError) -> ABIParameters {
        ABIParameters(try list(depth: depth, indexed: nil).map(\.parameter))
    }

    /// Reads the parameters of an event. Each parameter can be marked `indexed`.
    mutating func eventParameters() throws(ABIError) -> [(parameter: ABIParameter, isIndexed: Bool)] {
        try list(depth: 0, indexed: "indexed")
    }

    private mutating func list(
        depth: Int, indexed: String?
    ) throws(ABIError) -> [(parameter: ABIParameter, isIndexed: Bool)] {
        skipSpaces()
        guard depth <= ABIType.maximumDepth else { throw ABIError(.tooDeep, at: .offset(position)) }
        guard take("(") else { throw syntax(expected: "(") }
        var list: [(parameter: ABIParameter, isIndexed: Bool)] = []
        if take(")") { return list }
        repeat {
            let type = try type(depth: depth)
            var word = spacedIdentifier()
            let isIndexed = indexed != nil && word == indexed
            // Skip `payable` after `address`, and data locations such as `memory`. They do not change the encoding of a
            // value.
            if isIndexed || (word == "payable" && type.kind == .address)
                || ["memory", "calldata", "storage"].contains(word)
            {
                word = spacedIdentifier()
            }
            list.append((ABIParameter(word ?? "", type), isIndexed))
        } while take(",")
        guard take(")") else { throw syntax(expected: ", or )") }
        return list
    }

    // MARK: Characters and names

    var peek: UInt8? { position < text.count ? text[position] : nil }

    mutating func skipSpaces() {
        while let byte = peek, byte == UInt8(ascii: " ") || 9...13 ~= byte { position += 1 }
    }

    /// Skips spaces and the given character after them, and returns true. If a different character follows the spaces,
    /// skips nothing and returns false.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        let before = position
        skipSpaces()
        if peek == UInt8(ascii: character) {
            position += 1
            return true
        }
        position = before
        return false
    }

    /// Reads a name. A name consists of letters, digits, `_` and `$`, and does not begin with a digit. Returns `nil` if
    /// there is no name at the current position.
    mutating func identifier() -> String? {
        let start = position
        while let byte = peek, Self.isNameByte(byte, first: position == start) { position += 1 }
        return position > start ? String(decoding: text[start..<position], as: UTF8.self) : nil
    }

    /// Reads a name after at least one space. If there is no such name, returns `nil` and reads nothing.
    mutating func spacedIdentifier() -> String? {
        let before = position
        skipSpaces()
        if position > before, let word = identifier() { return word }
        position = before
        return nil
    }

    /// Reads a name. Spaces before the name are skipped. Throws if no name follows.
    mutating func name() throws(ABIError) -> String {
        skipSpaces()
        guard let name = identifier() else { throw syntax(expected: "a name") }
        return name
    }

    /// Reads the name of a declaration, after an optional keyword such as `function`.
    mutating func declaredName(_ keyword: String) throws(ABIError) -> String {
        let word = try name()
        return word == keyword && peek != UInt8(ascii: "(") ? try name() : word
    }

    /// Reads a keyword after the parameters, such as `view`. Returns `nil` if no keyword follows.
    mutating func modifier() -> String? {
        skipSpaces()
        return identifier()
    }

    /// Throws if unread text other than spaces is left.
    mutating func finish() throws(ABIError) {
        skipSpaces()
        guard position == text.count else { throw syntax(expected: "nothing more") }
    }

    /// Returns the error for unexpected text at the current position. Spaces at this position are skipped first.
    mutating func syntax(expected: String) -> ABIError {
        skipSpaces()
        return ABIError(.syntax, at: .offset(position), saw: shown(from: position), expected: expected)
    }

    /// Returns the error for the unexpected text `word`. The parser must have just read `word`. The position of the
    /// error is the start of `word`.
    func syntax(at word: String, expected: String) -> ABIError {
        ABIError(.syntax, at: .offset(position - word.utf8.count), saw: word, expected: expected)
    }

    private func shown(from start: Int) -> String {
        start < text.count ? String(decoding: text[start...].prefix(32), as: UTF8.self) : "the end"
    }

    private static func isNameByte(_ byte: UInt8, first: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "$"):
            true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !first
        default: false
        }
    }
}
