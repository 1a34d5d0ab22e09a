import Foundation

/// A JSON document whose values a test can check.
struct JSON: CustomStringConvertible {
    private let value: Any?

    init(_ data: Data) throws { value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) }

    init(_ text: String) throws { try self.init(Data(text.utf8)) }

    private init(value: Any?) { self.value = value }

    subscript(_ key: String) -> JSON { JSON(value: (value as? [String: Any])?[key]) }
    subscript(_ index: Int) -> JSON { JSON(value: (value as? [Any]).flatMap { $0.indices ~= index ? $0[index] : nil }) }

    func has(_ key: String) -> Bool { (value as? [String: Any])?[key] != nil }

    var count: Int { (value as? [Any])?.count ?? 0 }

    var elements: [JSON] { (value as? [Any])?.map { JSON(value: $0) } ?? [] }

    var text: String {
        get throws {
            guard let text = value as? String else { throw Unexpected("no text: \(self)") }
            return text
        }
    }

    var integer: Int {
        get throws {
            guard let number = value as? Int ?? (value as? String).flatMap({ Int($0) }) else {
                throw Unexpected("no number: \(self)")
            }
            return number
        }
    }

    /// The document as JSON text.
    var serialized: String {
        get throws { String(decoding: try JSONSerialization.data(withJSONObject: value ?? [:]), as: UTF8.self) }
    }

    var description: String { value.map { "\($0)" } ?? "nothing" }
}
