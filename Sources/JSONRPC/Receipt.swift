public import AirlockEthereumTypes
internal import AirlockDiagnostics
internal import AirlockStrictJSON

/// What became of a mined transaction.
public struct Receipt: Hashable, Sendable {
    /// One event that a contract wrote.
    public struct Log: Hashable, Sendable {
        public let address: Address
        public let topics: [Hash]
        public let data: [UInt8]

        /// A log names its transaction and block again, and says whether they were taken back: all of it must be the
        /// receipt's own.
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
    /// Whether it did what it was to do; otherwise it was reverted, and only its gas is gone.
    public let succeeded: Bool
    public let gasUsed: UInt64
    public let effectiveGasPrice: UInt256
    /// What an OP-stack chain takes besides the gas.
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

    /// EIP-658: one or zero, and nothing else.
    private static func status(_ text: String) throws(ValueError) -> Bool {
        switch text {
        case "0x1": true
        case "0x0": false
        default: throw ValueError(.notHexQuantity, saw: text, expected: "0x1 or 0x0")
        }
    }
}
