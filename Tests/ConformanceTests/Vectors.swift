import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport

/// Public test vectors of other projects. They are not part of this project. The environment variable AIRLOCK_VECTORS
/// names their folder. If it is not set, the suites that need the vectors are skipped, and the output says so. The
/// tests of each module have their own case for each rule.
enum Vectors {
    static let folder = ProcessInfo.processInfo.environment["AIRLOCK_VECTORS"].flatMap { path in
        path.isEmpty ? nil : URL(fileURLWithPath: path)
    }

    /// Returns the content of one file. A file that is compressed with gzip is decompressed.
    static func bytes(_ path: String) throws -> [UInt8] {
        let file = try #require(folder).appendingPathComponent(path)
        return Array(try file.pathExtension == "gz" ? unpack(file) : Data(contentsOf: file))
    }

    /// Reads one JSON file.
    static func json(_ path: String) throws -> JSONValue { try JSONDocument(bytes(path)).root }

    /// Returns the sorted paths of all JSON files in a folder and in its subfolders.
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
    /// A condition for a suite. The suite runs only if AIRLOCK_VECTORS names a folder.
    static var needsVectors: Self { .enabled(if: Vectors.folder != nil, "AIRLOCK_VECTORS names no folder of vectors") }
}

/// An error that says why a case failed.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Throws a ``Failure`` if the two values differ.
func same<Value: Equatable>(_ what: String, _ actual: Value, _ expected: Value) throws {
    guard actual == expected else { throw Failure("\(what) is \(actual), not \(expected)") }
}

/// Checks every case of a set, records the cases that fail, and prints the number of cases that passed.
///
/// - Parameter skipped: the names of the cases that are left out, each with the reason. Each name must be in the set.
///   At most one case in fifty may be left out.
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
    /// Returns the member with this name. Throws if there is no such member.
    func member(_ key: String) throws -> JSONValue {
        guard let value = self[key] else { throw Failure("\(pointer) has no \(key)") }
        return value
    }

    /// Returns the string in the member with this name.
    func text(_ key: String) throws -> String {
        guard let text = try member(key).string else { throw Failure("\(pointer)/\(key) is no string") }
        return text
    }

    /// Returns the bytes in the member with this name. The member contains hexadecimal digits, with or without 0x
    /// before them.
    func bytes(_ key: String) throws -> [UInt8] { try hex(text(key)) }

    /// Returns the integer in the member with this name. The member is a JSON number or a string. The digits after 0x
    /// are hexadecimal, and leading zeros are allowed. Digits without 0x are decimal.
    func integer(_ key: String) throws -> UInt256 {
        let value = try member(key)
        guard let text = value.string ?? value.number else { throw Failure("\(pointer)/\(key) is no integer") }
        guard text.hasPrefix("0x") else { return try UInt256(decimal: text) }
        let digits = text.dropFirst(2).drop { $0 == "0" }
        return try UInt256(quantity: digits.isEmpty ? "0x0" : "0x" + digits)
    }

    /// Returns the elements of the array in the member with this name.
    func array(_ key: String) throws -> [JSONValue] {
        guard let elements = try member(key).elements else { throw Failure("\(pointer)/\(key) is no array") }
        return elements
    }

    /// Returns the elements of the array `key` as cases. The name of a case is its index in the array, followed by its
    /// member `name` if it has one.
    func cases(_ key: String = "cases") throws -> [(name: String, case: JSONValue)] {
        try array(key).enumerated().map { index, value in
            ("\(index)" + (value["name"]?.string.map { " \($0)" } ?? ""), value)
        }
    }

    /// Returns the members of an object as cases. The name of each case is the key of the member.
    func namedCases() throws -> [(name: String, case: JSONValue)] {
        guard let members else { throw Failure("\(pointer) is no object") }
        return members.map { ($0.key, $0.value) }
    }
}

/// Returns the bytes of hexadecimal digits, with or without 0x before them.
func hex(_ text: String) throws -> [UInt8] {
    try Hex.decode(digits: text.hasPrefix("0x") ? text.dropFirst(2) : text[...])
}
