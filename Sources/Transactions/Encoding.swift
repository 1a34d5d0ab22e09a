public import EthereumTypes
import RLP
import Secp256k1

extension UnsignedTransaction {
    /// The bytes whose hash is signed: after the byte of the type (EIP-2718), if it has one, the list of all fields.
    public var encoded: [UInt8] { RLP.encode(Fields(transaction: self, signature: placeholder), after: typeByte) }

    /// The hash that is signed.
    public var signingHash: Hash { .keccak(encoded) }

    /// EIP-155: before it is signed, the chain id and two zeros stand in the place of v, r and s.
    private var placeholder: Fields.Signature? {
        guard case .legacy(let chainID?, _) = form else { return nil }
        return (UInt256(chainID), 0, 0)
    }

    fileprivate var typeByte: UInt8? { type == 0 ? nil : type }
}

extension SignedTransaction {
    /// The bytes that are sent.
    public var raw: [UInt8] { RLP.encode(fields, after: transaction.typeByte) }

    /// Replaces what the buffer holds by the bytes that are sent.
    public func encode(into buffer: inout [UInt8]) {
        RLP.encode(fields, after: transaction.typeByte, into: &buffer)
    }

    /// What stands before r and s: the parity, and in type 0 the chain id as well, by EIP-155 when there is one.
    public var v: UInt256 {
        let parity = UInt64(signature.yParity)
        guard case .legacy(let chainID, _) = transaction.form else { return UInt256(parity) }
        guard let chainID else { return UInt256(27 + parity) }
        // 2 * chainID + 35 + parity, which no chain id of 64 bits brings above 66 bits.
        let twice = UInt256(chainID).addingReportingOverflow(UInt256(chainID)).partialValue
        return twice.addingReportingOverflow(UInt256(35 + parity)).partialValue
    }

    private var fields: Fields {
        Fields(transaction: transaction, signature: (v, UInt256(signature.r), UInt256(signature.s)))
    }
}

/// The list of the fields, in the order of EIP-1559, EIP-2930 and the yellow paper. Not an `RLPList` of the public
/// types: without the byte of its type the list of a typed transaction means nothing.
private struct Fields: RLPList {
    typealias Signature = (v: UInt256, r: UInt256, s: UInt256)

    let transaction: UnsignedTransaction
    let signature: Signature?

    func encodeItems(into sink: inout some RLPOutput) {
        switch transaction.form {
        case .legacy(_, let gasPrice):
            sink.append(integer: transaction.nonce)
            sink.append(integer: gasPrice)
        case .accessList(let chainID, let gasPrice, _):
            sink.append(integer: chainID)
            sink.append(integer: transaction.nonce)
            sink.append(integer: gasPrice)
        case .dynamicFee(let chainID, let maxPriorityFeePerGas, let maxFeePerGas, _):
            sink.append(integer: chainID)
            sink.append(integer: transaction.nonce)
            sink.append(integer: maxPriorityFeePerGas)
            sink.append(integer: maxFeePerGas)
        }
        sink.append(integer: transaction.gas)
        if let to = transaction.to { sink.append(bytes: to.bytes) } else { sink.append(bytes: []) }
        sink.append(integer: transaction.value)
        sink.append(bytes: transaction.data)
        if transaction.type != 0 { sink.append(list: transaction.accessList) }
        if let signature {
            sink.append(integer: signature.v)
            sink.append(integer: signature.r)
            sink.append(integer: signature.s)
        }
    }
}
