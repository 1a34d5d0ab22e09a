public import AirlockClearSigning
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
public import AirlockPolicies
import AirlockStrictJSON

/// The descriptors (ERC-7730) in a folder, and for each of them whether its words count.
///
/// A descriptor counts under a policy if every file that it is made of does: the policy has the file's hash, or an
/// attestation (ERC-8176) beside the file recovers to one of the policy's attesters. Without a policy a descriptor counts
/// unless an attestation beside it is wrong.
///
/// Attestations of `a/name.json` are `a/sigs/name.eip155-1-0x….json`, as in the registry of descriptors, or the same name in
/// the folder `a` itself.
public struct DescriptorFolder: Sendable {
    /// A file that words come from.
    public struct File: Sendable {
        public let path: String
        public let hash: Hash
        /// Is its hash in the policy?
        public let isPinned: Bool
        /// Who attested it; under a policy those whom it names come first.
        public let attesters: [Address]
        /// What the policy calls the first of them; `nil` where it does not name that one.
        public let attesterName: String?
        /// What is wrong with the attestations beside it.
        public let problems: [Problem]
        /// Why it does not count; empty where it does.
        public let objections: [Problem]
    }

    public struct Entry: Sendable {
        public let path: String
        /// `nil` where it cannot be read.
        public let descriptor: Descriptor?
        /// Its own file, and then those that it includes.
        public let files: [File]
        /// What is wrong with it or with its attestations, each at its place.
        public let problems: [Problem]
        /// Does it count?
        public var counts: Bool { descriptor != nil && files.allSatisfy(\.objections.isEmpty) }
    }

    public let entries: [Entry]

    /// Those that count.
    public var counted: Descriptors { Descriptors(entries.filter(\.counts).compactMap(\.descriptor)) }

    /// Reads all descriptors of a folder. Files without a context are parts, which only others include.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - policy: which descriptors and attesters are trusted; `nil` trusts every descriptor with right attestations.
    ///   - now: the time that the expiry of attestations is checked against.
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

    /// The files of a descriptor, with what is known of them.
    public func files(of files: [Descriptor.File]) -> [File] {
        entries.first { $0.descriptor?.files == files }?.files ?? []
    }

    /// Descriptors that are for a call or message and do not count, each with the first reason.
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

    /// Who stands for it, in words.
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
    /// Is it a file that other descriptors include? It says of no contract that it is for it.
    fileprivate var isPart: Bool { self["context"] == nil && (self["display"] != nil || self["metadata"] != nil) }
}

extension Problem {
    /// The problem with its file's path, before the place in the file where it has one.
    fileprivate func placed(in path: String) -> Problem {
        guard let field, !field.isEmpty else { return at(path) }
        return inFile(path)
    }
}
