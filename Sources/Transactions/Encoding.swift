public import AirlockEthereumTypes
public import AirlockRLP
import AirlockSecp256k1

extension UnsignedTransaction {
    /// The bytes whose hash is signed: after the byte of the type (EIP-2718), if it has one, the list of all fields.
    public var encoded: [UInt8] { RLP.encode(self, as: UnsignedFields.self, after: typeByte) }

    /// The hash that is signed.
    public var signingHash: Hash { .keccak(encoded) }

    fileprivate var typeByte: UInt8? { type == 0 ? nil : type }
}

extension SignedTransaction.Content {
    /// The bytes that are sent, encoded anew each time.
    public var raw: [UInt8] {
        var bytes: [UInt8] = []
        encode(into: &bytes)
        return bytes
    }

    /// Replaces what the buffer holds by the bytes that are sent.
    public func encode(into buffer: inout [UInt8]) {
        RLP.encode(self, as: SignedFields.self, after: transaction.typeByte, into: &buffer)
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
}

// The lists of the fields are not the lists of the public types: without the byte of its type the list of a typed
// transaction means nothing.

private enum UnsignedFields: RLPFields {
    static func encodeItems(of transaction: UnsignedTransaction, into sink: inout some RLPOutput) {
        transaction.encodeFields(into: &sink)
        // EIP-155: before it is signed, the chain id and two zeros stand in the place of v, r and s.
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
    /// All but the signature, in the order of EIP-1559, EIP-2930 and the yellow paper. The form is looked at once: taking
    /// it apart takes longer than writing one of its numbers.
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

    /// What all forms have in the middle.
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
