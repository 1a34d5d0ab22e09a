public import AirlockEthereumTypes
public import AirlockRLP
import AirlockSecp256k1

extension UnsignedTransaction {
    /// The bytes whose hash is signed: the type byte (EIP-2718), followed by the RLP list of the fields. For type 0,
    /// there is no type byte.
    public var encoded: [UInt8] { RLP.encode(self, as: UnsignedFields.self, after: typeByte) }

    /// The hash that the sender signs.
    public var signingHash: Hash { .keccak(encoded) }

    fileprivate var typeByte: UInt8? { type == 0 ? nil : type }
}

extension SignedTransaction.Content {
    /// The raw signed transaction. Each access encodes it again.
    public var raw: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Replaces the contents of the buffer with the raw signed transaction.
    public func encode(into buffer: inout [UInt8]) {
        RLP.encode(self, as: SignedFields.self, after: transaction.typeByte, into: &buffer)
    }

    /// The item before r and s in a signed transaction. In types 1 and 2, it is the parity of the signature. In type 0,
    /// it is 27 plus the parity, or 2 * chainID + 35 plus the parity if there is a chain id (EIP-155).
    public var v: UInt256 {
        let parity = UInt64(signature.yParity)
        guard case .legacy(let chainID, _) = transaction.form else { return UInt256(parity) }
        guard let chainID else { return UInt256(27 + parity) }
        // 2 * chainID + 35 + parity has at most 66 bits, so this cannot overflow.
        let twice = UInt256(chainID).addingReportingOverflow(UInt256(chainID)).partialValue
        return twice.addingReportingOverflow(UInt256(35 + parity)).partialValue
    }
}

// `UnsignedTransaction` and `SignedTransaction` do not conform to `RLPList`, because the RLP list of a typed
// transaction means nothing without the type byte.

private enum UnsignedFields: RLPFields {
    static func encodeItems(of transaction: UnsignedTransaction, into sink: inout some RLPOutput) {
        transaction.encodeFields(into: &sink)
        // EIP-155: an unsigned transaction has the chain id and two zeros instead of v, r and s.
        guard case .legacy(let chainID?, _) = transaction.form else { return }
        sink.append(integer: chainID)
        sink.append(integer: 0 as UInt64)
        sink.append(integer: 0 as UInt64)
    }
}

private enum SignedFields: RLPFields {
    @inline(__always)
    static func encodeItems(of signed: SignedTransaction.Content, into sink: inout some RLPOutput) {
        signed.transaction.encodeFields(into: &sink)
        if case .legacy = signed.transaction.form {
            sink.append(integer: signed.v)
        } else {
            sink.append(integer: UInt64(signed.signature.yParity))
        }
        sink.append(integer: UInt256(signed.signature.r))
        sink.append(integer: UInt256(signed.signature.s))
    }
}

extension UnsignedTransaction {
    /// Writes all fields except the signature, in the order that EIP-1559, EIP-2930 and the yellow paper define. Each
    /// case of the `switch` writes all fields of one transaction type. A separate `switch` for each field would be
    /// slower, because extracting the values from `form` takes longer than writing a number.
    @inline(__always)
    fileprivate func encodeFields(into sink: inout some RLPOutput) {
        switch form {
        case .legacy(_, let gasPrice):
            sink.append(integer: nonce)
            sink.append(integer: gasPrice)
            encodeCall(into: &sink)
        case .accessList(let chainID, let gasPrice, let accessList):
            sink.append(integer: chainID)
            sink.append(integer: nonce)
            sink.append(integer: gasPrice)
            encodeCall(into: &sink)
            if accessList.isEmpty { sink.appendEmptyList() } else { sink.append(list: accessList) }
        case .dynamicFee(let chainID, let maxPriorityFeePerGas, let maxFeePerGas, let accessList):
            sink.append(integer: chainID)
            sink.append(integer: nonce)
            sink.append(integer: maxPriorityFeePerGas)
            sink.append(integer: maxFeePerGas)
            encodeCall(into: &sink)
            if accessList.isEmpty { sink.appendEmptyList() } else { sink.append(list: accessList) }
        }
    }

    /// Writes gas limit, recipient, value and data. These four fields are adjacent in all transaction types.
    @inline(__always)
    private func encodeCall(into sink: inout some RLPOutput) {
        sink.append(integer: gas)
        if let to { sink.append(address: to) } else { sink.append(bytes: []) }
        sink.append(integer: value)
        sink.append(bytes: data)
    }
}

extension AccessListEntry: RLPList {
    public func encodeItems(into sink: inout some RLPOutput) {
        sink.append(bytes: address.bytes)
        sink.append(list: storageKeys)
    }
}
