public import AirlockEthereumTypes
internal import AirlockStrictJSON

/// A block's header, as far as it is of use here.
public struct Block: Hashable, Sendable {
    public let number: UInt64
    public let hash: Hash
    public let parentHash: Hash
    public let timestamp: UInt64
    /// `nil` before the London fork.
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

/// A transaction that a node has, mined or waiting. What it says of its contents is not trusted: our own bytes say it.
public struct KnownTransaction: Hashable, Sendable {
    public let hash: Hash
    public let from: Address
    public let nonce: UInt64
    /// `nil` while it waits.
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
