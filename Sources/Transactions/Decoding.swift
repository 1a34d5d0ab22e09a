import EthereumTypes
import RLP
import Secp256k1

extension SignedTransaction {
    /// Reads the bytes that are sent, and only those that `raw` would give again.
    public init(raw: [UInt8]) throws(TransactionError) {
        var parts = try Parts.read(raw)
        guard let (v, r, s) = parts.signature else { throw .rule(.notSigned, at: raw.count) }
        let parity: UInt8
        if case .legacy(_, let gasPrice) = parts.transaction.form {
            // EIP-155 unsigned: the chain id and two zeros.
            if r.isZero, s.isZero { throw .rule(.notSigned, at: parts.signatureOffset) }
            guard let (chainID, legacyParity) = Self.split(legacyV: v) else {
                throw .rule(.wrongV, at: parts.signatureOffset)
            }
            parts.transaction.form = .legacy(chainID: chainID, gasPrice: gasPrice)
            parity = legacyParity
        } else {
            guard v <= 1 else { throw .rule(.wrongParity, at: parts.signatureOffset) }
            parity = v.isZero ? 0 : 1
        }
        if parts.transaction.chainID == 0 { throw .rule(.noChain, at: parts.chainOffset) }
        do throws(SignatureError) {
            try self.init(parts.transaction, Signature(r: r.word, s: s.word, yParity: parity))
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
        var parts = try Parts.read(encoded)
        if let (v, r, s) = parts.signature {
            guard case .legacy(_, let gasPrice) = parts.transaction.form, r.isZero, s.isZero else {
                throw .rule(.alreadySigned, at: parts.signatureOffset)
            }
            guard let chainID = UInt64(exactly: v) else { throw .rule(.wrongV, at: parts.signatureOffset) }
            parts.transaction.form = .legacy(chainID: chainID, gasPrice: gasPrice)
        }
        if parts.transaction.chainID == 0 { throw .rule(.noChain, at: parts.chainOffset) }
        self = parts.transaction
    }
}

/// What the bytes of any transaction hold, before it is known whether it makes sense.
private struct Parts: ~Copyable {
    /// In type 0 without its chain id, which lies in v.
    var transaction: UnsignedTransaction
    /// The last three items; nothing when the list ends before them.
    let signature: (v: UInt256, r: UInt256, s: UInt256)?
    let signatureOffset: Int
    let chainOffset: Int

    static func read(_ bytes: [UInt8]) throws(TransactionError) -> Parts {
        let type = try typeOfTransaction(bytes)
        do throws(RLPError) {
            return try read(bytes, type)
        } catch { throw .rlp(error) }
    }

    private static func read(_ bytes: [UInt8], _ type: UInt8) throws(RLPError) -> Parts {
        var reader = RLPReader(bytes, from: type == 0 ? 0 : 1)
        var list = try reader.list()
        let firstItem = list.position
        let chainID = type == 0 ? 0 : try list.uint64()
        let nonce = try list.uint64()
        let priorityFee = type == 2 ? try list.uint256() : .zero
        let fee = try list.uint256()
        let gas = try list.uint64()
        let to = try list.addressOrEmpty()
        let value = try list.uint256()
        let data = try Array(list.bytes())
        let form: UnsignedTransaction.Form =
            switch type {
            case 0: .legacy(chainID: nil, gasPrice: fee)
            case 1: .accessList(chainID: chainID, gasPrice: fee, accessList: try list.accessList())
            default:
                .dynamicFee(
                    chainID: chainID, maxPriorityFeePerGas: priorityFee, maxFeePerGas: fee,
                    accessList: try list.accessList())
            }
        let signatureOffset = list.position
        let signature = list.isAtEnd ? nil : (try list.uint256(), try list.uint256(), try list.uint256())
        try list.finish()
        try reader.finish()
        return Parts(
            transaction: UnsignedTransaction(nonce: nonce, gas: gas, to: to, value: value, data: data, form: form),
            signature: signature, signatureOffset: signatureOffset,
            chainOffset: type == 0 ? signatureOffset : firstItem)
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

extension RLPReader {
    fileprivate mutating func accessList() throws(RLPError) -> [AccessListEntry] {
        var list = try list()
        var entries: [AccessListEntry] = []
        while !list.isAtEnd { entries.append(try AccessListEntry(from: &list)) }
        return entries
    }
}
