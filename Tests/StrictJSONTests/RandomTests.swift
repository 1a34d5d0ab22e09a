import Foundation
import AirlockStrictJSON
import Testing

/// A SplitMix64 generator. It makes the same texts in every run.
private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

extension Random {
    /// Returns JSON text with white space and unnecessary escapes, as other programs may write it.
    fileprivate mutating func json(depth: Int) -> String {
        space() + value(depth: depth) + space()
    }

    private mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &self) {
        case 0: return "null"
        case 1: return "true"
        case 2: return "false"
        case 3: return number()
        case 4, 5: return string()
        case 6, 7:
            let members = (0..<Int.random(in: 0..<30, using: &self)).map { position in
                space() + "\"\(position)" + string().dropFirst() + space() + ":" + json(depth: depth - 1)
            }
            return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
        default:
            let elements = (0..<Int.random(in: 0..<6, using: &self)).map { _ in json(depth: depth - 1) }
            return "[" + (elements.isEmpty ? space() : elements.joined(separator: ",")) + "]"
        }
    }

    private mutating func number() -> String {
        let whole = String(Int.random(in: -1000...1000, using: &self))
        let fraction = Bool.random(using: &self) ? "" : ".\(Int.random(in: 0...99, using: &self))"
        let exponent = Bool.random(using: &self) ? "" : "e\(Int.random(in: -9...9, using: &self))"
        return whole + fraction + exponent
    }

    private mutating func string() -> String {
        let pieces = [
            "a", "Z", " ", "é", "€", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "/",
            "~",
        ]
        return "\""
            + (0..<Int.random(in: 0..<20, using: &self)).map { _ in pieces.randomElement(using: &self) ?? "" }.joined()
            + "\""
    }

    private mutating func space() -> String {
        Int.random(in: 0..<4, using: &self) == 0
            ? [" ", "\n", "\t", "\r\n", "         "].randomElement(using: &self) ?? "" : ""
    }
}

extension JSONOutput {
    /// Converts a value that was read to `JSONOutput`, so that the value can be written again.
    fileprivate init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .boolean: self = .boolean(value.boolean ?? false)
        case .number: self = .number(value.number ?? "")
        case .string: self = .string(value.string ?? "")
        case .array: self = .array((value.elements ?? []).map { JSONOutput($0) })
        case .object: self = .object((value.members ?? []).map { ($0.key, JSONOutput($0.value)) })
        }
    }
}

@Suite("A random text")
struct RandomTests {
    @Test("means the same to Foundation, and reads the same when written again", arguments: 0..<200)
    func agrees(seed: UInt64) throws {
        var random = Random(state: seed)
        let text = random.json(depth: 4)
        let root = try JSONDocument(text: text).root
        let foundation = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        #expect(same(root, foundation), "\(text)")

        let written = JSONOutput(root).bytes
        let again = try JSONDocument(written).root
        #expect(same(again, foundation), "\(text)")
        #expect(JSONOutput(again).bytes == written)
    }

    @Test("is refused wherever it is cut short", arguments: 0..<20)
    func cut(seed: UInt64) throws {
        var random = Random(state: seed)
        let text = Array(("[" + random.json(depth: 3) + "]").utf8)
        for length in Set((0..<40).map { _ in Int.random(in: 0..<text.count, using: &random) }) {
            #expect(throws: JSONError.self) { try JSONDocument(Array(text[..<length])) }
        }
    }

    @Test("with a byte changed is refused at a place in it, or is one that can be written again", arguments: 0..<100)
    func changed(seed: UInt64) throws {
        var random = Random(state: seed)
        var text = Array(random.json(depth: 3).utf8)
        let place = Int.random(in: 0..<text.count, using: &random)
        text[place] = UInt8.random(in: 0...255, using: &random)
        let document: JSONDocument
        do {
            document = try JSONDocument(text)
        } catch {
            #expect((0...text.count).contains(error.offset))
            #expect(error.line >= 1 && error.column >= 1)
            return
        }
        let written = JSONOutput(document.root).bytes
        #expect(JSONOutput(try JSONDocument(written).root).bytes == written)
    }

    private func same(_ value: JSONValue, _ other: Any) -> Bool {
        switch value.kind {
        case .null: return other is NSNull
        case .boolean: return (other as? Bool) == value.boolean
        case .number: return (other as? NSNumber)?.doubleValue == value.number.flatMap { Double($0) }
        case .string: return (other as? String).map { Array($0.utf8) } == value.string.map { Array($0.utf8) }
        case .array:
            guard let elements = value.elements, let others = other as? [Any] else { return false }
            return elements.count == others.count && zip(elements, others).allSatisfy { same($0, $1) }
        case .object:
            guard let members = value.members, let others = other as? [String: Any] else { return false }
            return members.count == others.count
                && members.allSatisfy { key, member in
                    others[key].map { same(member, $0) } ?? false && value[key]?.pointer == member.pointer
                }
        }
    }
}
