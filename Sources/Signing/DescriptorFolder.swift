public import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
public import AirlockPolicies
import AirlockStrictJSON

/// The descriptors (ERC-7730) in a folder, and whether each descriptor is trusted.
///
/// With a policy, a descriptor is trusted if all of its files are trusted. A file is trusted if the policy lists its
/// hash, or if one of the policy's attesters signed an attestation (ERC-8176) for it. Without a policy, a descriptor is
/// trusted unless one of its attestations is wrong.
///
/// The attestations of `a/name.json` are the files `a/sigs/name.eip155-1-0x….json`, as in the public registry of
/// descriptors. They can also be in the folder `a` itself.
public struct DescriptorFolder: Sendable {
    /// One file of a descriptor.
    public struct File: Sendable {
        public let path: String
        public let hash: Hash
        /// Whether the policy lists the hash of the file.
        public let isPinned: Bool
        /// The addresses that signed a valid attestation for the file. Attesters that the policy names are first.
        public let attesters: [Address]
        /// The policy's name for the first attester. `nil` if the policy does not name this attester.
        public let attesterName: String?
        /// The problems of the file's attestations.
        public let problems: [Problem]
        /// The reasons why the file is not trusted. Empty if it is trusted.
        public let objections: [Problem]
    }

    public struct Entry: Sendable {
        public let path: String
        /// The descriptor. `nil` if it could not be read.
        public let descriptor: Descriptor?
        /// The files of the descriptor: first its own file, and then the files that it includes.
        public let files: [File]
        /// The problems of the descriptor and of its attestations. Each problem names the file in which it was found.
        public let problems: [Problem]
        /// Whether the descriptor is trusted.
        public var counts: Bool { descriptor != nil && files.allSatisfy(\.objections.isEmpty) }
    }

    public let entries: [Entry]

    /// The trusted descriptors.
    public var counted: Descriptors { Descriptors(entries.filter(\.counts).compactMap(\.descriptor)) }

    /// Reads all descriptors in a folder. A file with the member `display` or `metadata`, but without `context`, is not
    /// a descriptor itself. Descriptors can include such a file.
    ///
    /// - Parameters:
    ///   - path: the path of the folder.
    ///   - policy: the policy that lists trusted descriptors and attesters. If `nil`, every descriptor without a wrong
    ///     attestation is trusted.
    ///   - now: the current time. Attestations that have expired at this time are wrong.
    public init(_ path: String, policy: Policy?, at now: Timestamp) throws {
        let tree = FolderTree(path)
        let names = try tree.files().filter { $0.hasSuffix(".json") }
        var known: [String: File] = [:]
        func file(_ file: Descriptor.File) -> File {
            if let file = known[file.path] { return file }
            let found = File(file, tree, names.filter { Self.isAttestation($0, of: file.path) }, policy, now)
            known[file.path] = found
            return found
        }
        var entries: [Entry] = []
        for name in names where !Self.isBesideDescriptors(name) {
            do {
                let bytes = try tree.read(name, limit: Descriptor.largestFile)
                if (try? JSONDocument(bytes))?.root.isPart == true { continue }
                let descriptor = try Descriptor(name) { try tree.read($0, limit: Descriptor.largestFile) }
                let files = descriptor.files.map(file)
                entries.append(
                    Entry(
                        path: name, descriptor: descriptor, files: files,
                        problems: (descriptor.isBound ? descriptor.problems : []).map { $0.placed(in: name) }
                            + files.flatMap(\.problems)))
            } catch let broken as any RuleBroken {
                let problems = broken.problems.map { $0.placed(in: name) }
                entries.append(Entry(path: name, descriptor: nil, files: [], problems: problems))
            }
        }
        self.entries = entries
    }

    /// Returns the files of a descriptor, with the hash and the attesters of each file.
    public func files(of files: [Descriptor.File]) -> [File] {
        entries.first { $0.descriptor?.files == files }?.files ?? []
    }

    /// Returns the descriptors that cover a call or message but are not trusted. `reason` is the first reason why the
    /// descriptor is not trusted. Descriptors that are not trusted are never applied, because this could take long.
    func passedOver(_ covers: (Descriptor) -> Bool) -> [(path: String, reason: Problem)] {
        entries.compactMap { entry in
            guard !entry.counts, let descriptor = entry.descriptor,
                let reason = entry.files.flatMap(\.objections).first, covers(descriptor)
            else { return nil }
            return (entry.path, reason)
        }
    }

    /// The number of descriptors that could not be read.
    var unreadable: Int { entries.count { $0.descriptor == nil } }

    private static func isBesideDescriptors(_ path: String) -> Bool {
        let steps = path.split(separator: "/")
        let isAttestation = steps.last.map { $0.contains(".eip155-") } ?? false
        return isAttestation || steps.dropLast().contains { ["sigs", "tests", "testsv2"].contains($0) }
    }

    private static func isAttestation(_ path: String, of descriptor: String) -> Bool {
        let folders = descriptor.split(separator: "/").dropLast().map { "\($0)/" }.joined()
        let stem = descriptor.split(separator: "/").last?.dropLast(".json".count) ?? ""
        return ["", "sigs/"].contains { path.hasPrefix("\(folders)\($0)\(stem).eip155-") }
            && path.split(separator: "/").last?.hasPrefix("\(stem).eip155-") == true
    }
}

extension DescriptorFolder.File {
    fileprivate init(
        _ file: Descriptor.File, _ tree: FolderTree, _ attestations: [String], _ policy: Policy?, _ now: Timestamp
    ) {
        path = file.path
        hash = file.hash
        isPinned = policy?.descriptors.contains(file.hash) ?? false
        var attesters: [Address] = []
        var problems: [Problem] = []
        for name in attestations {
            do {
                let attestation = try Attestation(
                    tree.read(name, limit: Descriptor.largestFile), of: file.hash, at: now)
                if !attesters.contains(attestation.attester) { attesters.append(attestation.attester) }
            } catch {
                problems += ((error as? any RuleBroken)?.problems ?? []).map { $0.placed(in: name) }
            }
        }
        let isNamed = { (address: Address) in policy?.attesters[address] != nil }
        self.attesters = attesters.filter(isNamed) + attesters.filter { !isNamed($0) }
        attesterName = self.attesters.first.flatMap { policy?.attesters[$0] }
        self.problems = problems
        if policy == nil {
            objections = problems
        } else if isPinned || attesters.contains(where: isNamed) {
            objections = []
        } else {
            objections =
                problems + attesters.map { Problem(AttestationRule.attester, at: file.path, saw: "\($0)") }
                + [Problem(DescriptorRule.untrusted, at: file.path, saw: "\(file.hash)")]
        }
    }

    /// Text for the review that states why the file is trusted. Without a policy, the file can be trusted although
    /// nobody attested it. The text then is `attested by nobody`.
    public var voucher: String {
        var words: [String] = []
        if isPinned { words.append("its hash is in the policy") }
        if let attester = attesters.first {
            words.append("attested by \(attester.labelled(attesterName.map { escaped($0, limit: 40) } ?? ""))")
        }
        return words.isEmpty ? "attested by nobody" : words.joined(separator: ", ")
    }
}

extension JSONValue {
    /// Whether this JSON is not a descriptor itself, but a file that descriptors include. Such a file names no
    /// contract.
    fileprivate var isPart: Bool { self["context"] == nil && (self["display"] != nil || self["metadata"] != nil) }
}

extension Problem {
    /// Adds the path of a file to the problem. If the problem has no location yet, the path becomes its location.
    fileprivate func placed(in path: String) -> Problem {
        guard let field, !field.isEmpty else { return at(path) }
        return inFile(path)
    }
}
