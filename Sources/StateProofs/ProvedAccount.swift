public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRLP

/// An account as a block's state has it, proved against the state root of its header (EIP-1186).
public struct ProvedAccount: Hashable, Sendable {
    public let nonce: UInt64
    public let balance: UInt256
    public let storageRoot: Hash
    public let codeHash: Hash

    /// `nil` where it is proved that there is no such account.
    ///
    /// - Parameters:
    ///   - address: whose account it is.
    ///   - stateRoot: of the block's header.
    ///   - nodes: the nodes from the state root to the account.
    ///   - place: where they stand, for the problem that is thrown.
    public init?(
        _ address: Address, under stateRoot: Hash, _ nodes: [[UInt8]], at place: String
    ) throws(Problem) {
        let key = Hash.keccak(address.bytes.bytes).bytes
        guard let leaf = try MerkleProof.value(of: key, under: stateRoot, nodes, at: place) else { return nil }
        do throws(RLPError) {
            var reader = RLPReader(leaf)
            var fields = try reader.list()
            try reader.finish()
            nonce = try fields.uint64()
            balance = try fields.uint256()
            storageRoot = try fields.fixedBytes()
            codeHash = try fields.fixedBytes()
            try fields.finish()
        } catch { throw Problem(StateProofRule.malformedAccount, because: error.problems[0], at: place) }
    }

    /// A word of its storage; zero where it is proved that there is none.
    ///
    /// - Parameters:
    ///   - slot: the word's number.
    ///   - nodes: the nodes from the storage root to the word.
    ///   - place: where they stand, for the problem that is thrown.
    public func word(at slot: UInt256, _ nodes: [[UInt8]], at place: String) throws(Problem) -> UInt256 {
        let key = Hash.keccak(slot.word.bytes).bytes
        guard let leaf = try MerkleProof.value(of: key, under: storageRoot, nodes, at: place) else { return .zero }
        let word: UInt256
        do throws(RLPError) {
            var reader = RLPReader(leaf)
            word = try reader.uint256()
            try reader.finish()
        } catch { throw Problem(StateProofRule.malformedWord, because: error.problems[0], at: place) }
        // A word that is zero is no entry of a trie.
        guard !word.isZero else { throw Problem(StateProofRule.malformedWord, at: place, saw: "0") }
        return word
    }
}
