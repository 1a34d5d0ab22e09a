import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRLP
import AirlockSamples
import AirlockStateProofs
import AirlockStrictJSON
import Testing

/// A proof from a trie that Ethereum's executable specification built. Tests/Differential/tries.py made the proof.
struct TrieCase: Sendable, CustomStringConvertible {
    let root: Hash
    let key: [UInt8]
    let value: [UInt8]?
    let nodes: [[UInt8]]

    var description: String { "\(Hex.encode(key)) under \(root)" }

    init(_ line: String) throws {
        let json = try JSONDocument(Array(line.utf8)).root
        root = try Hash(hex: try #require(json["root"]?.string))
        key = try Hex.decode(try #require(json["key"]?.string))
        value = try json["value"]?.string.map { try Hex.decode($0) }
        nodes = try #require(json["nodes"]?.elements).map { try Hex.decode(try #require($0.string)) }
    }

    static let all: [TrieCase] = {
        let text = (try? Fixture.bytes("proofs/tries.jsonl")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").compactMap { try? TrieCase(String($0)) }
    }()
}

/// Returns the rule that a proof breaks, and the JSON pointer of the fault. Returns `nil` if the proof breaks no rule.
private func refusal<Value>(_ body: () throws(Problem) -> Value) -> (rule: StateProofRule?, place: String?)? {
    do throws(Problem) {
        _ = try body()
        return nil
    } catch { return (error.rule as? StateProofRule, error.place) }
}

private func verify(_ test: TrieCase, _ nodes: [[UInt8]]) -> (rule: StateProofRule?, place: String?)? {
    refusal { () throws(Problem) in try MerkleProof.value(of: test.key, under: test.root, nodes, at: "/nodes") }
}

@Suite("A Merkle proof")
struct MerkleProofTests {
    @Test("of the specification's tries proves a value, or that there is none", arguments: TrieCase.all)
    func proves(test: TrieCase) throws {
        #expect(try MerkleProof.value(of: test.key, under: test.root, test.nodes, at: "") == test.value)
    }

    @Test("is tried in every shape: with nodes inside of nodes, without a value, and of nothing at all")
    func shapes() {
        #expect(TrieCase.all.count == 60)
        #expect(TrieCase.all.contains { $0.nodes.isEmpty && $0.root == MerkleProof.emptyRoot })
        #expect(TrieCase.all.count { $0.value == nil } > 10)
        // Each element belongs to one proof of a value. It has the items of the proof's last node, and the value. If
        // the last node is a branch, the value is either its last item or in a node that the branch contains. Both
        // cases must occur.
        let proving = TrieCase.all.compactMap { test -> (items: [RLPItem], value: [UInt8])? in
            guard let value = test.value, case .list(let items)? = try? test.nodes.last.map(RLPItem.init(decoding:))
            else { return nil }
            return (items, value)
        }
        #expect(proving.contains { $0.items.count == 17 && $0.items[16] == .bytes($0.value) })
        #expect(proving.contains { $0.items.count == 17 && $0.items[16] != .bytes($0.value) })
    }

    @Test("of which any byte is altered is refused at the node it stands in", arguments: TrieCase.all)
    func altered(test: TrieCase) {
        for (index, node) in test.nodes.enumerated() {
            for byte in node.indices {
                var nodes = test.nodes
                nodes[index][byte] ^= 1 << UInt8(byte % 8)
                let found = verify(test, nodes)
                #expect(found?.rule == .otherNode && found?.place == "/nodes/\(index)", "byte \(byte) of \(index)")
            }
        }
    }

    @Test("that lacks a node, or has one too many, is refused", arguments: TrieCase.all.filter { !$0.nodes.isEmpty })
    func counted(test: TrieCase) throws {
        #expect(verify(test, test.nodes.dropLast())?.rule == .missingNode)
        let last = try #require(test.nodes.last)
        let found = verify(test, test.nodes + [last])
        let isFull = test.nodes.count == 2 * test.key.count + 1
        #expect(found?.rule == (isFull ? .tooLarge : .surplusNode))
        #expect(found?.place == (isFull ? "/nodes" : "/nodes/\(test.nodes.count)"))
        #expect(verify(test, Array(repeating: last, count: 2 * test.key.count + 2))?.rule == .tooLarge)
    }

    /// Nodes that a valid trie cannot contain. In the test, each node is the root of a trie of its own.
    static let malformed: [(String, RLPItem)] = [
        ("a byte string", .bytes(Array(repeating: 7, count: 40))),
        ("three items", .list([.bytes([0x20]), .bytes([1]), .bytes([1])])),
        ("no item", .list([])),
        ("a leaf without a value", .list([.bytes([0x20, 1]), .bytes([])])),
        ("a leaf whose value is a list", .list([.bytes([0x20, 1]), .list([])])),
        ("a path that is a list", .list([.list([]), .bytes([1])])),
        ("a path of no byte", .list([.bytes([]), .bytes([1])])),
        ("a path with a flag that is not known", .list([.bytes([0x40, 1]), .bytes([1])])),
        ("an even path padded by another nibble than 0", .list([.bytes([0x21, 0x11]), .bytes([1])])),
        ("an extension of no nibble", .list([.bytes([0x00]), .bytes(Array(repeating: 1, count: 32))])),
        ("an extension to nothing", .list([.bytes([0x11]), .bytes([])])),
        ("an extension to 31 bytes", .list([.bytes([0x11]), .bytes(Array(repeating: 1, count: 31))])),
        ("an extension to a leaf", .list([.bytes([0x11]), .list([.bytes([0x31]), .bytes([1])])])),
        ("an extension to a node of 32 bytes in it", .list([.bytes([0x11]), long])),
        ("a branch of one child", branch([1: .list([.bytes([0x31]), .bytes([1])])])),
        ("a branch of a value alone", branch([:], value: .bytes([1]))),
        ("a branch whose value is a list", branch([1: short, 2: short], value: .list([]))),
        ("a branch with a child of 3 bytes", branch([1: short, 2: .bytes([1, 2, 3])])),
        ("a branch with a child of 33 bytes", branch([1: short, 2: .bytes(Array(repeating: 1, count: 33))])),
    ]
    static let short = RLPItem.list([.bytes([0x31]), .bytes([1])])
    static let long = RLPItem.list([.bytes([0x31]), .bytes(Array(repeating: 1, count: 29))])

    static func branch(_ children: [Int: RLPItem], value: RLPItem = .bytes([])) -> RLPItem {
        .list((0..<16).map { children[$0] ?? .bytes([]) } + [value])
    }

    @Test("with a node that no trie has is refused", arguments: malformed.indices)
    func malformedNode(index: Int) {
        let (name, item) = Self.malformed[index]
        let node = RLP.encode(item)
        let found = refusal { () throws(Problem) in
            try MerkleProof.value(of: [0x11], under: .keccak(node), [node], at: "/nodes")
        }
        #expect(found?.rule == .malformedNode && found?.place == "/nodes/0", "\(name)")
    }

    @Test("with a short node by its hash, bytes after a node, or a node that is too large is refused")
    func encodings() {
        let inner = RLP.encode(Self.short)
        let outer = RLP.encode(Self.branch([1: .bytes(Hash.keccak(inner).bytes), 2: Self.short]))
        let long = RLP.encode(RLPItem.list([.bytes([0x20, 0x11]), .bytes(Array(repeating: 1, count: 600))]))
        let cases: [([[UInt8]], StateProofRule, String)] = [
            ([outer, inner], .malformedNode, "/nodes/1"), ([outer + [0]], .malformedNode, "/nodes/0"),
            ([[0xf8, 0x01, 0x80]], .malformedNode, "/nodes/0"), ([[]], .malformedNode, "/nodes/0"),
            ([long], .tooLarge, "/nodes/0"),
        ]
        for (nodes, rule, place) in cases {
            let found = refusal { () throws(Problem) in
                try MerkleProof.value(of: [0x11], under: .keccak(nodes[0]), nodes, at: "/nodes")
            }
            #expect(found?.rule == rule && found?.place == place)
        }
        // The trie is not empty, so a proof without nodes proves nothing about it.
        let found = refusal { () throws(Problem) in try MerkleProof.value(of: [1], under: .keccak(outer), [], at: "/n")
        }
        #expect(found?.rule == .missingNode && found?.place == "/n")
    }
}

/// The proof of a Safe on the test chain (Tests/Devnet).
struct SafeProofFile {
    let header: [UInt8]
    let account: [[UInt8]]
    let safe: Address
    let storage: [(slot: UInt256, nodes: [[UInt8]])]

    init() throws {
        let json = try JSONDocument(Fixture.bytes("../docs/example/safe-proof.json")).root
        func nodes(_ value: JSONValue?) throws -> [[UInt8]] {
            try #require(value?.elements).map { try Hex.decode(try #require($0.string)) }
        }
        header = try Hex.decode(try #require(json["header"]?.string))
        account = try nodes(json["account"])
        safe = try Address(try #require(json["safe"]?.string))
        storage = try #require(json["storage"]?.elements).map { entry in
            (UInt256(try Hash(hex: try #require(entry["slot"]?.string))), try nodes(entry["proof"]))
        }
    }

    func proved() throws -> ProvedAccount {
        let header = try BlockHeader(header, at: "/header")
        return try #require(try ProvedAccount(safe, under: header.stateRoot, account, at: "/account"))
    }
}

@Suite("An account of a block")
struct ProvedAccountTests {
    @Test("is proved, and so is its storage: a Safe of the devnet")
    func safe() throws {
        let file = try SafeProofFile()
        let header = try BlockHeader(file.header, at: "")
        #expect("\(header.hash)" == "0x17078f0b4906779c1bfd5a8211eb5a119dc5acc11dffd88ba5cad9d8584b985a")
        #expect(header.number == 7)
        let account = try file.proved()
        #expect(account.nonce == 1)
        #expect(account.balance == UInt256(10_000_000_000_000_000_000))
        #expect("\(account.codeHash)" == "0xd7d408ebcd99b2b70be43e20253d6d92a8ea8fab29bd3be7f55b10032331fb4c")
        let words = try file.storage.prefix(4).map { try account.word(at: $0.slot, $0.nodes, at: "") }
        #expect(try words[0] == UInt256(quantity: "0x29fcb43b46531bca003ddc8fcb67ffe91900c762"))
        #expect(words[1...] == [UInt256(3), UInt256(2), UInt256(0)])
    }

    @Test("that is not there is proved to be absent; another's proof proves nothing")
    func absent() throws {
        let file = try SafeProofFile()
        let root = try BlockHeader(file.header, at: "").stateRoot
        // For some addresses, the path leaves the trie at the first node, so this node alone proves that the account is
        // absent. For the other addresses, the proof needs the next node, which is missing here.
        var found: Set<StateProofRule?> = []
        var absent = 0
        for number in 0..<64 as Range<UInt64> {
            let address = Address(lowBytesOf: UInt256(number).word)
            let refused = refusal { () throws(Problem) in
                let account = try ProvedAccount(address, under: root, Array(file.account.prefix(1)), at: "/account")
                if account == nil { absent += 1 }
            }
            if let refused { found.insert(refused.rule) }
        }
        #expect(absent > 0)
        #expect(found == [.missingNode])
    }

    @Test("of which any byte of any node is altered is refused")
    func altered() throws {
        let file = try SafeProofFile()
        let root = try BlockHeader(file.header, at: "").stateRoot
        for (index, node) in file.account.enumerated() {
            for byte in node.indices {
                var nodes = file.account
                nodes[index][byte] &+= 1
                let found = refusal { () throws(Problem) in try ProvedAccount(file.safe, under: root, nodes, at: "/a") }
                #expect(found?.rule == .otherNode && found?.place == "/a/\(index)")
            }
        }
        let account = try file.proved()
        for (slot, proof) in file.storage {
            for (index, node) in proof.enumerated() {
                for byte in node.indices {
                    var nodes = proof
                    nodes[index][byte] &-= 1
                    let found = refusal { () throws(Problem) in try account.word(at: slot, nodes, at: "/w") }
                    #expect(found?.rule == .otherNode && found?.place == "/w/\(index)")
                }
            }
        }
    }

    /// Returns a trie that consists of one leaf, which is its root.
    private func only(_ value: [UInt8], at key: [UInt8]) -> [UInt8] {
        RLP.encode(RLPItem.list([.bytes([0x20] + Hash.keccak(key).bytes), .bytes(value)]))
    }

    @Test("and a word of its storage have one form each")
    func forms() throws {
        let address = Address.zero
        func item(_ parts: [UInt8]...) -> [UInt8] { RLP.encode(RLPItem.list(parts.map(RLPItem.bytes))) }
        let word = Array(repeating: 7 as UInt8, count: 32)
        let wrong: [[UInt8]] = [
            item([], [], word), item([], [], word, word, []), item([0], [], word, word), item([], [], word, [7]),
            item([], [], word, word) + [0], [0x80], item(Array(repeating: 1, count: 9), [], word, word),
        ]
        for value in wrong {
            let node = only(value, at: address.bytes.bytes)
            let found = refusal { () throws(Problem) in
                try ProvedAccount(address, under: .keccak(node), [node], at: "/account")
            }
            #expect(found?.rule == .malformedAccount && found?.place == "/account")
        }
        for value in [[0x00], [0x80], [0x82, 0, 1], [0xc0], [0x05, 0x05], [0xa1] + word + [1]] as [[UInt8]] {
            let node = only(value, at: UInt256(4).word.bytes)
            let root = Hash.keccak(node)
            let leaf = only(item([], [], root.bytes, word), at: address.bytes.bytes)
            let account = try #require(try ProvedAccount(address, under: .keccak(leaf), [leaf], at: ""))
            let found = refusal { () throws(Problem) in try account.word(at: UInt256(4), [node], at: "/word") }
            #expect(found?.rule == .malformedWord && found?.place == "/word", "\(value)")
        }
    }
}

@Suite("A block's header")
struct BlockHeaderTests {
    private func fields() throws -> [RLPItem] {
        guard case .list(let fields) = try RLPItem(decoding: try SafeProofFile().header) else { return [] }
        return fields
    }

    private func refused(_ bytes: [UInt8]) -> Bool {
        let found = refusal { () throws(Problem) in try BlockHeader(bytes, at: "/header") }
        return found?.rule == .malformedHeader && found?.place == "/header"
    }

    @Test("has the fields of a fork, each of its type")
    func typed() throws {
        let fields = try fields()
        #expect(fields.count == 21)
        for count in 0...22 {
            let bytes = RLP.encode(RLPItem.list(Array((fields + fields).prefix(count))))
            #expect(refused(bytes) == ![16, 17, 20, 21].contains(count), "\(count) fields")
        }
        for index in fields.indices where index != 12 {
            for wrong in [RLPItem.list([]), .bytes([0]), .bytes(Array(repeating: 1, count: 300))] {
                var altered = fields
                altered[index] = wrong
                #expect(refused(RLP.encode(RLPItem.list(altered))), "field \(index)")
            }
        }
        #expect(refused(RLP.encode(RLPItem.list(fields)) + [0]))
        let large = Array(repeating: 0 as UInt8, count: BlockHeader.maximumSize + 1)
        #expect(refusal { () throws(Problem) in try BlockHeader(large, at: "") }?.rule == .tooLarge)
    }

    @Test("of which any byte is altered has another hash")
    func hashed() throws {
        let bytes = try SafeProofFile().header
        let hash = try BlockHeader(bytes, at: "").hash
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 0x10
            if let other = try? BlockHeader(altered, at: "") { #expect(other.hash != hash) }
        }
    }
}
