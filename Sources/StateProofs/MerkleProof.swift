public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRLP

/// Proofs for a Merkle Patricia trie (yellow paper, appendix D). A proof shows which value the trie has for a key, or
/// that the trie has no value for the key.
///
/// A proof lists the nodes from the root to the end of the key's path. Nodes that are embedded in their parents are not
/// listed. The path must use every listed node.
public enum MerkleProof {
    /// The root hash of an empty trie.
    public static let emptyRoot = Hash.keccak([0x80])
    /// The maximum size of a node in bytes. The largest node of a state or storage trie is a branch with 16 hashes,
    /// which takes 532 bytes.
    public static let maximumNodeSize = 600

    /// Verifies a proof. Returns the value for the key. Returns `nil` if the proof shows that the trie has no value for
    /// the key.
    ///
    /// - Parameters:
    ///   - key: the key in the trie. For accounts and storage this is the Keccak-256 hash of the address or slot.
    ///   - root: the hash of the root node.
    ///   - nodes: the nodes of the proof, beginning with the root.
    ///   - place: the location of the nodes, for error messages.
    public static func value(
        of key: [UInt8], under root: Hash, _ nodes: [[UInt8]], at place: String
    ) throws(Problem) -> [UInt8]? {
        guard nodes.count <= 2 * key.count + 1 else {
            throw Problem(
                StateProofRule.tooLarge, at: place, saw: "\(nodes.count) nodes",
                expected: "at most \(2 * key.count + 1)")
        }
        guard !nodes.isEmpty else {
            guard root == emptyRoot else { throw Problem(StateProofRule.missingNode, at: place, saw: "no node") }
            return nil
        }
        var walk = Walk(nodes, root, path: nibbles(of: key), at: place)
        let value = try walk.value()
        guard walk.used == nodes.count else {
            throw Problem(StateProofRule.surplusNode, at: "\(place)/\(walk.used)")
        }
        return value
    }

    static func nibbles(of bytes: [UInt8]) -> [UInt8] { bytes.flatMap { [$0 >> 4, $0 & 15] } }
}

/// Follows the path of a key through the nodes of a proof, from the root.
private struct Walk {
    private let nodes: [[UInt8]]
    private let place: String
    /// The number of nodes that were already read from the list of the proof.
    var used = 0
    private var path: ArraySlice<UInt8>
    /// A reference to the next node. If it is a byte string, it is the hash of the node. If it is a list, it is the
    /// node itself, because the node is embedded in its parent.
    private var next: RLPItem

    init(_ nodes: [[UInt8]], _ root: Hash, path: [UInt8], at place: String) {
        self.nodes = nodes
        self.place = place
        self.path = path[...]
        next = .bytes(root.bytes)
    }

    mutating func value() throws(Problem) -> [UInt8]? {
        var mustBranch = false
        while true {
            let node = try node()
            if mustBranch, !node.isBranch { throw malformed("an extension that no branch follows") }
            switch node {
            case .leaf(let rest, let value): return rest[...] == path ? value : nil
            case .extension(let segment, let child):
                guard path.starts(with: segment) else { return nil }
                path = path.dropFirst(segment.count)
                next = child
                mustBranch = true
            case .branch(let children, let value):
                guard let nibble = path.popFirst() else { return value.isEmpty ? nil : value }
                next = children[Int(nibble)]
                if next == .bytes([]) { return nil }
                mustBranch = false
            }
        }
    }

    /// Returns the next node on the path. Either the node is embedded in its parent, or the proof lists it.
    private mutating func node() throws(Problem) -> Node {
        guard case .bytes(let hash) = next else { return try node(next) }
        guard used < nodes.count else {
            throw Problem(StateProofRule.missingNode, at: "\(place)/\(used)", expected: "the node \(Hex.encode(hash))")
        }
        let encoded = nodes[used]
        used += 1
        guard encoded.count <= MerkleProof.maximumNodeSize else {
            throw Problem(
                StateProofRule.tooLarge, at: position, saw: "\(encoded.count) bytes",
                expected: "at most \(MerkleProof.maximumNodeSize)")
        }
        let found = Hash.keccak(encoded)
        guard found.bytes == hash else {
            throw Problem(StateProofRule.otherNode, at: position, saw: "\(found)", expected: Hex.encode(hash))
        }
        // A node shorter than 32 bytes must be embedded in its parent, so the proof must not list it. The root has no
        // parent, so the proof lists the root even if it is shorter.
        guard used == 1 || encoded.count >= 32 else { throw malformed("a node of \(encoded.count) bytes by its hash") }
        let item: RLPItem
        do throws(RLPError) { item = try RLPItem(decoding: encoded) } catch {
            throw malformed(error.problems[0].message)
        }
        return try node(item)
    }

    private func node(_ item: RLPItem) throws(Problem) -> Node {
        guard let node = Node(item) else { throw malformed("neither a branch, an extension nor a leaf") }
        return node
    }

    private var position: String { "\(place)/\(used - 1)" }

    private func malformed(_ detail: String) -> Problem {
        Problem(StateProofRule.malformedNode, at: position, detail: detail)
    }
}

private enum Node {
    case branch([RLPItem], value: [UInt8])
    case `extension`(segment: [UInt8], child: RLPItem)
    case leaf(rest: [UInt8], value: [UInt8])

    var isBranch: Bool { if case .branch = self { true } else { false } }

    /// Decodes a node. Returns `nil` if the item is not a valid node of a trie.
    init?(_ item: RLPItem) {
        guard case .list(let items) = item else { return nil }
        switch items.count {
        case 17:
            guard case .bytes(let value) = items[16] else { return nil }
            let children = Array(items.dropLast())
            let references = children.filter { $0 != .bytes([]) }
            // A branch with fewer than two entries is not valid, because a trie has a shorter form for this case: a
            // leaf or an extension.
            guard references.count + (value.isEmpty ? 0 : 1) >= 2, references.allSatisfy(Self.isReference) else {
                return nil
            }
            self = .branch(children, value: value)
        case 2:
            guard case .bytes(let compact) = items[0], let (path, isLeaf) = Self.path(compact) else { return nil }
            if isLeaf {
                guard case .bytes(let value) = items[1], !value.isEmpty else { return nil }
                self = .leaf(rest: path, value: value)
            } else {
                guard !path.isEmpty, Self.isReference(items[1]) else { return nil }
                self = .extension(segment: path, child: items[1])
            }
        default: return nil
        }
    }

    /// Whether an item is a reference to a node. A reference is either the hash of the node, or the embedded node
    /// itself if it is shorter than 32 bytes.
    private static func isReference(_ item: RLPItem) -> Bool {
        switch item {
        case .bytes(let hash): hash.count == 32
        case .list: RLP.length(of: item) < 32
        }
    }

    /// Decodes the hex-prefix encoding of a path. The first nibble has two flags: the bit 2 means a leaf, and the bit 1
    /// means an odd length. If the length is even, a zero nibble follows.
    private static func path(_ compact: [UInt8]) -> (path: [UInt8], isLeaf: Bool)? {
        let nibbles = MerkleProof.nibbles(of: compact)
        guard let flags = nibbles.first, flags < 4 else { return nil }
        let isOdd = flags & 1 == 1
        guard isOdd || nibbles[1] == 0 else { return nil }
        return (Array(nibbles.dropFirst(isOdd ? 1 : 2)), flags & 2 == 2)
    }
}

/// The error codes for state proofs.
public enum StateProofRule: String, Rule {
    case tooLarge = "state-proof.too-large"
    case malformedHeader = "state-proof.malformed-header"
    case malformedNode = "state-proof.malformed-node"
    case malformedAccount = "state-proof.malformed-account"
    case malformedWord = "state-proof.malformed-word"
    case otherNode = "state-proof.other-node"
    case missingNode = "state-proof.missing-node"
    case surplusNode = "state-proof.surplus-node"

    public var meaning: String {
        switch self {
        case .tooLarge: "the proof is larger than any proof of this kind"
        case .malformedHeader: "the header is not a block's: RLP of 16, 17, 20 or 21 fields"
        case .malformedNode: "a node of the proof is not one of a Merkle Patricia trie"
        case .malformedAccount: "what is proved is not an account"
        case .malformedWord: "what is proved is not a word of storage"
        case .otherNode: "a node of the proof does not have the hash that the node above it names"
        case .missingNode: "the proof ends before its path does"
        case .surplusNode: "the proof has a node that its path does not need"
        }
    }
}
