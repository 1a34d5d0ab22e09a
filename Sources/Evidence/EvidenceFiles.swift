import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockPaymentFiles
import AirlockStrictJSON

/// The files of an evidence folder. Each key is the name of a file in the folder, and the value is the file's content.
package struct EvidenceFiles: Sendable {
    /// The files that the user provided. Files that are generated from them are not included.
    package var given: [String: [UInt8]] = [:]

    package init() {}

    package subscript(name: String) -> [UInt8]? { given[name] }

    // MARK: Names

    /// The possible names of the signed file, which is a payment file, a signature file, or a batch answer. A folder
    /// contains exactly one of these files.
    package static let signed = ["payment.json", "signature.json", "answer.json"]
    /// The possible names of the request file, which contains JSON, other text, or a line of a batch. A folder contains
    /// exactly one of these files.
    package static let requests = ["request.json", "request.txt", "line.json"]
    package static let conditions = "conditions.json"
    package static let policy = "policy.json"
    package static let ledger = "ledger.jsonl"
    package static let relay = "relay.json"
    /// The names of the files that are generated from the files that the user provided.
    package static let review = "review.txt"
    package static let page = "index.html"
    package static let manifest = "manifest.json"

    package static let mostApprovals = 99
    /// The maximum size of the relay's evidence, in bytes. This is enough for about ten thousand attempts to send a
    /// transaction. A payment that is retried for weeks can have that many attempts.
    package static let mostRelayBytes = 4 << 20

    /// Returns the names of all files in the folder, including the generated files.
    package static func all(of files: EvidenceFiles) -> [String] {
        files.given.keys.sorted() + [review, page, manifest]
    }

    /// Returns the name of the approval file with the given number, such as `approval-1.json`. Numbers begin at 1.
    package static func approval(_ number: Int) -> String { "approval-\(number).json" }

    /// The approval files, each with its name, ordered by the number in the name.
    package var approvals: [(name: String, bytes: [UInt8])] {
        (1...Self.mostApprovals).compactMap { number in
            let name = Self.approval(number)
            return given[name].map { (name, $0) }
        }
    }

    /// Returns the only file that has one of the given names. Returns `nil` if there is no such file, or more than one.
    func one(of names: [String]) -> (name: String, bytes: [UInt8])? {
        let found = names.compactMap { name in given[name].map { (name, $0) } }
        return found.count == 1 ? found.first : nil
    }

    private static var known: Set<String> {
        Set(signed + requests + [conditions, policy, ledger, relay, review, page] + (1...mostApprovals).map(approval))
    }

    // MARK: Manifest

    /// Computes the SHA-256 hash of a file's content (FIPS 180-4).
    static func digest(_ bytes: [UInt8]) throws(GcryptError) -> Hash {
        try MessageDigest.hash(.sha256, bytes.span).withBytes { FixedBytes($0) } ?? .zero
    }

    /// Makes the manifest. It lists all files, sorted by name.
    ///
    /// - Parameters:
    ///   - files: all files except the manifest.
    ///   - version: the version of Airlock that generated the folder's HTML page.
    static func manifest(of files: [String: [UInt8]], version: String) throws(GcryptError) -> [UInt8] {
        var listed: [JSONOutput] = []
        for (name, bytes) in files.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            listed.append([
                "name": .string(name), "size": .string("\(bytes.count)"), "sha256": .string("\(try digest(bytes))"),
            ])
        }
        let document: JSONOutput = [
            "airlock": .number(AirlockFile.version), "kind": .string(kind), "version": .string(version),
            "files": .array(listed),
        ]
        return Array((document.indented + "\n").utf8)
    }

    package static let kind = "evidence"

    private struct Listed {
        let name: String
        let size: UInt64
        let digest: Hash
    }

    private static func read(manifest bytes: [UInt8]) throws(ProblemList) -> (version: String, files: [Listed]) {
        try AirlockFile.read(bytes) { reader in
            AirlockFile.readHead(&reader, kind: kind)
            let version = reader.string("version")
            let files = reader.objects("files") { reader -> Listed? in
                let name = reader.string("name") { name throws(Problem) in
                    guard known.contains(name) else {
                        throw Problem(EvidenceRule.unknownFile, saw: name, expected: "a file of evidence")
                    }
                    return name
                }
                let size = reader.string("size", Quantity.uint64)
                let digest = reader.string("sha256") { try Hash(hex: $0) }
                reader.refuseUnknown()
                guard let name, let size, let digest else { return nil }
                return Listed(name: name, size: size, digest: digest)
            }
            if let files {
                for (index, file) in files.enumerated() where files[..<index].contains(where: { $0.name == file.name })
                {
                    reader.record([Problem(EvidenceRule.alteredFile, at: "/files/\(index)/name", saw: file.name)])
                }
            }
            guard let version, let files else { return nil }
            return (version, files)
        }
    }

    // MARK: Reading and verifying an evidence folder

    /// The content of an evidence folder, after it was read. All files match the manifest, and there are no other
    /// files.
    package struct Standing: Sendable {
        package let files: EvidenceFiles
        /// The version of Airlock that made the folder.
        package let version: String
        let review: [UInt8]
        let page: [UInt8]
        /// The SHA-256 hash of the manifest.
        package let digest: Hash
        /// The number of files that the manifest lists.
        package let count: Int
    }

    /// Reads an evidence folder. Throws if a file is missing, if a file differs from the manifest, or if the manifest
    /// does not list a file. All problems are thrown together.
    package static func read(_ path: String) throws -> Standing {
        let names = try Folder.names(in: path)
        guard names.contains(manifest) else {
            throw Problem(EvidenceRule.notManifest, at: "\(path)/\(manifest)")
        }
        let tree = FolderTree(path)
        let written = try tree.read(manifest)
        let (version, listed): (String, [Listed])
        do throws(ProblemList) { (version, listed) = try read(manifest: written) } catch {
            throw ProblemList(error.problems.map { $0.inFile("\(path)/\(manifest)") }) ?? error
        }
        var problems = names.filter { name in name != manifest && !listed.contains { $0.name == name } }.map {
            Problem(EvidenceRule.unknownFile, at: "\(path)/\($0)")
        }
        var read: [String: [UInt8]] = [:]
        for file in listed {
            let place = "\(path)/\(file.name)"
            guard names.contains(file.name) else {
                problems.append(Problem(EvidenceRule.missingFile, at: place))
                continue
            }
            let bytes: [UInt8]
            do throws(FileError) {
                bytes = try tree.read(file.name, limit: LedgerExcerpt.mostBytes + InputFile.usualLimit)
            } catch {
                problems += error.problems
                continue
            }
            let digest = try digest(bytes)
            guard digest == file.digest, UInt64(bytes.count) == file.size else {
                problems.append(
                    Problem(
                        EvidenceRule.alteredFile, at: place, saw: "\(digest), \(bytes.count) bytes",
                        expected: "\(file.digest), \(file.size) bytes"))
                continue
            }
            read[file.name] = bytes
        }
        if let all = ProblemList(problems) { throw all }
        var files = EvidenceFiles()
        files.given = read
        let (review, page) = (read[Self.review] ?? [], read[Self.page] ?? [])
        for name in [Self.review, Self.page] { files.given[name] = nil }
        return Standing(
            files: files, version: version, review: review, page: page, digest: try digest(written),
            count: listed.count)
    }
}

extension Evidence {
    /// Returns all files that are written to the folder: the provided files, the generated files, and the manifest.
    package func folder(version: String) throws -> [(name: String, bytes: [UInt8])] {
        var all = files.given
        all[EvidenceFiles.review] = Array(review.utf8)
        all[EvidenceFiles.page] = try EvidencePage.bytes(of: self, version: version)
        let manifest = try EvidenceFiles.manifest(of: all, version: version)
        return all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
            + [(EvidenceFiles.manifest, manifest)]
    }

    /// Verifies an evidence folder. This version of Airlock generates the page and the review again, and both must be
    /// equal to the files in the folder.
    ///
    /// - Parameters:
    ///   - standing: the folder's content, as it was read.
    ///   - version: the version of the running Airlock.
    ///   - head: the hash of a ledger entry that the user knows from another source; `nil` if there is none.
    package init(verifying standing: EvidenceFiles.Standing, version: String, knowing head: Hash? = nil) throws {
        try self.init(standing.files)
        let made: [(name: String, saw: [UInt8], expected: [UInt8])] = [
            (EvidenceFiles.review, standing.review, Array(review.utf8)),
            (EvidenceFiles.page, standing.page, try EvidencePage.bytes(of: self, version: version)),
        ]
        let other = standing.version == version ? nil : "the folder is Airlock \(standing.version)'s"
        var problems: [Problem] = []
        for file in made where file.saw != file.expected {
            problems.append(
                Problem(
                    EvidenceRule.otherPage, at: file.name, saw: "\(try EvidenceFiles.digest(file.saw))",
                    expected: "\(try EvidenceFiles.digest(file.expected))", detail: other.map { escaped($0) }))
        }
        if let all = ProblemList(problems) { throw all }
        // The statements below are results of this verification. The folder's page does not contain them, because the
        // page was generated earlier.
        if let head {
            guard let place = ledger.entries.firstIndex(where: { $0.hash == head }) else {
                throw Problem(EvidenceRule.headUnknown, at: EvidenceFiles.ledger, saw: "\(head)")
            }
            // Each ledger entry contains the hash of the previous entry. Therefore a hash that the user knows confirms
            // the entry with this hash and all earlier entries.
            prove("ledger", "\(head), which you know, is entry \(place + 1) of those here")
        }
        prove("files", "all \(standing.count) files are those that the manifest names, and there is no other")
        prove("page", "page and review are what the other files give")
    }
}
