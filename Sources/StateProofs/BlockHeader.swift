public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockRLP

/// The header of a block. Its hash is what everything else is proved by; that the block is one of the chain, no header
/// can prove.
public struct BlockHeader: Hashable, Sendable {
    public let hash: Hash
    public let number: UInt64
    public let timestamp: Timestamp
    public let stateRoot: Hash

    /// No header is larger: 21 fields take some 650 bytes, and chains of few validators put signatures into one.
    public static let maximumSize = 8192

    /// Reads the header's RLP, field by field.
    ///
    /// - Parameters:
    ///   - encoded: the header as the block has it.
    ///   - place: where it stands, for the problem that is thrown.
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
