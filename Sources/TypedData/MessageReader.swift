import AirlockABI
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockStrictJSON

/// Reads the values of a message as its types require, encodes them, and collects all problems.
struct MessageReader {
    private(set) var problems: [Problem] = []
    /// The problems of addresses with a wrong checksum (EIP-55). They are reported separately, because the digest does
    /// not depend on the checksum.
    private(set) var wrongChecksums: [Problem] = []
    private let types: TypeTable
    private var typeHashes: [String: Hash] = [:]

    init(_ types: TypeTable) { self.types = types }

    /// Encodes a struct: first the hash of its type, and then the struct's values as EIP-712's `encodeData` does. If
    /// there are problems, the encoding is incomplete.
    mutating func encode(_ name: String, _ json: JSONValue) -> StructEncoder {
        var reader = ObjectReader(json)
        var encoder = StructEncoder(typeHash: typeHash(name))
        for member in types.structs[name] ?? [] {
            guard let value = reader.value(member.name) else { continue }
            if let word = word(member.type.base, member.type.lengths[...], value) { encoder.append(word) }
        }
        reader.refuseUnknown()
        record(reader.problems)
        return encoder
    }

    private mutating func word(_ base: MemberType.Base, _ lengths: ArraySlice<Int?>, _ json: JSONValue) -> Hash? {
        guard problems.count < ObjectReader.problemLimit else { return nil }
        if let length = lengths.last { return array(base, lengths.dropLast(), length, json) }
        switch base {
        case .structure(let name): return encode(name, json).hash
        case .elementary(let type):
            do {
                return try type.topic(of: value(type, json))
            } catch {
                record((error as? any RuleBroken)?.problems ?? [])
                return nil
            }
        }
    }

    mutating func value(_ type: ABIType, _ json: JSONValue) throws(ProblemList) -> ABIValue {
        let address = type.kind == .address ? json.string.flatMap { try? Address(anyCase: $0) } : nil
        // At the problem limit, no error is created for a wrong checksum, because it takes long to find the JSON
        // pointer of an error.
        if let address, wrongChecksums.count >= ObjectReader.problemLimit { return .address(address) }
        do throws(ProblemList) { return try type.value(from: json, allowsHexIntegers: true) } catch {
            guard let address else { throw error }
            wrongChecksums += error.problems.prefix(ObjectReader.problemLimit - wrongChecksums.count)
            return .address(address)
        }
    }

    /// Encodes an array. EIP-712: "The array values are encoded as the keccak256 hash of the concatenated encodeData of
    /// their contents."
    private mutating func array(
        _ base: MemberType.Base, _ lengths: ArraySlice<Int?>, _ length: Int?, _ json: JSONValue
    ) -> Hash? {
        guard let elements = json.elements else {
            record([Problem(JSONRule.wrongType, at: json.pointer, saw: json.text, expected: "an array")])
            return nil
        }
        if let length, elements.count != length {
            record([
                Problem(TypedDataRule.wrongCount, at: json.pointer, saw: "\(elements.count)", expected: "\(length)")
            ])
        }
        var bytes: [UInt8] = []
        for element in elements where problems.count < ObjectReader.problemLimit {
            if let word = word(base, lengths, element) { bytes += word.bytes }
        }
        return .keccak(bytes)
    }

    private mutating func typeHash(_ name: String) -> Hash {
        if let known = typeHashes[name] { return known }
        let hash = Hash.keccak(Array(types.encodeType(name).utf8))
        typeHashes[name] = hash
        return hash
    }

    mutating func record(_ found: [Problem]) {
        problems += found.prefix(max(0, ObjectReader.problemLimit - problems.count))
    }
}
