public import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
public import AirlockPolicies
import AirlockStrictJSON

/// The descriptors (ERC-7730) in a folder, and whether each of them is trusted.
///
/// Under a policy, a descriptor is trusted if each of its files is trusted: the policy lists the file's hash, or an
/// attestation (ERC-8176) beside the file recovers to one of the policy's attesters. Without a policy, a descriptor is
/// trusted unless an attestation beside it is wrong.
///
/// Attestations of `a/name.json` are `a/sigs/name.eip155-1-0x….json`, as in the public registry of descriptors, or have
/// the same file name in the folder `a` itself.
public struct DescriptorFolder: Sendable {
    /// A file of a descriptor.
    public struct File: Sendable {
        public let path: String
        public let hash: Hash
        /// Whether the policy lists its hash.
        public let isPinned: Bool
        /// The addresses that attested the file. Attesters that the policy names come first.
        public let attesters: [Address]
        /// The policy's name for the first attester; `nil` if the policy does not name it.
        public let attesterName: String?
        /// Problems of the attestations beside the file.
        public let problems: [Problem]
        /// Reasons why the file is not trusted; empty if it is.
        public let objections: [Problem]
    }

    public struct Entry: Sendable {
        public let path: String
        /// `nil` if it cannot be read.
        public let descriptor: Descriptor?
        /// Its own file, followed by those that it includes.
        public let files: [File]
        /// Problems of the descriptor and of its attestations, each with its place.
        public let problems: [Problem]
        /// Whether it is trusted.
        public var counts: Bool { descriptor != nil && files.allSatisfy(\.objections.isEmpty) }
    }

    public let entries: [Entry]

    /// The trusted descriptors.
    public var counted: Descriptors { Descriptors(entries.filter(\.counts).compactMap(\.descriptor)) }

    /// Reads all descriptors of a folder. Files without a context are parts that other files include.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - policy: which descriptors and attesters are trusted; `nil` trusts every descriptor without a wrong
    ///     attestation.
    ///   - now: the time to check the expiry of attestations against.
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

    /// The files of a descriptor, with their trust.
    public func files(of files: [Descriptor.File]) -> [File] {
        entries.first { $0.descriptor?.files == files }?.files ?? []
    }

    /// Descriptors that match a call or message but are not trusted, each with the first reason.
    func passedOver(_ applies: (Descriptor) throws -> Void) -> [(path: String, reason: Problem)] {
        entries.compactMap { entry in
            guard !entry.counts, let descriptor = entry.descriptor,
                let reason = entry.files.flatMap(\.objections).first
            else { return nil }
            do { try applies(descriptor) } catch {
                let rule = (error as? DescriptorError)?.problems[0].rule as? DescriptorRule
                let others: [DescriptorRule] = [
                    .unbound, .otherContract, .otherDomain, .unknownFunction, .unknownMessage,
                ]
                if rule.map(others.contains) ?? true { return nil }
            }
            return (entry.path, reason)
        }
    }

    /// How many files could not be read.
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

    /// The reason why the file is trusted, as text.
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
    /// Whether it is a part that other descriptors include. A part names no contract.
    fileprivate var isPart: Bool { self["context"] == nil && (self["display"] != nil || self["metadata"] != nil) }
}

extension Problem {
    /// The problem with the path of its file: as the place, or as the file if the problem already has a place.
    fileprivate func placed(in path: String) -> Problem {
        guard let field, !field.isEmpty else { return at(path) }
        return inFile(path)
    }
}
