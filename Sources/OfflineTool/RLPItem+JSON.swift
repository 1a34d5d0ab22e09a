import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockRLP
import AirlockStrictJSON

/// RLP as people write it: nested arrays of `0x` strings.
extension RLPItem {
    /// - Parameter depth: how many more lists may be nested.
    init(_ value: JSONValue, depth: Int = JSONDocument.maximumDepth) throws {
        if let elements = value.elements {
            guard depth > 0 else { throw Self.tooDeep(value.pointer) }
            self = .list(try elements.map { try RLPItem($0, depth: depth - 1) })
        } else if let string = value.string {
            do { self = .bytes(try Hex.decode(string)) } catch { throw error.problems[0].at(value.pointer) }
        } else {
            throw Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "an array or a 0x string")
        }
    }

    /// The arrays, which are never nested deeper than `init(_:)` takes back.
    func json(depth: Int = JSONDocument.maximumDepth) throws(Problem) -> JSONOutput {
        switch self {
        case .bytes(let bytes): return .string(Hex.encode(bytes))
        case .list(let items):
            guard depth > 0 else { throw Self.tooDeep(nil) }
            return .array(try items.map { item throws(Problem) in try item.json(depth: depth - 1) })
        }
    }

    private static func tooDeep(_ place: String?) -> Problem {
        Problem(RLPRule.tooDeep, at: place, hint: "nest at most \(JSONDocument.maximumDepth) lists")
    }
}
