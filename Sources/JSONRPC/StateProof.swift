public import AirlockEthereumTypes
internal import AirlockDiagnostics
internal import AirlockRLP
internal import AirlockStrictJSON

/// The header of a block in RLP, encoded from the members of a node's answer. The hash of the encoded header must equal
/// the block hash in the answer.
public struct EncodedHeader: Hashable, Sendable {
    public let number: UInt64
    public let bytes: [UInt8]

    init?(_ reader: inout ObjectReader) {
        let hash = reader.hash("hash")
        let number = reader.count("number")
        var fields: [RLPItem?] = [
            Self.data("parentHash", &reader), Self.data("sha3Uncles", &reader), Self.data("miner", &reader),
            Self.data("stateRoot", &reader), Self.data("transactionsRoot", &reader),
            Self.data("receiptsRoot", &reader), Self.data("logsBloom", &reader), Self.quantity("difficulty", &reader),
            Self.quantity("number", &reader), Self.quantity("gasLimit", &reader), Self.quantity("gasUsed", &reader),
            Self.quantity("timestamp", &reader), Self.data("extraData", &reader), Self.data("mixHash", &reader),
            Self.data("nonce", &reader),
        ]
        // The fields below are in the order in which forks added them. If the block is from before a fork, the fields
        // of this fork are missing.
        let later: [(name: String, read: (String, inout ObjectReader) -> RLPItem?)] = [
            ("baseFeePerGas", Self.quantity), ("withdrawalsRoot", Self.data), ("blobGasUsed", Self.quantity),
            ("excessBlobGas", Self.quantity), ("parentBeaconBlockRoot", Self.data), ("requestsHash", Self.data),
        ]
        for (name, read) in later where reader.optionalValue(name) != nil { fields.append(read(name, &reader)) }
        let known = fields.compactMap(\.self)
        guard let hash, let number, known.count == fields.count else { return nil }
        bytes = RLP.encode(RLPItem.list(known))
        self.number = number
        let found = Hash.keccak(bytes)
        if found != hash {
            reader.record([
                Problem(
                    RPCRule.otherHeader, at: reader.pointer(to: "hash"), saw: "\(hash)",
                    expected: "\(found), the hash of the members")
            ])
            return nil
        }
    }

    private static func data(_ name: String, _ reader: inout ObjectReader) -> RLPItem? {
        reader.data(name).map { .bytes($0) }
    }

    private static func quantity(_ name: String, _ reader: inout ObjectReader) -> RLPItem? {
        reader.quantity(name).map { .bytes(Array($0.word.bytes.drop { $0 == 0 })) }
    }
}

/// The trie nodes that lead to an account and to some storage slots of this account (EIP-1186). This type does not
/// verify the trie nodes.
public struct StateProof: Hashable, Sendable {
    public let account: [[UInt8]]
    /// The trie nodes for each storage slot, in the order of the requested slots.
    public let storage: [[[UInt8]]]
}

extension NodeQuestion<EncodedHeader> {
    /// `eth_getBlockByNumber`: the encoded header of a block. The answer null is refused, because it means that the
    /// node does not have the block.
    public static func header(of block: BlockTag) -> Self {
        Self("eth_getBlockByNumber", [block.json, false]) { $0.object("result") { EncodedHeader(&$0) } }
    }
}

extension NodeQuestion<StateProof> {
    /// `eth_getProof`: the proof of an account and of its storage slots. Many nodes do not support this method, or
    /// support it only for recent blocks.
    public static func proof(of account: Address, _ slots: [UInt256], at block: BlockTag) -> Self {
        let asked = slots.map { JSONOutput.string("\($0.word)") }
        return Self("eth_getProof", [.string(account.description), .array(asked), block.json]) { reader in
            reader.object("result") { reader in
                let account = reader.strings("accountProof") { try Hex.decode($0) }
                let storage = reader.objects("storageProof") { $0.strings("proof") { try Hex.decode($0) } }
                guard let account, let storage else { return nil }
                guard storage.count == slots.count else {
                    reader.record([
                        Problem(
                            RPCRule.badAnswer, at: reader.pointer(to: "storageProof"), saw: "\(storage.count) proofs",
                            expected: "\(slots.count)")
                    ])
                    return nil
                }
                return StateProof(account: account, storage: storage)
            }
        }
    }
}
