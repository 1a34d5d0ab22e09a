import ABI
import EthereumTypes
import Foundation
import RLP
import StrictJSON
import Testing
import ToolSupport

/// Other people's libraries, in Python: the one that AIRLOCK_PYTHON names, or the one that `make test` installs.
/// Without them these tests say so, and every module's own tests still hold its known answers.
enum Reference {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Differential")

    /// `AIRLOCK_SEED=…` runs again what failed.
    static let seed =
        ProcessInfo.processInfo.environment["AIRLOCK_SEED"].flatMap { $0.isEmpty ? nil : $0 }
        ?? "\(UInt32.random(in: 0...UInt32.max))"

    static let python: BuiltTool? = {
        let named = ProcessInfo.processInfo.environment["AIRLOCK_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        let own = folder.appending(path: "../../.venv/bin/python").standardizedFileURL.path
        return BuiltTool(at: named ?? own)
    }()

    /// What a script writes; nothing, and a word about it, where there is no Python.
    static func run(_ script: String, _ arguments: String...) throws -> Outcome? {
        guard let python else {
            print("note: no Python at AIRLOCK_PYTHON or in .venv, so nothing was compared: run make test")
            return nil
        }
        let path = folder.appending(path: script).path
        return try python.run(
            [path] + arguments, in: "/", environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 300)
    }
}

@Suite("Beside other people's libraries")
struct DifferentialTests {
    @Test("signed payments are the same, byte for byte: random charges of all four functions")
    func payments() throws {
        guard let outcome = try Reference.run("payments.py", BuiltTool("airlock").path, "200", Reference.seed) else {
            return
        }
        print(outcome.out, terminator: "")
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.out.hasPrefix("differential: 200 of 200 payments"))
    }

    @Test("keystores open both ways, and mnemonics have the same accounts: random ones of every kind")
    func keyFiles() throws {
        guard let outcome = try Reference.run("key_files.py", BuiltTool("airlock").path, "60", Reference.seed) else {
            return
        }
        print(outcome.out, terminator: "")
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.out.hasPrefix("differential: 60 of 60 key files"))
    }

    @Test("RLP, the ABI, Keccak-256 and checksums are the same, both ways: random values")
    func values() throws {
        guard let outcome = try Reference.run("values.py", "500", Reference.seed) else { return }
        #expect(outcome.exit == 0, "\(outcome.err)")
        var counts: [String: Int] = [:]
        for line in outcome.out.split(separator: "\n") {
            let root = try JSONDocument(Array(line.utf8)).root
            let kind = try #require(root["kind"]?.string)
            do { try Self.compare(kind, root) } catch { Issue.record("seed \(Reference.seed): \(error)\n\(line)") }
            counts[kind, default: 0] += 1
        }
        #expect(counts == ["rlp": 500, "abi": 500, "keccak": 500, "address": 500])
        print("differential: \(counts.values.reduce(0, +)) values (seed \(Reference.seed))")
    }

    private static func compare(_ kind: String, _ root: JSONValue) throws {
        let value = try #require(root["value"] ?? root["values"])
        let text = try #require(root["data"]?.string)
        switch kind {
        case "rlp":
            let data = try Hex.decode(text)
            let tree = try item(value)
            #expect(RLP.encode(tree) == data)
            #expect(try RLPItem(decoding: data) == tree)
        case "abi":
            let data = try Hex.decode(text)
            let parameters = try ABIParameters(try #require(root["types"]?.string))
            let values = try parameters.values(from: value)
            #expect(try parameters.encode(values) == data)
            #expect(try parameters.decode(data) == values)
        case "keccak":
            #expect("\(Hash.keccak(try Hex.decode(#require(value.string))))" == text)
        default:
            let address = try Address(#require(value.string))
            #expect("\(address)" == text)
            #expect(try Address(text) == address)
        }
    }

    private static func item(_ value: JSONValue) throws -> RLPItem {
        if let elements = value.elements { return .list(try elements.map(item)) }
        return .bytes(try Hex.decode(#require(value.string)))
    }
}
