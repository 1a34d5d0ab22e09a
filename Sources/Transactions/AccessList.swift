public import AirlockEthereumTypes
public import AirlockRLP

/// One contract, and the storage keys of it, that a transaction says it will touch (EIP-2930).
public struct AccessListEntry: Hashable, Sendable {
    public var address: Address
    public var storageKeys: [FixedBytes<32>]

    public init(address: Address, storageKeys: [FixedBytes<32>]) {
        self.address = address
        self.storageKeys = storageKeys
    }
}

extension AccessListEntry: RLPList {
    public func encodeItems(into sink: inout some RLPOutput) {
        sink.append(bytes: address.bytes)
        sink.append(list: storageKeys)
    }

    init(from reader: inout RLPReader) throws(RLPError) {
        var entry = try reader.list()
        address = try entry.address()
        var keys = try entry.list()
        try entry.finish()
        storageKeys = []
        while !keys.isAtEnd { storageKeys.append(try keys.fixedBytes()) }
    }
}
