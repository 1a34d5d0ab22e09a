public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRLP

/// The header of a block. An account's state is proved against the state root in the header. The header alone cannot
/// prove that its block belongs to the chain.
public struct BlockHeader: Hashable, Sendable {
    public let hash: Hash
    public let number: UInt64
    public let timestamp: Timestamp
    public let stateRoot: Hash

    /// The maximum size of a header in bytes. A header with 21 fields takes about 650 bytes. It can be larger on chains
    /// with few validators, because such chains store the validators' signatures in `extraData`.
    public static let maximumSize = 8192

    /// Decodes a header from RLP, field by field.
    ///
    /// - Parameters:
    ///   - encoded: the RLP encoding of the header.
    ///   - place: the location of the header, for error messages.
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
            // Skips the fields parentHash, ommersHash and beneficiary.
            try Self.pass(&fields, hashes: 2)
            _ = try fields.address()
            stateRoot = try fields.fixedBytes()
            // Skips the fields transactionsRoot, receiptsRoot, logsBloom and difficulty.
            try Self.pass(&fields, hashes: 2)
            let _: FixedBytes<256> = try fields.fixedBytes()
            _ = try fields.uint256()
            number = try fields.uint64()
            // Skips the fields gasLimit and gasUsed.
            _ = try (fields.uint64(), fields.uint64())
            timestamp = Timestamp(seconds: try fields.uint64())
            // Skips the fields extraData, mixHash and nonce.
            _ = try fields.bytes()
            try Self.pass(&fields, hashes: 1)
            let _: FixedBytes<8> = try fields.fixedBytes()
            // Skips the field baseFeePerGas, which the London upgrade added.
            _ = try fields.uint256()
            // Skips the field withdrawalsRoot, which the Shanghai upgrade added.
            if !fields.isAtEnd { try Self.pass(&fields, hashes: 1) }
            // Skips the fields blobGasUsed, excessBlobGas and parentBeaconBlockRoot, which the Cancun upgrade added.
            if !fields.isAtEnd {
                _ = try (fields.uint64(), fields.uint64())
                try Self.pass(&fields, hashes: 1)
            }
            // Skips the field requestsHash, which the Prague upgrade added.
            if !fields.isAtEnd { try Self.pass(&fields, hashes: 1) }
            try fields.finish()
        } catch { throw Problem(StateProofRule.malformedHeader, because: error.problems[0], at: place) }
        hash = .keccak(encoded)
    }

    private static func pass(_ fields: inout RLPReader, hashes: Int) throws(RLPError) {
        for _ in 0..<hashes { let _: Hash = try fields.fixedBytes() }
    }
}

/// The state of an account at a block. It is proved against the state root in the block's header (EIP-1186).
public struct ProvedAccount: Hashable, Sendable {
    public let nonce: UInt64
    public let balance: UInt256
    public let storageRoot: Hash
    public let codeHash: Hash

    /// Verifies the proof of an account. Returns `nil` if the proof shows that the account does not exist.
    ///
    /// - Parameters:
    ///   - address: the address of the account.
    ///   - stateRoot: the state root in the block's header.
    ///   - nodes: the nodes of the proof, from the state root to the account.
    ///   - place: the location of the nodes, for error messages.
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

    /// Verifies the proof of one word in the account's storage. Returns zero if the proof shows that the slot is empty.
    ///
    /// - Parameters:
    ///   - slot: the number of the storage slot.
    ///   - nodes: the nodes of the proof, from the storage root to the word.
    ///   - place: the location of the nodes, for error messages.
    public func word(at slot: UInt256, _ nodes: [[UInt8]], at place: String) throws(Problem) -> UInt256 {
        let key = Hash.keccak(slot.word.bytes).bytes
        guard let leaf = try MerkleProof.value(of: key, under: storageRoot, nodes, at: place) else { return .zero }
        let word: UInt256
        do throws(RLPError) {
            var reader = RLPReader(leaf)
            word = try reader.uint256()
            try reader.finish()
        } catch { throw Problem(StateProofRule.malformedWord, because: error.problems[0], at: place) }
        // A storage trie never contains a slot whose value is zero. So a proof of the value zero is refused.
        guard !word.isZero else { throw Problem(StateProofRule.malformedWord, at: place, saw: "0") }
        return word
    }
}
