internal import AirlockDiagnostics
public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// The members of a block's header that Airlock uses.
public struct Block: Hashable, Sendable {
    public let number: UInt64
    public let hash: Hash
    public let parentHash: Hash
    public let timestamp: UInt64
    /// The base fee of the block; `nil` if the block is from before the London fork.
    public let baseFeePerGas: UInt256?
    public let gasLimit: UInt64

    init?(_ reader: inout ObjectReader) {
        let (number, hash, parent) = (reader.count("number"), reader.hash("hash"), reader.hash("parentHash"))
        let (timestamp, gasLimit) = (reader.count("timestamp"), reader.count("gasLimit"))
        self.baseFeePerGas = reader.optionalQuantity("baseFeePerGas")
        guard let number, let hash, let parent, let timestamp, let gasLimit else { return nil }
        self.number = number
        self.hash = hash
        self.parentHash = parent
        self.timestamp = timestamp
        self.gasLimit = gasLimit
    }
}

/// A mined or pending transaction, as a node describes it. Airlock trusts only the signed bytes of a transaction, and
/// not this description.
public struct KnownTransaction: Hashable, Sendable {
    public let hash: Hash
    public let from: Address
    public let nonce: UInt64
    /// The number of the block that contains the transaction; `nil` while the transaction is pending.
    public let blockNumber: UInt64?

    init?(_ reader: inout ObjectReader) {
        let (hash, from, nonce) = (reader.hash("hash"), reader.address("from"), reader.count("nonce"))
        self.blockNumber = reader.optionalCount("blockNumber")
        guard let hash, let from, let nonce else { return nil }
        self.hash = hash
        self.from = from
        self.nonce = nonce
    }
}

/// The receipt of a mined transaction.
public struct Receipt: Hashable, Sendable {
    /// One event that a contract logged.
    public struct Log: Hashable, Sendable {
        public let address: Address
        public let topics: [Hash]
        public let data: [UInt8]

        /// Reads one log of a receipt. The log's transaction hash and block hash must not differ from those of the
        /// receipt. A log that was removed by a reorganisation is refused.
        init?(_ reader: inout ObjectReader, of transaction: Hash?, in block: Hash?) {
            reader.require("transactionHash", transaction)
            reader.require("blockHash", block)
            if reader.optionalBoolean("removed") == true {
                reader.record([
                    Problem(RPCRule.otherReceipt, at: reader.pointer(to: "removed"), saw: "true", expected: "false")
                ])
            }
            let address = reader.address("address")
            let topics = reader.strings("topics") { try Hash(hex: $0) }
            let data = reader.data("data")
            guard let address, let topics, let data else { return nil }
            self.address = address
            self.topics = topics
            self.data = data
        }
    }

    public let transactionHash: Hash
    public let blockHash: Hash
    public let blockNumber: UInt64
    public let from: Address
    /// Whether the transaction succeeded. A transaction that reverted uses its nonce and costs gas, but has no other
    /// effect.
    public let succeeded: Bool
    public let gasUsed: UInt64
    public let effectiveGasPrice: UInt256
    /// The L1 data fee, which a sender on an OP-stack chain pays in addition to the gas fee. `nil` if the node does not
    /// report it.
    public let l1Fee: UInt256?
    public let logs: [Log]

    init?(_ reader: inout ObjectReader) {
        let (hash, blockHash) = (reader.hash("transactionHash"), reader.hash("blockHash"))
        let (number, from) = (reader.count("blockNumber"), reader.address("from"))
        let (status, gasUsed) = (reader.string("status", Self.status), reader.count("gasUsed"))
        let (price, logs) = (
            reader.quantity("effectiveGasPrice"), reader.objects("logs") { Log(&$0, of: hash, in: blockHash) }
        )
        self.l1Fee = reader.optionalQuantity("l1Fee")
        guard let hash, let blockHash, let number, let from, let status, let gasUsed, let price, let logs else {
            return nil
        }
        self.transactionHash = hash
        self.blockHash = blockHash
        self.blockNumber = number
        self.from = from
        self.succeeded = status
        self.gasUsed = gasUsed
        self.effectiveGasPrice = price
        self.logs = logs
    }

    /// Reads the status of a receipt: 0x1 for success, 0x0 for failure (EIP-658).
    private static func status(_ text: String) throws(ValueError) -> Bool {
        switch text {
        case "0x1": true
        case "0x0": false
        default: throw ValueError(.notHexQuantity, saw: text, expected: "0x1 or 0x0")
        }
    }
}

/// The fees that were paid in recent blocks.
public struct FeeHistory: Hashable, Sendable {
    public let oldestBlock: UInt64
    /// The base fees of the requested blocks, and of the block after them.
    public let baseFeePerGas: [UInt256]
    /// For each block, a list with one priority fee for each requested percentile. Empty if the node omits the fees.
    public let reward: [[UInt256]]

    /// For each block, whether it is empty. A block is empty if its transactions used no gas. If the node does not
    /// report how full the blocks are, no block counts as empty.
    public let isEmpty: [Bool]

    /// The base fee of the next block.
    public let nextBaseFee: UInt256

    init?(_ reader: inout ObjectReader) {
        let oldest = reader.count("oldestBlock")
        let fees = reader.quantities("baseFeePerGas")
        let rows = reader.optionalArray("reward")?.map { row in row.children.compactMap { reader.quantity(of: $0) } }
        let ratios = reader.optionalArray("gasUsedRatio")?.map { ratio in
            // `gasUsedRatio` is the share of the gas limit that the block used. The block is not empty if the ratio is
            // greater than zero. The ratio is read as text: it is greater than zero if the text has a digit other than
            // 0 before the exponent.
            ratio.number?.utf8.prefix { $0 | 0x20 != UInt8(ascii: "e") }
                .contains { UInt8(ascii: "1")...UInt8(ascii: "9") ~= $0 } ?? true
        }
        guard let oldest, let fees, let next = fees.last else { return nil }
        self.oldestBlock = oldest
        self.baseFeePerGas = fees
        self.nextBaseFee = next
        self.reward = rows ?? []
        self.isEmpty = ratios.map { $0.map { !$0 } } ?? Array(repeating: false, count: rows?.count ?? 0)
    }
}
