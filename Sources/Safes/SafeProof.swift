public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockStateProofs
public import AirlockStrictJSON

/// The proved state of a Safe in one block: its version, owners, threshold, nonce, modules and guards. The proof shows
/// that this state belongs to the state root in the block's header. It does not show that the header belongs to the
/// chain, because no file can prove that.
public struct SafeProof: Sendable {
    public let chain: Chain
    public let safe: Address
    let header: BlockHeader
    public let version: SafeVersion
    /// The contract whose code the Safe runs.
    public let singleton: Address
    public let owners: [Address]
    public let threshold: UInt64
    /// The nonce of the Safe's next transaction.
    public let nonce: UInt64
    public let modules: [Address]
    /// Warnings for the user, for example about modules.
    public let warnings: [String]

    /// The value of the member `kind` in a file with a proof of a Safe's state.
    public static let kind = "safe-proof"

    // MARK: Reading

    fileprivate struct Entry {
        let slot: UInt256
        let nodes: [[UInt8]]
        let place: String
    }

    private struct File {
        let chain: Chain
        let safe: Address
        let header: [UInt8]
        let account: [[UInt8]]
        let storage: [Entry]
    }

    /// Reads a file with a proof of a Safe's state, and verifies the proof. Throws if the file is malformed or the
    /// proof is not valid.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let file = try AirlockFile.read(bytes) { reader -> File? in
            AirlockFile.readHead(&reader, kind: Self.kind)
            let chain = reader.string("chainId") { try Chain(decimal: $0) }
            let safe = reader.string("safe") { try Address($0) }
            let header = reader.string("header") { try Hex.decode($0) }
            let account = reader.strings("account") { try Hex.decode($0) }
            let place = reader.pointer(to: "storage")
            var count = 0
            let storage = reader.objects("storage") { reader -> Entry? in
                let slot = reader.string("slot") { try Hash(hex: $0) }
                let nodes = reader.strings("proof") { try Hex.decode($0) }
                reader.refuseUnknown()
                defer { count += 1 }
                guard let slot, let nodes else { return nil }
                return Entry(slot: UInt256(slot), nodes: nodes, place: "\(place)/\(count)")
            }
            guard let chain, let safe, let header, let account, let storage else { return nil }
            return File(chain: chain, safe: safe, header: header, account: account, storage: storage)
        }
        do throws(Problem) {
            header = try BlockHeader(file.header, at: "/header")
            let account = try ProvedAccount(file.safe, under: header.stateRoot, file.account, at: "/account")
            guard let account else { throw Problem(SafeProofRule.noAccount, at: "/account", saw: "\(file.safe)") }
            var words = try StorageWords(file.storage, of: account)
            let singleton = try words.address(at: Self.singletonSlot)
            guard let version = SafeDeployment.version(ofSingleton: singleton) else {
                throw Problem(
                    SafeProofRule.singleton, at: words.place(Self.singletonSlot), saw: "\(singleton)",
                    expected: "a Safe's singleton in Safe's list of deployments")
            }
            owners = try words.list(in: Self.ownersSlot, most: Self.mostOwners)
            let count = try words.number(at: Self.ownerCountSlot)
            guard count == UInt64(owners.count) else {
                throw Problem(
                    SafeProofRule.list, at: words.place(Self.ownerCountSlot), saw: "\(count)",
                    expected: "\(owners.count), as many as are in the list")
            }
            threshold = try words.number(at: Self.thresholdSlot)
            guard 1...count ~= threshold else {
                throw Problem(
                    SafeProofRule.word, at: words.place(Self.thresholdSlot), saw: "\(threshold)",
                    expected: "1 to \(count) owners")
            }
            nonce = try words.number(at: Self.nonceSlot)
            modules = try words.list(in: Self.modulesSlot, most: Self.mostOwners)
            warnings = try Self.warnings(&words, modules, account)
            try words.finish()
            (chain, safe, self.version, self.singleton) = (file.chain, file.safe, version, singleton)
        } catch { throw ProblemList(error) }
    }

    private static func warnings(
        _ words: inout StorageWords, _ modules: [Address], _ account: ProvedAccount
    ) throws(Problem) -> [String] {
        var warnings = modules.map { "the module \($0) can move everything of the Safe without its owners" }
        for (slot, name) in [(guardSlot, "guard"), (moduleGuardSlot, "guard of modules")] {
            let address = try words.address(at: slot)
            if !address.isZero { warnings.append("the \(name) \(address) can refuse what the owners signed") }
        }
        let handler = try words.address(at: fallbackSlot)
        if !handler.isZero, SafeDeployment.name(of: handler) == nil {
            warnings.append("the fallback handler \(handler) is none of Safe's own: it answers in the Safe's place")
        }
        if !proxies.contains(account.codeHash) {
            warnings.append("the account's code is no known Safe proxy's, so its storage may mean something else")
        }
        return warnings
    }

    // MARK: The layout of a Safe's storage

    private static let singletonSlot: UInt256 = 0
    private static let modulesSlot: UInt256 = 1
    private static let ownersSlot: UInt256 = 2
    private static let ownerCountSlot: UInt256 = 3
    private static let thresholdSlot: UInt256 = 4
    private static let nonceSlot: UInt256 = 5
    private static let guardSlot = UInt256(Hash.keccak(Array("guard_manager.guard.address".utf8)))
    private static let moduleGuardSlot = UInt256(Hash.keccak(Array("module_manager.module_guard.address".utf8)))
    private static let fallbackSlot = UInt256(Hash.keccak(Array("fallback_manager.handler.address".utf8)))

    /// The code hashes of Safe's proxy contracts, for the versions 1.0.0, 1.1.1, 1.3.0, 1.4.1 and 1.5.0. A Safe is a
    /// proxy: it runs the code of another contract.
    private static let proxies = Set(
        [
            "0x056c9d8c4971536770b5d591f52ec8227269ceb17dcfd9ac0cc3174b940af8d2",
            "0x46d3681ae4f67a4cee3a549d7a914afcd24b9681e013fe2e8e7a7bd4b20a9023",
            "0xb89c1b3bdf2cf8827818646bce9a8f6e372885f8c55e5c07acbd307cb133b000",
            "0xd7d408ebcd99b2b70be43e20253d6d92a8ea8fab29bd3be7f55b10032331fb4c",
            "0x4e381985ca68b3e5d27b4425fa581c19cf33146d3f887a3cfca96f55528ea46f",
        ].compactMap { try? Hash(hex: $0) })

    /// The maximum number of owners in a proof, and also the maximum number of modules. A proof with more owners or
    /// modules is refused. No real Safe has so many.
    private static let mostOwners = 256

    /// Returns the storage slot that belongs to an address in the linked list of a Safe's owners or modules. Both lists
    /// begin and end with the address 1.
    fileprivate static func slot(of entry: Address, in list: UInt256) -> UInt256 {
        var encoded = Array(repeating: 0 as UInt8, count: 12) + entry.bytes.bytes
        encoded += list.word.bytes
        return UInt256(Hash.keccak(encoded))
    }

    fileprivate static let sentinel = Address(lowBytesOf: UInt256(1).word)

    /// Returns every storage slot that a proof must contain for a Safe with these owners and modules.
    public static func slots(owners: [Address], modules: [Address]) -> [UInt256] {
        [singletonSlot, ownerCountSlot, thresholdSlot, nonceSlot, guardSlot, moduleGuardSlot, fallbackSlot]
            + ([sentinel] + owners).map { slot(of: $0, in: ownersSlot) }
            + ([sentinel] + modules).map { slot(of: $0, in: modulesSlot) }
    }

    // MARK: Writing

    /// Returns the JSON of a file with a proof of a Safe's state. This function does not verify the proof.
    public static func json(
        chain: Chain, safe: Address, header: [UInt8], account: [[UInt8]],
        storage: [(slot: UInt256, nodes: [[UInt8]])]
    ) -> JSONOutput {
        func texts(_ nodes: [[UInt8]]) -> JSONOutput { .array(nodes.map { .string(Hex.encode($0)) }) }
        return [
            "airlock": .number(AirlockFile.version), "kind": .string(kind), "chainId": .string("\(chain.id)"),
            "safe": .string("\(safe)"), "header": .string(Hex.encode(header)), "account": texts(account),
            "storage": .array(storage.map { ["slot": .string("\($0.slot.word)"), "proof": texts($0.nodes)] }),
        ]
    }

    /// The number and time of the proved block, as text.
    public var block: String { "block \(header.number) of \(header.timestamp)" }
    public var blockHash: Hash { header.hash }

    /// The proved state as a JSON object, for the output of the option `--json`.
    public var summary: JSONOutput {
        [
            "block": .string("\(header.number)"), "time": .string("\(header.timestamp)"),
            "hash": .string("\(header.hash)"), "version": .string("\(version)"),
            "singleton": .string("\(singleton)"), "owners": .array(owners.map { .string("\($0)") }),
            "threshold": .string("\(threshold)"), "nonce": .string("\(nonce)"),
            "modules": .array(modules.map { .string("\($0)") }),
        ]
    }

    // MARK: Comparing

    /// Returns a problem which says that the proof is not for this Safe on this chain.
    ///
    /// - Parameter other: the chain of the Safe; `nil` if it is not known.
    func problem(ofOther safe: Address, on other: Chain?) -> Problem {
        Problem(
            SafeProofRule.otherSafe, at: .safeProof, saw: "\(self.safe) on \(chain)",
            expected: other.map { "\(safe) on \($0)" } ?? "\(safe)")
    }

    /// Compares a transaction with the proved state of its Safe. Returns a problem for each contradiction. The proof
    /// must be for the Safe and the chain of `domain`.
    ///
    /// - Parameter rules: the policy's rules for the Safe; `nil` if the policy does not list the Safe.
    func problems(of nonce: UInt64, in domain: SafeDomain, _ rules: SafeRules.Safe?) -> [Problem] {
        var problems: [Problem] = []
        if domain.version != version {
            problems.append(
                Problem(
                    SafeProofRule.otherVersion, at: .safeProof, saw: "\(version)", expected: "\(domain.version)",
                    detail: "it runs the code of \(singleton)"))
        }
        if let rules {
            let foreign = owners.filter { rules.owners[$0] == nil }.map { "\($0) is one and not listed" }
            let absent = rules.owners.keys.filter { !owners.contains($0) }.map { "\(rules.named($0)) is none" }
            if !foreign.isEmpty || !absent.isEmpty {
                problems.append(
                    Problem(
                        SafeProofRule.otherOwners, at: .safeProof,
                        detail: (foreign + absent.sorted()).joined(separator: ", ")))
            }
            if rules.threshold != threshold {
                problems.append(
                    Problem(
                        SafeProofRule.otherThreshold, at: .safeProof, saw: "\(threshold)",
                        expected: "\(rules.threshold), as the policy says"))
            }
        }
        if nonce < self.nonce {
            problems.append(
                Problem(
                    SafeProofRule.nonceUsed, at: .safeProof, saw: "\(nonce)",
                    expected: "\(self.nonce) or more, as of block \(header.number)"))
        }
        return problems
    }
}

/// The proved words of a Safe's storage. When the caller has read all words that it needs, it calls `finish`, which
/// throws if the proof contains any other word. So a proof with unrelated storage slots is refused.
private struct StorageWords {
    private var words: [UInt256: (word: UInt256, place: String)] = [:]
    private var asked: Set<UInt256> = []

    init(_ entries: [SafeProof.Entry], of account: ProvedAccount) throws(Problem) {
        for entry in entries {
            let word = try account.word(at: entry.slot, entry.nodes, at: "\(entry.place)/proof")
            guard words.updateValue((word, entry.place), forKey: entry.slot) == nil else {
                throw Problem(SafeProofRule.repeatedSlot, at: "\(entry.place)/slot", saw: "\(entry.slot.word)")
            }
        }
    }

    func place(_ slot: UInt256) -> String { words[slot]?.place ?? "/storage" }

    private mutating func word(at slot: UInt256) throws(Problem) -> UInt256 {
        guard let found = words[slot] else {
            throw Problem(SafeProofRule.missingSlot, at: "/storage", expected: "\(slot.word)")
        }
        asked.insert(slot)
        return found.word
    }

    mutating func number(at slot: UInt256) throws(Problem) -> UInt64 {
        let word = try word(at: slot)
        guard let number = UInt64(exactly: word) else {
            throw Problem(SafeProofRule.word, at: place(slot), saw: "\(word)", expected: "less than 2^64")
        }
        return number
    }

    mutating func address(at slot: UInt256) throws(Problem) -> Address {
        let word = try word(at: slot)
        guard word.leadingZeroBitCount >= 96 else {
            throw Problem(SafeProofRule.word, at: place(slot), saw: "\(word.word)", expected: "an address")
        }
        return Address(lowBytesOf: word.word)
    }

    /// Reads a linked list of addresses from the storage. The slot of each address contains the next address. The list
    /// begins and ends with the sentinel, which is the address 1.
    mutating func list(in mapping: UInt256, most: Int) throws(Problem) -> [Address] {
        var entries: [Address] = []
        var current = SafeProof.sentinel
        while true {
            let slot = SafeProof.slot(of: current, in: mapping)
            current = try address(at: slot)
            if current == SafeProof.sentinel { return entries }
            guard !current.isZero, !entries.contains(current), entries.count < most else {
                throw Problem(
                    SafeProofRule.list, at: place(slot), saw: "\(current)", expected: "a list that ends where it began")
            }
            entries.append(current)
        }
    }

    /// Throws if the proof contains a word that was not read.
    func finish() throws(Problem) {
        guard let surplus = words.filter({ !asked.contains($0.key) }).min(by: { $0.value.place < $1.value.place })
        else { return }
        throw Problem(
            SafeProofRule.surplusSlot, at: "\(surplus.value.place)/slot", saw: "\(surplus.key.word)")
    }
}
