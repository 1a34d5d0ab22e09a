import AirlockABI
import AirlockEthereumTypes
import Foundation
import AirlockRLP
import AirlockStateProofs
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockTransactions
import AirlockTypedData
import AirlockTestSupport

/// Python libraries of other authors, with which Airlock is compared. AIRLOCK_PYTHON names the Python interpreter. If
/// it is not set, the tests use the interpreter that `make test` installs. If there is no interpreter, these tests are
/// skipped. The tests of each module still check known answers.
enum Reference {
    static let folder = PackageRoot.url("Tests/Differential")

    /// The seed of the random values. `AIRLOCK_SEED=…` repeats a run that failed.
    static let seed =
        ProcessInfo.processInfo.environment["AIRLOCK_SEED"].flatMap { $0.isEmpty ? nil : $0 }
        ?? "\(UInt32.random(in: 0...UInt32.max))"

    /// Runs a script and returns its output.
    static func run(_ script: String, _ arguments: String...) throws -> Outcome {
        let python = try #require(BuiltTool.python)
        let path = folder.appending(path: script).path
        return try python.run(
            [path] + arguments, in: "/", environment: ["PYTHONDONTWRITEBYTECODE": "1"], seconds: 300)
    }
}

@Suite(
    "Beside other people's libraries",
    .enabled(if: BuiltTool.python != nil, "there is no Python at AIRLOCK_PYTHON or in .venv: run make test"))
struct DifferentialTests {
    /// Runs a Python script. The script makes `count` results with `airlock` and the same number with a reference
    /// library, and compares them. All must be equal. `things` is the word for the results in the script's output.
    private func compare(_ script: String, _ count: Int, _ things: String) throws {
        let outcome = try Reference.run(script, BuiltTool("airlock").path, "\(count)", Reference.seed)
        print(outcome.out, terminator: "")
        #expect(outcome.exit == 0, "\(outcome.err)")
        #expect(outcome.out.hasPrefix("differential: \(count) of \(count) \(things)"))
    }

    @Test("signed payments are the same, byte for byte: random charges by five functions")
    func payments() throws {
        try compare("payments.py", 200, "payments")
    }

    @Test("signed transfers are the same, byte for byte: random files and payment URIs, one by one and in lines")
    func transfers() throws {
        try compare("transfers.py", 500, "transfers")
    }

    @Test("signed Safe transactions are the same, byte for byte, and each is refused where it or the policy is altered")
    func safes() throws {
        try compare("safes.py", 300, "Safe transactions")
    }

    @Test("signed messages are the same, byte for byte, and each is refused where the policy lacks what it needs")
    func messages() throws {
        try compare("messages.py", 300, "messages")
    }

    @Test("signed calls are the same, byte for byte, and refused under a policy that lacks any of what they need")
    func calls() throws {
        try compare("calls.py", 300, "calls")
    }

    @Test("keystores open both ways, and mnemonics have the same accounts: random ones of every kind")
    func keyFiles() throws {
        try compare("key_files.py", 60, "key files")
    }

    @Test("RLP, the ABI, Keccak-256, checksums, transactions and typed data are the same: random values")
    func values() throws {
        let outcome = try Reference.run("values.py", "500", Reference.seed)
        #expect(outcome.exit == 0, "\(outcome.err)")
        var counts: [String: Int] = [:]
        for line in outcome.out.split(separator: "\n") {
            let root = try JSONDocument(Array(line.utf8)).root
            let kind = try #require(root["kind"]?.string)
            do {
                #expect(try Self.agrees(kind, root), "seed \(Reference.seed)\n\(line)")
            } catch { Issue.record("seed \(Reference.seed): \(error)\n\(line)") }
            counts[kind, default: 0] += 1
        }
        // The script prints a packed value only if the random types contain no structs and no arrays, because eth-abi
        // packs them in another way than Solidity. So the number of packed values is random.
        #expect(counts.removeValue(forKey: "packed").map { $0 > 50 } == true)
        #expect(
            counts == [
                "rlp": 500, "abi": 500, "keccak": 500, "address": 500, "transaction": 500, "typed-data": 500,
            ])
        print("differential: \(outcome.out.utf8.count { $0 == 10 }) values (seed \(Reference.seed))")
    }

    @Test("Merkle proofs by the executable specification prove what they should: random tries")
    func proofs() throws {
        let outcome = try Reference.run("tries.py", "400", Reference.seed)
        #expect(outcome.exit == 0, "\(outcome.err)")
        let lines = outcome.out.split(separator: "\n")
        #expect(lines.count == 400)
        for line in lines {
            let root = try JSONDocument(Array(line.utf8)).root
            func bytes(_ value: JSONValue?) throws -> [UInt8] { try Hex.decode(#require(value?.string)) }
            let value = try root["value"].flatMap { $0.isNull ? nil : try bytes($0) }
            let proved = try MerkleProof.value(
                of: bytes(root["key"]), under: Hash(hex: #require(root["root"]?.string)),
                #require(root["nodes"]?.elements).map(bytes), at: "")
            #expect(proved == value, "seed \(Reference.seed)\n\(line)")
        }
    }

    /// Whether Airlock computes the same result from a value as the script. If the result is an encoding that can be
    /// decoded, Airlock must also decode it to the same value.
    private static func agrees(_ kind: String, _ root: JSONValue) throws -> Bool {
        let value = try #require(root["value"] ?? root["values"])
        let text = try #require(root["data"]?.string)
        switch kind {
        case "rlp":
            let (data, tree) = (try Hex.decode(text), try item(value))
            return try RLP.encode(tree) == data && RLPItem(decoding: data) == tree
        case "abi":
            let parameters = try ABIParameters(try #require(root["types"]?.string))
            let (data, values) = (try Hex.decode(text), try parameters.values(from: value))
            return try parameters.encode(values) == data && parameters.decode(data) == values
        case "packed":
            let parameters = try ABIParameters(try #require(root["types"]?.string))
            return try Hex.encode(parameters.encodePacked(parameters.values(from: value))) == text
        case "transaction":
            let data = try Hex.decode(text)
            let signed = try SignedTransaction(raw: data)
            return try signed.transaction == FieldReader(json: value).transaction() && signed.content.raw == data
                && "\(signed.hash)" == root["hash"]?.string && "\(signed.sender)" == root["sender"]?.string
        case "typed-data":
            return try "\(TypedData(value).digest)" == text
        case "keccak":
            return "\(Hash.keccak(try Hex.decode(#require(value.string))))" == text
        default:
            let address = try Address(#require(value.string))
            return try "\(address)" == text && Address(text) == address
        }
    }

    private static func item(_ value: JSONValue) throws -> RLPItem {
        if let elements = value.elements { return .list(try elements.map(item)) }
        return .bytes(try Hex.decode(#require(value.string)))
    }
}
