/// One contract, and the storage keys of it, that a transaction says it will touch (EIP-2930). It changes what the
/// transaction costs in gas, and nothing else.
public struct AccessListEntry: Hashable, Sendable {
    public var address: Address
    public var storageKeys: [FixedBytes<32>]

    @inlinable
    public init(address: Address, storageKeys: [FixedBytes<32>]) {
        self.address = address
        self.storageKeys = storageKeys
    }
}
