import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRLP
import AirlockSafes
import AirlockSamples
import AirlockStateProofs
import AirlockStrictJSON
import Testing

/// A Merkle-Patricia trie that creates proofs. A test can thus prove any state.
struct Trie {
    private let entries: [(path: [UInt8], value: [UInt8])]

    init(_ values: [(key: [UInt8], value: [UInt8])]) {
        entries = values.map { (Self.nibbles(Hash.keccak($0.key).bytes), $0.value) }
    }

    var root: Hash { entries.isEmpty ? MerkleProof.emptyRoot : .keccak(RLP.encode(Self.build(entries, 0, []).item)) }

    func proof(_ key: [UInt8]) -> [[UInt8]] {
        entries.isEmpty ? [] : Self.build(entries, 0, Self.nibbles(Hash.keccak(key).bytes)).nodes
    }

    private static func nibbles(_ bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [$0 >> 4, $0 & 15] } }

    /// Returns the trie node that contains these entries. Also returns the encoded nodes on `path`, from this node
    /// downwards.
    private static func build(
        _ entries: [(path: [UInt8], value: [UInt8])], _ level: Int, _ path: [UInt8]
    ) -> (item: RLPItem, nodes: [[UInt8]]) {
        let first = entries[0].path
        guard entries.count > 1 else {
            let leaf = RLPItem.list([.bytes(compact(Array(first[level...]), 2)), .bytes(entries[0].value)])
            return (leaf, [RLP.encode(leaf)])
        }
        var end = level
        while entries.allSatisfy({ $0.path[end] == first[end] }) { end += 1 }
        if end > level {
            let below = build(entries, end, path)
            let item = RLPItem.list([.bytes(compact(Array(first[level..<end]), 0)), reference(below.item)])
            let goesOn = path.count > end && path[level..<end] == first[level..<end]
            return (item, [RLP.encode(item)] + (goesOn ? below.nodes : []))
        }
        var below: [[UInt8]] = []
        let children = (0..<16 as Range<UInt8>).map { nibble -> RLPItem in
            let part = entries.filter { $0.path[level] == nibble }
            guard !part.isEmpty else { return .bytes([]) }
            let built = build(part, level + 1, path)
            if path.count > level, path[level] == nibble { below = built.nodes }
            return reference(built.item)
        }
        let item = RLPItem.list(children + [.bytes([])])
        return (item, [RLP.encode(item)] + below)
    }

    private static func reference(_ item: RLPItem) -> RLPItem { .bytes(Hash.keccak(RLP.encode(item)).bytes) }

    private static func compact(_ path: [UInt8], _ flags: UInt8) -> [UInt8] {
        let nibbles = path.count % 2 == 0 ? [flags, 0] + path : [flags + 1] + path
        return stride(from: 0, to: nibbles.count, by: 2).map { nibbles[$0] << 4 | nibbles[$0 + 1] }
    }
}

/// A Safe's storage, and the file with its proof. A test can change each value.
struct ProvedSafe {
    static let owners = [
        Address(known: "0xAe72A48c1a36bd18Af168541c53037965d26e4A8"),
        Address(known: "0x62f94E9AC9349BCCC61Bfe66ddAdE6292702EcB6"),
        Address(known: "0x0D8e461687b7D06f86EC348E0c270b0F279855F0"),
    ]
    static let sentinel = Address(lowBytesOf: UInt256(1).word)
    static let proxy = "0xd7d408ebcd99b2b70be43e20253d6d92a8ea8fab29bd3be7f55b10032331fb4c"
    static let guardSlot = Hash.keccak(Array("guard_manager.guard.address".utf8))
    static let handlerSlot = Hash.keccak(Array("fallback_manager.handler.address".utf8))
    static let moduleGuardSlot = Hash.keccak(Array("module_manager.module_guard.address".utf8))

    var safe = Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725")
    var chain = "1"
    var words: [UInt256: UInt256] = [:]
    var owners = Self.owners
    var modules: [Address] = []
    var code = Self.proxy
    var exists = true
    /// The storage slots that the file contains. If `nil`, the file contains the slots that a Safe with these owners
    /// and modules needs.
    var slots: [UInt256]?

    init(singleton: String = "0x41675C099F32341bf84BFc5382aF534df5C7461a", nonce: UInt64 = 63) throws {
        set(0, Self.word(try Address(singleton)))
        set(3, 3)
        set(4, 2)
        set(5, UInt256(nonce))
        set(UInt256(Self.handlerSlot), Self.word(try Address("0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99")))
        link(owners, in: 2)
        link([], in: 1)
    }

    static func word(_ address: Address) -> UInt256 {
        UInt256(FixedBytes<32> { $0 < 12 ? 0 : address.bytes[$0 - 12] })
    }

    static func slot(_ entry: Address, in list: UInt256) -> UInt256 {
        UInt256(Hash.keccak(word(entry).word.bytes + list.word.bytes))
    }

    mutating func set(_ slot: UInt256, _ word: UInt256) { words[slot] = word }

    /// Writes a linked list of addresses into the storage. Each entry contains the next address, and the last entry
    /// contains the sentinel.
    mutating func link(_ entries: [Address], in list: UInt256) {
        for (entry, next) in zip([Self.sentinel] + entries, entries + [Self.sentinel]) {
            set(Self.slot(entry, in: list), Self.word(next))
        }
    }

    func with(_ change: (inout ProvedSafe) -> Void) -> ProvedSafe {
        var other = self
        change(&other)
        return other
    }

    /// The JSON text of the proof file. It contains the proof of the account, and the proof of each storage slot.
    var json: String {
        get throws {
            func integer(_ word: UInt256) -> [UInt8] { Array(word.word.bytes.drop { $0 == 0 }) }
            let storage = Trie(
                words.filter { !$0.value.isZero }.sorted { $0.key < $1.key }.map {
                    ($0.key.word.bytes, RLP.encode($0.value))
                })
            let account = RLP.encode(
                RLPItem.list([
                    .bytes([1]), .bytes([]), .bytes(storage.root.bytes), .bytes(try Hash(hex: code).bytes),
                ]))
            let others = (1...20 as ClosedRange<UInt8>).map { ([$0], account) }
            let state = Trie(others + (exists ? [(safe.bytes.bytes, account)] : []))
            let recorded = try JSONDocument(Fixture.bytes("../docs/example/safe-proof.json")).root["header"]?.string
            guard case .list(var fields) = try RLPItem(decoding: Hex.decode(try #require(recorded))) else { return "" }
            fields[3] = .bytes(state.root.bytes)
            let asked = slots ?? SafeProof.slots(owners: owners, modules: modules)
            return SafeProof.json(
                chain: try Chain(decimal: chain), safe: safe, header: RLP.encode(RLPItem.list(fields)),
                account: state.proof(safe.bytes.bytes),
                storage: asked.map { ($0, storage.proof($0.word.bytes)) }
            ).text
        }
    }

    func read() throws -> SafeProof { try SafeProof(Array(try json.utf8)) }

    /// Returns the rules that the proof file breaks, each with the JSON pointer of the fault.
    func refusals() throws -> [String] {
        do {
            _ = try read()
            return []
        } catch let error as ProblemList { return error.problems.map { "\($0.code) \($0.place ?? "")" } }
    }
}

@Suite("What is proved of a Safe")
struct ProvedSafeTests {
    @Test("is its version, owners, threshold and nonce: of the devnet's Safe 1.4.1")
    func devnet() throws {
        let state = try SafeProof(Fixture.bytes("../docs/example/safe-proof.json"))
        #expect(state.chain.id == 31337)
        #expect("\(state.safe)" == "0x4feE1335A2ecd2f3141a7284f91E798865f5Ad8F")
        #expect("\(state.version)" == "1.4.1")
        #expect(state.owners == ProvedSafe.owners)
        #expect((state.threshold, state.nonce) == (2, 0))
        #expect(state.modules.isEmpty && state.warnings.isEmpty)
    }

    @Test("is what the storage says, with the modules and guards that a person should know of")
    func storage() throws {
        let module = Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
        let plain = try ProvedSafe()
        let state = try plain.read()
        #expect(state.owners == ProvedSafe.owners && state.threshold == 2 && state.nonce == 63)
        #expect(state.warnings.isEmpty)
        let warned = plain.with {
            $0.modules = [module, $0.owners[0]]
            $0.link($0.modules, in: 1)
            $0.set(UInt256(ProvedSafe.guardSlot), ProvedSafe.word(module))
            $0.set(UInt256(ProvedSafe.moduleGuardSlot), ProvedSafe.word($0.owners[1]))
            $0.set(UInt256(ProvedSafe.handlerSlot), ProvedSafe.word($0.owners[2]))
            $0.code = "0x" + String(repeating: "7", count: 64)
        }
        let found = try warned.read()
        #expect(found.modules == [module, ProvedSafe.owners[0]])
        let sentences = [
            "the module \(module) can move", "the module \(ProvedSafe.owners[0]) can move", "the guard \(module) can",
            "the guard of modules \(ProvedSafe.owners[1])", "the fallback handler \(ProvedSafe.owners[2]) is none",
            "the account's code is no known",
        ]
        #expect(found.warnings.count == sentences.count)
        for (warning, sentence) in zip(found.warnings, sentences) { #expect(warning.hasPrefix(sentence)) }
        // If the Safe has no fallback handler, there is no warning about the handler.
        #expect(try plain.with { $0.set(UInt256(ProvedSafe.handlerSlot), 0) }.read().warnings.isEmpty)
    }

    @Test(
        "is of the version whose code it runs",
        arguments: [
            ("1.0.0", "0xb6029EA3B2c51D09a50B53CA8012FeEB05bDa35A"),
            ("1.1.1", "0x34CfAC646f301356fAa8B21e94227e3583Fe3F5F"),
            ("1.2.0", "0x6851D6fDFAfD08c0295C392436245E5bc78B0185"),
            ("1.3.0", "0xd9Db270c1B5E3Bd161E8c8503c55cEABeE709552"),
            ("1.3.0", "0x3E5c63644E683549055b9Be8653de26E0B4CD36E"),
            ("1.3.0", "0x69f4D1788e39c87893C980c06EdF4b7f686e2938"),
            ("1.3.0", "0xfb1bffC9d739B8D520DaF37dF666da4C687191EA"),
            ("1.4.1", "0x41675C099F32341bf84BFc5382aF534df5C7461a"),
            ("1.4.1", "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762"),
            ("1.5.0", "0xFf51A5898e281Db6DfC7855790607438dF2ca44b"),
            ("1.5.0", "0xEdd160fEBBD92E350D4D398fb636302fccd67C7e"),
        ])
    func versions(version: String, singleton: String) throws {
        #expect(try ProvedSafe(singleton: singleton).read().version.description == version)
    }

    @Test("is refused where the storage is none of a Safe")
    func refused() throws {
        let plain = try ProvedSafe()
        let owners = ProvedSafe.owners
        let sentinel = ProvedSafe.sentinel
        func entry(_ owner: Address) -> UInt256 { ProvedSafe.slot(owner, in: 2) }
        let loop = ProvedSafe.word(owners[0])
        let table: [(String, ProvedSafe)] = [
            ("safe-proof.no-account /account", plain.with { $0.exists = false }),
            ("safe-proof.unknown-singleton /storage/0", plain.with { $0.set(0, ProvedSafe.word($0.safe)) }),
            ("safe-proof.unknown-singleton /storage/0", plain.with { $0.set(0, 0) }),
            ("safe-proof.malformed-word /storage/0", plain.with { $0.set(0, .max) }),
            ("safe-proof.broken-list /storage/1", plain.with { $0.set(3, 2) }),
            ("safe-proof.malformed-word /storage/1", plain.with { $0.set(3, .max) }),
            ("safe-proof.malformed-word /storage/2", plain.with { $0.set(4, 0) }),
            ("safe-proof.malformed-word /storage/2", plain.with { $0.set(4, 4) }),
            ("safe-proof.malformed-word /storage/3", plain.with { $0.set(5, .max) }),
            ("safe-proof.malformed-word /storage/4", plain.with { $0.set(UInt256(ProvedSafe.guardSlot), .max) }),
            // Broken lists of owners, one in each row. First, the entry of the first owner is zero. Second, the last
            // owner points back to the first. Third, the second owner points back to the first. Fourth, an entry is
            // larger than an address.
            ("safe-proof.broken-list /storage/8", plain.with { $0.set(entry(owners[0]), 0) }),
            ("safe-proof.broken-list /storage/10", plain.with { $0.set(entry(owners[2]), loop) }),
            ("safe-proof.broken-list /storage/9", plain.with { $0.set(entry(owners[1]), loop) }),
            ("safe-proof.malformed-word /storage/9", plain.with { $0.set(entry(owners[1]), .max) }),
            // The list of owners ends after the second owner. If the stored number of owners is still 3, the list
            // contradicts this number. If the number is 2, the slot of the third owner is surplus.
            (
                "safe-proof.broken-list /storage/1",
                plain.with { $0.set(entry(owners[1]), ProvedSafe.word(sentinel)) }
            ),
            (
                "safe-proof.surplus-slot /storage/10/slot",
                plain.with {
                    $0.set(entry(owners[1]), ProvedSafe.word(sentinel))
                    $0.set(3, 2)
                }
            ),
            ("safe-proof.broken-list /storage/11", plain.with { $0.set(ProvedSafe.slot(sentinel, in: 1), 0) }),
            ("safe-proof.missing-slot /storage", plain.with { $0.owners.removeLast() }),
            ("safe-proof.surplus-slot /storage/11/slot", plain.with { $0.owners.append($0.safe) }),
            ("safe-proof.surplus-slot /storage/12/slot", plain.with { $0.modules.append($0.safe) }),
            (
                "safe-proof.repeated-slot /storage/12/slot",
                plain.with { $0.slots = SafeProof.slots(owners: owners, modules: []) + [5] }
            ),
            ("safe-proof.missing-slot /storage", plain.with { $0.slots = [0] }),
        ]
        for (expected, safe) in table { #expect(try safe.refusals() == [expected]) }
        let slots = SafeProof.slots(owners: owners, modules: [])
        for slot in slots {
            let lacking = plain.with { $0.slots = slots.filter { $0 != slot } }
            #expect(try lacking.refusals() == ["safe-proof.missing-slot /storage"])
        }
    }

    @Test("is refused where the file has another form, and all of that at once")
    func form() throws {
        let text = try ProvedSafe().json
        func refusals(_ text: String) -> [String] {
            do throws(ProblemList) {
                _ = try SafeProof(Array(text.utf8))
                return []
            } catch { return error.problems.map { "\($0.code) \($0.place ?? "")" } }
        }
        #expect(refusals(text).isEmpty)
        let altered = text.replacing("\"chainId\":\"1\"", with: "\"chainId\":1,\"more\":1")
            .replacing("\"kind\":\"safe-proof\"", with: "\"kind\":\"safe\"")
            .replacing("\"account\":[\"0x", with: "\"account\":[\"x")
        #expect(refusals(altered).count == 4)
        // Looks at every 17th character of the proofs in the text of the file. If the character is a digit from 0 to 8,
        // changes it to the next digit in a copy of the file. Every changed copy must be refused.
        var count = 0
        let bytes = Array(text.utf8)
        let start = try #require(text.utf8.firstRange(of: "\"account\"".utf8)?.lowerBound)
        let from = text.utf8.distance(from: text.utf8.startIndex, to: start)
        for index in stride(from: from, to: bytes.count, by: 17) where bytes[index] >= 0x30 && bytes[index] < 0x39 {
            var other = bytes
            other[index] += 1
            if (try? SafeProof(other)) != nil { count += 1 }
        }
        #expect(count == 0)
    }

    // MARK: Beside a transaction

    private func proposal(
        _ state: ProvedSafe, _ listed: SafeRules?, version: String? = nil, chain: Chain? = nil
    ) throws -> SafeProposal {
        var given = SafeProposal.Given()
        given.proof = try state.read()
        given.version = try version.map { try SafeVersion($0) }
        given.chain = chain
        return try SafeProposal(Served().unsigned.read(), given, listed: listed.map { [.ethereum: $0] } ?? [:])
    }

    @Test("is compared with the policy, and every difference refused at once")
    func compared() throws {
        let owners = ProvedSafe.owners.map(\.description)
        let rules = try Served.rules(owners: owners)
        let agreed = try proposal(ProvedSafe(), rules)
        #expect(agreed.problems.isEmpty)
        #expect(agreed.findings.contains("version, owners, threshold and nonce are proved"))
        #expect(agreed.warnings.contains { $0.hasPrefix("the header of the proof is believed") })

        let other = try ProvedSafe(singleton: "0xd9Db270c1B5E3Bd161E8c8503c55cEABeE709552", nonce: 64).with {
            $0.owners[2] = $0.safe
            $0.link($0.owners, in: 2)
            $0.set(4, 3)
        }
        let refused = try proposal(other, rules)
        #expect(
            refused.problems.map(\.code) == [
                "safe-proof.other-version", "safe-proof.other-owners", "safe-proof.other-threshold",
                "safe-proof.nonce-used",
            ])
        #expect(refused.problems.allSatisfy { $0.place == "safeProof:" })
        #expect(
            refused.problems[1].message.hasSuffix(
                ": \(other.safe) is one and not listed, owner (\(ProvedSafe.owners[2])) is none"))
        #expect(!refused.findings.contains("version, owners, threshold and nonce are proved"))
    }

    @Test("is of this Safe on this chain, or refused")
    func other() throws {
        let rules = try Served.rules(owners: ProvedSafe.owners.map(\.description))
        for other in [
            try ProvedSafe().with { $0.chain = "8453" },
            try ProvedSafe().with { $0.safe = Address(known: "0x4feE1335A2ecd2f3141a7284f91E798865f5Ad8F") },
        ] {
            #expect(try proposal(other, rules).problems.map(\.code) == ["safe-proof.other-safe"])
            // Without a policy, no part of the other Safe's state is used as the state of this Safe.
            let unlisted = try proposal(other, nil, version: "1.4.1", chain: .ethereum)
            #expect(unlisted.problems.map(\.code) == ["policy.safe-not-listed", "safe-proof.other-safe"])
            #expect(unlisted.proof == nil && unlisted.owners == nil)
            #expect(!unlisted.warnings.contains { $0.contains("proof") })
            let error = #expect(throws: ProblemList.self) { _ = try proposal(other, nil, chain: .ethereum) }
            #expect(
                error?.problems.map(\.code) == [
                    "policy.safe-not-listed", "safe.version-not-known", "safe-proof.other-safe",
                ])
        }
    }

    @Test("stands in for a policy: chain and version are the proof's, and a version that was typed must be the same")
    func instead() throws {
        let proposal = try proposal(ProvedSafe(), nil)
        #expect("\(proposal.hash)" == Served.hash)
        #expect(proposal.problems.map(\.code) == ["policy.safe-not-listed"])
        let typed = try self.proposal(ProvedSafe(), nil, version: "1.3.0")
        #expect(typed.problems.map(\.code).contains("safe-proof.other-version"))
    }

    @Test("says whose confirmations count where no policy does")
    func confirmed() throws {
        var given = SafeProposal.Given()
        given.proof = try ProvedSafe().read()
        let proposal = try SafeProposal(Served().read(), given, listed: [:])
        #expect(proposal.problems.filter { $0.code == "safe.confirmation-not-of-an-owner" }.count == 2)
    }
}
