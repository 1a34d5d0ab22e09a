import ABI
import EthereumTypes
import RLP
import TransferProtocol

/// A thousand transactions of 702 bytes in one list, field by field, and the call data taken apart.
enum ListBenchmarks {
    /// The fields of an EIP-1559 transaction, read and written as values.
    struct Fields: RLPList, Equatable {
        let chainID, nonce, gas, parity: UInt64
        let priorityFee, maxFee, value, r, s: UInt256
        let to: Address
        let data: [UInt8]

        func encodeItems(into sink: inout some RLPOutput) {
            sink.append(integer: chainID)
            sink.append(integer: nonce)
            sink.append(integer: priorityFee)
            sink.append(integer: maxFee)
            sink.append(integer: gas)
            sink.append(bytes: to.bytes)
            sink.append(integer: value)
            sink.append(bytes: data)
            sink.append(list: Empty())
            sink.append(integer: parity)
            sink.append(integer: r)
            sink.append(integer: s)
        }

        init(_ list: inout RLPReader) throws(RLPError) {
            var reader = try list.list()
            chainID = try reader.uint64()
            nonce = try reader.uint64()
            priorityFee = try reader.uint256()
            maxFee = try reader.uint256()
            gas = try reader.uint64()
            to = try reader.address()
            value = try reader.uint256()
            data = Array(try reader.bytes())
            try reader.list().finish()
            parity = try reader.uint64()
            r = try reader.uint256()
            s = try reader.uint256()
            try reader.finish()
        }
    }

    private struct Empty: RLPList {
        func encodeItems(into sink: inout some RLPOutput) {}
    }

    private struct Thousand: RLPList {
        let fields: Fields

        func encodeItems(into sink: inout some RLPOutput) {
            for _ in 0..<1000 { sink.append(list: fields) }
        }
    }

    /// - Parameter raw: a transaction of 702 bytes, the byte of its type included.
    static func all(raw: [UInt8], call: PaymentCall) throws -> [Benchmark] {
        var reader = RLPReader(Array(raw.dropFirst()))
        let thousand = Thousand(fields: try Fields(&reader))
        let encoded = RLP.encode(thousand)
        try verify("rlp/encode/1000", encoded.suffix(raw.count - 1) == raw.dropFirst())
        try verify("rlp/decode/1000", decode(encoded).last == thousand.fields && decode(encoded).count == 1000)
        let function = call.method.function
        try verify("abi/decode/swap", function.encodeCall(function.decodeCall(call.data)) == call.data)
        return [
            Benchmark("rlp/encode/1000") { RLP.encode(thousand) },
            Benchmark("rlp/decode/1000") { try? decode(encoded) },
            Benchmark("abi/decode/swap") { try? function.decodeCall(call.data) },
        ]
    }

    private static func decode(_ bytes: [UInt8]) throws(RLPError) -> [Fields] {
        var reader = RLPReader(bytes)
        var list = try reader.list()
        var all: [Fields] = []
        all.reserveCapacity(1000)
        while !list.isAtEnd { all.append(try Fields(&list)) }
        try list.finish()
        try reader.finish()
        return all
    }
}
