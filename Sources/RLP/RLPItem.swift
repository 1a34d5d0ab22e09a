/// Any RLP as a tree, for showing it and for making it from text. Known structures are read with `RLPReader` instead.
public indirect enum RLPItem: Hashable, Sendable {
    case bytes([UInt8])
    case list([RLPItem])

    /// How many lists may lie within each other; no structure of Ethereum comes near it.
    public static let maximumDepth = 128

    /// Reads one item that is the whole input.
    public init(decoding input: [UInt8]) throws(RLPError) {
        var reader = RLPReader(input)
        self = try reader.item()
        try reader.finish()
    }
}

extension RLPReader {
    /// The next item, whatever it is.
    public mutating func item() throws(RLPError) -> RLPItem { try item(depth: 0) }

    private mutating func item(depth: Int) throws(RLPError) -> RLPItem {
        guard isAtList else { return .bytes(Array(try bytes())) }
        guard depth < RLPItem.maximumDepth else { throw RLPError(.tooDeep, at: position) }
        var list = try list()
        var items: [RLPItem] = []
        while !list.isAtEnd { items.append(try list.item(depth: depth + 1)) }
        return .list(items)
    }
}

extension RLPItem: RLPEncodable {
    public func encodeRLP(into sink: inout some RLPOutput) {
        switch self {
        case .bytes(let bytes): sink.append(bytes: bytes)
        case .list(let items): sink.append(list: items)
        }
    }
}
