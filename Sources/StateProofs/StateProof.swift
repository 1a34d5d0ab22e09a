public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRLP

/// The header of a block. State is proved against its state root. A header cannot prove that its block belongs to the
/// chain.
public struct BlockHeader: Hashable, Sendable {
    public let hash: Hash
    public let number: UInt64
    public let timestamp: Timestamp
    public let stateRoot: Hash

    /// No real header is larger: 21 fields take some 650 bytes, and chains with few validators put signatures into
    /// `extraData`.
    public static let maximumSize = 8192

    /// Reads the header's RLP, field by field.
    ///
    /// - Parameters:
    ///   - encoded: the RLP of the header.
    ///   - place: the place of the header, for errors.
    public init(_ encoded: [UInt8], at place: String) throws(Problem) {
        guard encoded.count <= Self.maximumSize else {
            throw Problem(
                StateProofRule.tooLarge, at: place, saw: "\(encoded.count) bytes",
                expected: "at most \(Self.maximumSize)")
        }
        do throws(RLPError) {
            var reader = RLPReader(encoded)
            var fields = try reader.list()
            try reader.finish()
            // parentHash, ommersHash, beneficiary
            try Self.pass(&fields, hashes: 2)
            _ = try fields.address()
            stateRoot = try fields.fixedBytes()
            // transactionsRoot, receiptsRoot, logsBloom, difficulty
            try Self.pass(&fields, hashes: 2)
            let _: FixedBytes<256> = try fields.fixedBytes()
            _ = try fields.uint256()
            number = try fields.uint64()
            // gasLimit, gasUsed
            _ = try (fields.uint64(), fields.uint64())
            timestamp = Timestamp(seconds: try fields.uint64())
            // extraData, mixHash, nonce
            _ = try fields.bytes()
            try Self.pass(&fields, hashes: 1)
            let _: FixedBytes<8> = try fields.fixedBytes()
            // London: baseFeePerGas
            _ = try fields.uint256()
            // Shanghai: withdrawalsRoot
            if !fields.isAtEnd { try Self.pass(&fields, hashes: 1) }
            // Cancun: blobGasUsed, excessBlobGas, parentBeaconBlockRoot
            if !fields.isAtEnd {
                _ = try (fields.uint64(), fields.uint64())
                try Self.pass(&fields, hashes: 1)
            }
            // Prague: requestsHash
            if !fields.isAtEnd { try Self.pass(&fields, hashes: 1) }
            try fields.finish()
        } catch { throw Problem(StateProofRule.malformedHeader, because: error.problems[0], at: place) }
        hash = .keccak(encoded)
    }

    private static func pass(_ fields: inout RLPReader, hashes: Int) throws(RLPError) {
        for _ in 0..<hashes { let _: Hash = try fields.fixedBytes() }
    }
}

/// The state of an account in a block, proved against the state root of the block's header (EIP-1186).
public struct ProvedAccount: Hashable, Sendable {
    public let nonce: UInt64
    public let balance: UInt256
    public let storageRoot: Hash
    public let codeHash: Hash

    /// Returns `nil` if the proof shows that there is no such account.
    ///
    /// - Parameters:
    ///   - address: whose account it is.
    ///   - stateRoot: the state root of the block's header.
    ///   - nodes: the nodes from the state root to the account.
    ///   - place: where the nodes come from, for error messages.
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

    /// A word of the account's storage; zero if the proof shows that the slot is empty.
    ///
    /// - Parameters:
    ///   - slot: the word's number.
    ///   - nodes: the nodes from the storage root to the word.
    ///   - place: where the nodes come from, for error messages.
    public func word(at slot: UInt256, _ nodes: [[UInt8]], at place: String) throws(Problem) -> UInt256 {
        let key = Hash.keccak(slot.word.bytes).bytes
        guard let leaf = try MerkleProof.value(of: key, under: storageRoot, nodes, at: place) else { return .zero }
        let word: UInt256
        do throws(RLPError) {
            var reader = RLPReader(leaf)
            word = try reader.uint256()
            try reader.finish()
        } catch { throw Problem(StateProofRule.malformedWord, because: error.problems[0], at: place) }
        // A storage trie has no entry for a word that is zero.
        guard !word.isZero else { throw Problem(StateProofRule.malformedWord, at: place, saw: "0") }
        return word
    }
}
