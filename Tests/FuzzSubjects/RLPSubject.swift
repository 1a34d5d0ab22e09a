import AirlockEthereumTypes
import AirlockRLP

func feedRLP(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
    let isItem = try read(bytes) { reader throws(RLPError) in try reader.item() }
    let isValue = [
        try read(bytes) { reader throws(RLPError) in try reader.uint64() },
        try read(bytes) { reader throws(RLPError) in try reader.uint256() },
        try read(bytes) { reader throws(RLPError) in try reader.address() },
        try read(bytes) { reader throws(RLPError) -> Hash in try reader.fixedBytes() },
        try read(bytes) { reader throws(RLPError) in
            var list = try reader.list()
            var numbers: [UInt256] = []
            while !list.isAtEnd { numbers.append(try list.uint256()) }
            return numbers
        },
    ]
    try require(isItem || !isValue.contains(true), "what is read as a value is an item too")
    return isItem
}

/// Returns whether the bytes are exactly one value of this type. Such a value must encode to the same bytes.
private func read<Value: RLPEncodable>(
    _ bytes: [UInt8], _ type: (inout RLPReader) throws(RLPError) -> Value
) throws(BrokenInvariant) -> Bool {
    let result = Result { () throws(RLPError) in
        var reader = RLPReader(bytes)
        let value = try type(&reader)
        try reader.finish()
        return value
    }
    switch result {
    case .success(let value):
        try require(RLP.encode(value) == bytes, "what is decoded encodes to the same bytes")
        try require(RLP.length(of: value) == bytes.count, "the measured length is the encoding's")
        return true
    case .failure(let error):
        try require(0...bytes.count ~= error.offset, "what is refused lies inside of the input")
        return false
    }
}
