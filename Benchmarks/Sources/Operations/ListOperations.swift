import AirlockEthereumTypes
import AirlockRLP
import AirlockTransactions

/// Operations that encode and decode a list of many transactions, field by field. Each transaction has 702 bytes.
public enum ListOperations {
    /// The fields of an EIP-1559 transaction, read and written as values.
    private struct Fields: RLPList, Equatable {
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

        init(_ reader: inout RLPReader) throws(RLPError) {
            let outside = try reader.enterList()
            chainID = try reader.uint64()
            nonce = try reader.uint64()
            priorityFee = try reader.uint256()
            maxFee = try reader.uint256()
            gas = try reader.uint64()
            to = try reader.address()
            value = try reader.uint256()
            data = try reader.array()
            try reader.leaveList(to: reader.enterList())
            parity = try reader.uint64()
            r = try reader.uint256()
            s = try reader.uint256()
            try reader.leaveList(to: outside)
        }
    }

    private struct Empty: RLPList {
        func encodeItems(into sink: inout some RLPOutput) {}
    }

    private struct List: RLPList {
        let fields: Fields
        let count: Int

        func encodeItems(into sink: inout some RLPOutput) {
            for _ in 0..<count { sink.append(list: fields) }
        }
    }

    public static func all(_ count: Int, of payment: borrowing SwapPayment) throws -> [Operation] {
        // The first byte of the encoded transaction is its type. The other bytes are an RLP list.
        let raw = payment.transaction.raw
        var reader = RLPReader(Array(raw.dropFirst()))
        let list = List(fields: try Fields(&reader), count: count)
        let encoded = RLP.encode(list)
        try verify("rlp/encode/\(count)", encoded.suffix(raw.count - 1) == raw.dropFirst())
        try verify("rlp/decode/\(count)", decode(encoded, count) == Array(repeating: list.fields, count: count))
        return [
            Operation("rlp/encode/\(count)") { RLP.encode(list) },
            Operation("rlp/decode/\(count)") { try decode(encoded, count) },
        ]
    }

    private static func decode(_ bytes: [UInt8], _ count: Int) throws(RLPError) -> [Fields] {
        var reader = RLPReader(bytes)
        let outside = try reader.enterList()
        var all: [Fields] = []
        all.reserveCapacity(count)
        while !reader.isAtEnd { all.append(try Fields(&reader)) }
        try reader.leaveList(to: outside)
        try reader.finish()
        return all
    }
}
