import EthereumTypes
import RLP
import Secp256k1

extension SignedTransaction {
    /// Reads the bytes that are sent, and only those that `raw` would give again.
    public init(raw: [UInt8]) throws(TransactionError) {
        let (read, signature, signatureOffset, chainOffset) = try parts(of: raw)
        guard let (v, r, s) = signature else { throw .rule(.notSigned, at: raw.count) }
        let transaction: UnsignedTransaction
        let parity: UInt8
        if case .legacy(_, let gasPrice) = read.form {
            // EIP-155 unsigned: the chain id and two zeros.
            if r.isZero, s.isZero { throw .rule(.notSigned, at: signatureOffset) }
            guard let (chainID, legacyParity) = Self.split(legacyV: v) else {
                throw .rule(.wrongV, at: signatureOffset)
            }
            var legacy = read
            legacy.form = .legacy(chainID: chainID, gasPrice: gasPrice)
            (transaction, parity) = (legacy, legacyParity)
        } else {
            guard v <= 1 else { throw .rule(.wrongParity, at: signatureOffset) }
            (transaction, parity) = (read, v.isZero ? 0 : 1)
        }
        if transaction.chainID == 0 { throw .rule(.noChain, at: chainOffset) }
        do throws(SignatureError) {
            try self.init(transaction, Signature(r: r.word, s: s.word, yParity: parity))
        } catch { throw .signature(error) }
    }

    /// 27 or 28 before EIP-155; since then 35 or 36 and twice the chain id.
    private static func split(legacyV v: UInt256) -> (chainID: UInt64?, parity: UInt8)? {
        if v == 27 || v == 28 { return (nil, v == 28 ? 1 : 0) }
        guard let (chainID, parity) = v.subtracting(35)?.quotientAndRemainder(dividingBy: 2),
            let chainID = UInt64(exactly: chainID)
        else { return nil }
        return (chainID, parity.isZero ? 0 : 1)
    }
}

extension UnsignedTransaction {
    /// Reads the bytes whose hash is signed, and only those that `encoded` would give again.
    public init(encoded: [UInt8]) throws(TransactionError) {
        var (transaction, signature, signatureOffset, chainOffset) = try parts(of: encoded)
        if let (v, r, s) = signature {
            guard case .legacy(_, let gasPrice) = transaction.form, r.isZero, s.isZero else {
                throw .rule(.alreadySigned, at: signatureOffset)
            }
            guard let chainID = UInt64(exactly: v) else { throw .rule(.wrongV, at: signatureOffset) }
            transaction.form = .legacy(chainID: chainID, gasPrice: gasPrice)
        }
        if transaction.chainID == 0 { throw .rule(.noChain, at: chainOffset) }
        self = transaction
    }
}

/// What the bytes of any transaction hold, before it is known whether it makes sense. No struct: out of a tuple the
/// transaction is moved and not copied.
private typealias Parts = (
    /// In type 0 without its chain id, which lies in v.
    transaction: UnsignedTransaction,
    /// The last three items; nothing when the list ends before them.
    signature: (v: UInt256, r: UInt256, s: UInt256)?,
    signatureOffset: Int, chainOffset: Int
)

@inline(__always)
private func parts(of bytes: [UInt8]) throws(TransactionError) -> Parts {
    let type = try typeOfTransaction(bytes)
    do throws(RLPError) {
        var reader = RLPReader(bytes, from: type == 0 ? 0 : 1)
        let parts = try reader.list { (list) throws(RLPError) in try list.parts(type) }
        try reader.finish()
        return parts
    } catch { throw .rlp(error) }
}

extension RLPReader {
    @inline(__always)
    fileprivate mutating func parts(_ type: UInt8) throws(RLPError) -> Parts {
        let firstItem = position
        let chainID = type == 0 ? 0 : try uint64()
        let nonce = try uint64()
        let priorityFee = type == 2 ? try uint256() : .zero
        let fee = try uint256()
        let gas = try uint64()
        let to = try addressOrEmpty()
        let value = try uint256()
        let data = try array()
        let form: UnsignedTransaction.Form =
            switch type {
            case 0: .legacy(chainID: nil, gasPrice: fee)
            case 1: .accessList(chainID: chainID, gasPrice: fee, accessList: try accessList())
            default:
                .dynamicFee(
                    chainID: chainID, maxPriorityFeePerGas: priorityFee, maxFeePerGas: fee,
                    accessList: try accessList())
            }
        let signatureOffset = position
        let signature = isAtEnd ? nil : (v: try uint256(), r: try uint256(), s: try uint256())
        return (
            transaction: UnsignedTransaction(nonce: nonce, gas: gas, to: to, value: value, data: data, form: form),
            signature: signature, signatureOffset: signatureOffset,
            chainOffset: type == 0 ? signatureOffset : firstItem
        )
    }

    @inline(__always)
    fileprivate mutating func accessList() throws(RLPError) -> [AccessListEntry] {
        try list { (list) throws(RLPError) in
            var entries: [AccessListEntry] = []
            while !list.isAtEnd { entries.append(try AccessListEntry(from: &list)) }
            return entries
        }
    }
}

/// EIP-2718: a list from 0xc0 on is of the legacy form, and a byte below 0x80 is the type.
private func typeOfTransaction(_ bytes: [UInt8]) throws(TransactionError) -> UInt8 {
    guard let first = bytes.first else { throw .rlp(RLPError(.missingItem, at: 0)) }
    switch first {
    case 0xc0...: return 0
    case 1, 2: return first
    case 3: throw .rule(.blob, at: 0)
    case 4: throw .rule(.setCode, at: 0)
    default: throw .rule(holdsTransaction(bytes) ? .wrappedInString : .unknownType, at: 0)
    }
}

/// Whether the bytes are one string with its prefix, and what it holds begins like a transaction.
private func holdsTransaction(_ bytes: [UInt8]) -> Bool {
    var reader = RLPReader(bytes)
    guard let payload = try? reader.bytes(), reader.isAtEnd, payload.count > 1, let first = payload.first else {
        return false
    }
    return 1...4 ~= first || first >= 0xc0
}
