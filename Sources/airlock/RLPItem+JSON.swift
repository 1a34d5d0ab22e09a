import EthereumTypes
import Problems
import RLP
import StrictJSON

/// RLP as people write it: nested arrays of `0x` strings.
extension RLPItem {
    init(_ value: JSONValue) throws {
        if let elements = value.elements {
            self = .list(try elements.map { try RLPItem($0) })
        } else if let string = value.string {
            do { self = .bytes(try Hex.decode(string)) } catch { throw error.problems[0].at(value.pointer) }
        } else {
            throw Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "an array or a 0x string")
        }
    }

    var json: JSONOutput {
        switch self {
        case .bytes(let bytes): .string(Hex.encode(bytes))
        case .list(let items): .array(items.map(\.json))
        }
    }
}
