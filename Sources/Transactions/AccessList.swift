public import AirlockEthereumTypes
public import AirlockRLP

extension AccessListEntry: RLPList {
    public func encodeItems(into sink: inout some RLPOutput) {
        sink.append(bytes: address.bytes)
        sink.append(list: storageKeys)
    }

    init(from reader: inout RLPReader) throws(RLPError) {
        var entry = try reader.list()
        let address = try entry.address()
        var keys = try entry.list()
        try entry.finish()
        var storageKeys: [FixedBytes<32>] = []
        while !keys.isAtEnd { storageKeys.append(try keys.fixedBytes()) }
        self.init(address: address, storageKeys: storageKeys)
    }
}
