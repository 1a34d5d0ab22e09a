import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport

/// The public vectors, in the folder that AIRLOCK_VECTORS names. They are no part of the project: without the folder
/// these suites are skipped and say so, and every module's own tests still hold one case per rule.
enum Vectors {
    static let folder = ProcessInfo.processInfo.environment["AIRLOCK_VECTORS"].flatMap { path in
        path.isEmpty ? nil : URL(fileURLWithPath: path)
    }

    /// One file, unpacked if it is packed.
    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try #require(folder).appendingPathComponent(path)
        return Array(try file.pathExtension == "gz" ? unpack(file) : Data(contentsOf: file))
    }

    /// One file of JSON.
    static func json(_ path: String) throws -> JSONValue { try JSONDocument(bytes(path)).root }

    /// The paths of all files under one of the folders, in order.
    static func files(under path: String) throws -> [String] {
        let found = try FileManager.default.subpathsOfDirectory(
            atPath: #require(folder).appendingPathComponent(path).path)
        return found.filter { $0.hasSuffix(".json") }.sorted().map { "\(path)/\($0)" }
    }

    private static func unpack(_ file: URL) throws -> Data {
        let unpacked = try #require(BuiltTool.installed("gzip")).run(["-dc", file.path], in: "/")
        try #require(unpacked.exit == 0, "gzip could not unpack \(file.path)")
        return Data(unpacked.out.utf8)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs only where the vectors are.
    static var needsVectors: Self { .enabled(if: Vectors.folder != nil, "AIRLOCK_VECTORS names no folder of vectors") }
}

/// A case that went wrong, in words.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws when the two differ.
func same<Value: Equatable>(_ what: String, _ actual: Value, _ expected: Value) throws {
    guard actual == expected else { throw Failure("\(what) is \(actual), not \(expected)") }
}

/// Checks every case of a set, records those that fail and prints how many passed.
///
/// - Parameter skipped: the names of cases that are left out, each with the reason. At most one in fifty may be, and
///   each must be in the set.
func conform<Case>(
    _ set: String, _ cases: [(name: String, case: Case)], skipped: [String: String] = [:],
    check: (Case) throws -> Void
) {
    var passed = 0
    var left = Set(skipped.keys)
    for (name, value) in cases {
        if left.remove(name) != nil { continue }
        do {
            try check(value)
            passed += 1
        } catch {
            Issue.record("\(set), \(name): \(error)")
        }
    }
    let total = cases.count - skipped.count
    #expect(total > 0, "\(set) has no cases")
    #expect(left.isEmpty, "\(set) has no such cases to skip")
    #expect(skipped.count * 50 <= cases.count, "\(set): too much is skipped")
    print("conformance: \(set) \(passed) of \(total)" + (skipped.isEmpty ? "" : ", \(skipped.count) skipped"))
    for (name, reason) in skipped.sorted(by: { $0.key < $1.key }) { print("conformance: skipped \(name): \(reason)") }
}

extension JSONValue {
    /// The member of this name, which must be there.
    func member(_ key: String) throws -> JSONValue {
        guard let value = self[key] else { throw Failure("\(pointer) has no \(key)") }
        return value
    }

    /// The string of this name.
    func text(_ key: String) throws -> String {
        guard let text = try member(key).string else { throw Failure("\(pointer)/\(key) is no string") }
        return text
    }

    /// The bytes of this name: digits, with or without 0x before them.
    func bytes(_ key: String) throws -> [UInt8] { try hex(text(key)) }

    /// The integer of this name: hexadecimal digits after 0x, leading zeros or none, else decimal ones; a number too.
    func integer(_ key: String) throws -> UInt256 {
        let value = try member(key)
        guard let text = value.string ?? value.number else { throw Failure("\(pointer)/\(key) is no integer") }
        guard text.hasPrefix("0x") else { return try UInt256(decimal: text) }
        let digits = text.dropFirst(2).drop { $0 == "0" }
        return try UInt256(quantity: digits.isEmpty ? "0x0" : "0x" + digits)
    }

    /// The elements of the array of this name.
    func array(_ key: String) throws -> [JSONValue] {
        guard let elements = try member(key).elements else { throw Failure("\(pointer)/\(key) is no array") }
        return elements
    }

    /// The cases of a converted file, each named by its place or by its member `name`.
    func cases(_ key: String = "cases") throws -> [(name: String, case: JSONValue)] {
        try array(key).enumerated().map { index, value in
            ("\(index)" + (value["name"]?.string.map { " \($0)" } ?? ""), value)
        }
    }

    /// The members of an object, as named cases.
    func namedCases() throws -> [(name: String, case: JSONValue)] {
        guard let members else { throw Failure("\(pointer) is no object") }
        return members.map { ($0.key, $0.value) }
    }
}

/// The bytes of digits, with or without 0x before them.
func hex(_ text: String) throws -> [UInt8] {
    try Hex.decode(digits: text.hasPrefix("0x") ? text.dropFirst(2) : text[...])
}
