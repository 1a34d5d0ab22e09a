import AirlockDiagnostics
package import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockPaymentFiles
import AirlockStrictJSON

/// The files of an evidence folder, by their names in it.
package struct EvidenceFiles: Sendable {
    /// The files that were given, without those that are made from them.
    package var given: [String: [UInt8]] = [:]

    package init() {}

    package subscript(name: String) -> [UInt8]? { given[name] }

    // MARK: Names

    /// The signed file: a payment, a signature, or an answer of a batch. A folder holds one of them.
    package static let signed = ["payment.json", "signature.json", "answer.json"]
    /// The request, as JSON, as other text, or as a line of a batch. A folder holds one of them.
    package static let requests = ["request.json", "request.txt", "line.json"]
    package static let conditions = "conditions.json"
    package static let policy = "policy.json"
    package static let ledger = "ledger.jsonl"
    package static let relay = "relay.json"
    /// The files that are made from the others.
    package static let review = "review.txt"
    package static let page = "index.html"
    package static let manifest = "manifest.json"

    package static let mostApprovals = 99
    /// Enough for about ten thousand attempts: a payment that was retried for weeks.
    package static let mostRelayBytes = 4 << 20

    /// All names that a folder with these files has.
    package static func all(of files: EvidenceFiles) -> [String] {
        files.given.keys.sorted() + [review, page, manifest]
    }

    /// The approvals' names, in order; `approval-1.json` is the first.
    package static func approval(_ number: Int) -> String { "approval-\(number).json" }

    /// The approvals, each with its name, in their order.
    package var approvals: [(name: String, bytes: [UInt8])] {
        (1...Self.mostApprovals).compactMap { number in
            let name = Self.approval(number)
            return given[name].map { (name, $0) }
        }
    }

    /// The one file with any of these names; `nil` if there is none, or more than one.
    func one(of names: [String]) -> (name: String, bytes: [UInt8])? {
        let found = names.compactMap { name in given[name].map { (name, $0) } }
        return found.count == 1 ? found.first : nil
    }

    private static var known: Set<String> {
        Set(signed + requests + [conditions, policy, ledger, relay, review, page] + (1...mostApprovals).map(approval))
    }

    // MARK: Manifest

    /// SHA-256 of a file's bytes (FIPS 180-4).
    static func digest(_ bytes: [UInt8]) throws(GcryptError) -> Hash {
        try MessageDigest.hash(.sha256, bytes.span).withBytes { FixedBytes($0) } ?? .zero
    }

    /// The manifest of all the files, in the order of their names.
    ///
    /// - Parameters:
    ///   - files: all but the manifest itself.
    ///   - version: the version of Airlock that made the page.
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

    // MARK: The folder

    /// A folder as it was read: all files match the manifest, and there are no others.
    package struct Standing: Sendable {
        package let files: EvidenceFiles
        /// The version of Airlock that made it.
        package let version: String
        let review: [UInt8]
        let page: [UInt8]
        /// The digest of the manifest.
        package let digest: Hash
        /// How many files the manifest names.
        package let count: Int
    }

    /// Reads a folder. Throws if there are files that the manifest does not name, or that differ from it; all problems
    /// at once.
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
    /// Every file of the folder with its name: the given ones, those that are made from them, and the manifest.
    package func folder(version: String) throws -> [(name: String, bytes: [UInt8])] {
        var all = files.given
        all[EvidenceFiles.review] = Array(review.utf8)
        all[EvidenceFiles.page] = try EvidencePage.bytes(of: self, version: version)
        let manifest = try EvidenceFiles.manifest(of: all, version: version)
        return all.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
            + [(EvidenceFiles.manifest, manifest)]
    }

    /// Verifies a folder that was read. Page and review must be what this version of Airlock makes from the other
    /// files.
    ///
    /// - Parameters:
    ///   - standing: the folder.
    ///   - version: the version of this Airlock.
    ///   - head: the hash of a ledger entry that the user knows from elsewhere; `nil` for none.
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
        // The page cannot contain results that are known only now.
        if let head {
            guard let place = ledger.entries.firstIndex(where: { $0.hash == head }) else {
                throw Problem(EvidenceRule.headUnknown, at: EvidenceFiles.ledger, saw: "\(head)")
            }
            // The hash of an entry covers all entries before it.
            prove("ledger", "\(head), which you know, is entry \(place + 1) of those here")
        }
        prove("files", "all \(standing.count) files are those that the manifest names, and there is no other")
        prove("page", "page and review are what the other files give")
    }
}
