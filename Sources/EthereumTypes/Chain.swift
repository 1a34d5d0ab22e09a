/// A chain, identified by its chain id (EIP-155). Airlock knows the names and native currencies of some chains.
public struct Chain: Hashable, Sendable {
    public let id: UInt64

    public init(id: UInt64) { self.id = id }

    public static let ethereum = Chain(id: 1)
    public static let polygon = Chain(id: 137)
    public static let base = Chain(id: 8453)
    public static let sepolia = Chain(id: 11_155_111)
    public static let baseSepolia = Chain(id: 84_532)

    /// The chains that have a name. Users can write the name instead of the chain id.
    public static let named: [(name: String, chain: Chain)] = [
        ("ethereum", .ethereum), ("polygon", .polygon), ("base", .base), ("sepolia", .sepolia),
        ("base-sepolia", .baseSepolia),
    ]

    /// Reads a chain id in decimal digits: from 1 to 2^64 - 1. No chain has the id 0 (EIP-155).
    public init(decimal text: some StringProtocol) throws(ValueError) {
        let number = try UInt256(decimal: text)
        guard let id = UInt64(exactly: number), id > 0 else {
            throw ValueError(.notChain, saw: text, expected: "a chain id")
        }
        self.init(id: id)
    }

    /// Reads the name of a chain, or a chain id in decimal digits.
    public init(_ text: some StringProtocol) throws(ValueError) {
        if let known = Self.named.first(where: { $0.name.utf8.elementsEqual(text.utf8) }) {
            self = known.chain
        } else if let chain = try? Chain(decimal: text) {
            self = chain
        } else {
            let names = Self.named.map(\.name).joined(separator: ", ")
            throw ValueError(.notChain, saw: text, expected: "\(names) or a chain id")
        }
    }

    public var name: String? { Self.named.first { $0.chain == self }?.name }

    public var nativeSymbol: String { self == .polygon ? "POL" : "ETH" }
}

extension Chain: CustomStringConvertible {
    /// The chain as text, such as `base (8453)`, or `chain 31337` if the chain has no name.
    public var description: String { name.map { "\($0) (\(id))" } ?? "chain \(id)" }
}
