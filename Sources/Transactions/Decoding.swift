import AirlockEthereumTypes
import AirlockRLP
import AirlockSecp256k1

extension SignedTransaction.Content {
    /// Decodes a raw signed transaction. Throws if encoding the decoded transaction again would not give exactly these
    /// bytes.
    public init(raw: [UInt8]) throws(TransactionError) {
        let fields = try fields(of: raw)
        guard let (v, r, s) = fields.signature else { throw .rule(.notSigned, at: raw.count) }
        let chainID: UInt64?
        let parity: UInt8
        if fields.type == 0 {
            // EIP-155: an unsigned transaction has the chain id and two zeros instead of a signature.
            if r.isZero, s.isZero { throw .rule(.notSigned, at: fields.signatureOffset) }
            guard let split = Self.split(legacyV: v) else { throw .rule(.wrongV, at: fields.signatureOffset) }
            (chainID, parity) = split
        } else {
            guard v <= 1 else { throw .rule(.wrongParity, at: fields.signatureOffset) }
            (chainID, parity) = (fields.chainID, v.isZero ? 0 : 1)
        }
        if chainID == 0 { throw .rule(.noChain, at: fields.chainOffset) }
        do throws(SignatureError) {
            let signature = try Signature(r: r.word, s: s.word, yParity: parity)
            try signature.requireLowS()
            self.signature = signature
            transaction = UnsignedTransaction(fields, chainID: chainID)
        } catch { throw .signature(error) }
    }

    /// Splits v of a legacy transaction into chain id and parity. If the transaction has no chain id, v is 27 or 28.
    /// Under EIP-155, v is 35 or 36 plus twice the chain id.
    private static func split(legacyV v: UInt256) -> (chainID: UInt64?, parity: UInt8)? {
        if v == 27 || v == 28 { return (nil, v == 28 ? 1 : 0) }
        guard let (chainID, parity) = v.subtracting(35)?.quotientAndRemainder(dividingBy: 2),
            let chainID = UInt64(exactly: chainID)
        else { return nil }
        return (chainID, parity.isZero ? 0 : 1)
    }
}

extension UnsignedTransaction {
    /// Decodes an unsigned transaction. Throws if encoding the decoded transaction again would not give exactly these
    /// bytes.
    public init(encoded: [UInt8]) throws(TransactionError) {
        let fields = try fields(of: encoded)
        var chainID: UInt64? = fields.type == 0 ? nil : fields.chainID
        if let (v, r, s) = fields.signature {
            guard fields.type == 0, r.isZero, s.isZero else { throw .rule(.alreadySigned, at: fields.signatureOffset) }
            guard let number = UInt64(exactly: v) else { throw .rule(.wrongV, at: fields.signatureOffset) }
            chainID = number
        }
        if chainID == 0 { throw .rule(.noChain, at: fields.chainOffset) }
        self.init(fields, chainID: chainID)
    }

    @inline(__always)
    fileprivate init(_ fields: consuming Fields, chainID: UInt64?) {
        let form: Form =
            switch fields.type {
            case 0: .legacy(chainID: chainID, gasPrice: fields.fee)
            case 1: .accessList(chainID: fields.chainID, gasPrice: fields.fee, accessList: fields.accessList)
            default:
                .dynamicFee(
                    chainID: fields.chainID, maxPriorityFeePerGas: fields.priorityFee, maxFeePerGas: fields.fee,
                    accessList: fields.accessList)
            }
        self.init(
            nonce: fields.nonce, gas: fields.gas, to: fields.to, value: fields.value, data: fields.data, form: form)
    }
}

/// The decoded fields of a transaction, before they are checked. The transaction can have any type, and can be signed
/// or unsigned.
private struct Fields {
    let type: UInt8
    /// The chain id in types 1 and 2. In type 0 this is 0, because such a transaction has no separate field for the
    /// chain id. Its chain id is in v.
    let chainID: UInt64
    let nonce: UInt64
    /// The maximum priority fee per gas in type 2. In the other types this is 0.
    let priorityFee: UInt256
    let fee: UInt256
    let gas: UInt64
    let to: Address?
    let value: UInt256
    let data: [UInt8]
    let accessList: [AccessListEntry]
    let signatureOffset: Int
    let chainOffset: Int
    /// The last three items of the transaction. In a signed transaction they are v, r and s. In an unsigned transaction
    /// of type 0 with a chain id, they are the chain id and two zeros (EIP-155). `nil` if the transaction does not have
    /// these items.
    let signature: (v: UInt256, r: UInt256, s: UInt256)?

    @inline(__always)
    static func read(_ type: UInt8, from list: inout RLPReader) throws(RLPError) -> Fields {
        let firstItem = list.position
        let chainID = type == 0 ? 0 : try list.uint64()
        let nonce = try list.uint64()
        let priorityFee = type == 2 ? try list.uint256() : .zero
        let fee = try list.uint256()
        let gas = try list.uint64()
        let to = try list.addressOrEmpty()
        let value = try list.uint256()
        let data = try list.array()
        let accessList = type == 0 ? [] : try list.accessList()
        let signatureOffset = list.position
        let signature = list.isAtEnd ? nil : (v: try list.uint256(), r: try list.uint256(), s: try list.uint256())
        return Fields(
            type: type, chainID: chainID, nonce: nonce, priorityFee: priorityFee, fee: fee, gas: gas, to: to,
            value: value, data: data, accessList: accessList, signatureOffset: signatureOffset,
            chainOffset: type == 0 ? signatureOffset : firstItem, signature: signature)
    }
}

@inline(__always)
private func fields(of bytes: [UInt8]) throws(TransactionError) -> Fields {
    let type = try typeOfTransaction(bytes)
    do throws(RLPError) {
        var reader = RLPReader(bytes, from: type == 0 ? 0 : 1)
        let outside = try reader.enterList()
        let fields = try Fields.read(type, from: &reader)
        try reader.leaveList(to: outside)
        try reader.finish()
        return fields
    } catch { throw .rlp(error) }
}

extension RLPReader {
    @inline(__always)
    fileprivate mutating func accessList() throws(RLPError) -> [AccessListEntry] {
        let outside = try enterList()
        var entries: [AccessListEntry] = []
        while !isAtEnd { entries.append(try AccessListEntry(from: &self)) }
        try leaveList(to: outside)
        return entries
    }
}

extension AccessListEntry {
    init(from reader: inout RLPReader) throws(RLPError) {
        var entry = try reader.list()
        let address = try entry.address()
        var keys = try entry.list()
        try entry.finish()
        var storageKeys: [FixedBytes<32>] = []
        while !keys.isAtEnd { storageKeys.append(try keys.fixedBytes()) }
        self.init(address: address, storageKeys: storageKeys)
    }
}

/// Returns the type of a transaction (EIP-2718). A first byte of 0xc0 or above begins a legacy transaction. A first
/// byte below 0x80 is the type.
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

/// Whether the bytes are one RLP byte string that seems to contain a transaction. A byte string seems to contain a
/// transaction if its first byte is the type of a transaction or the prefix of an RLP list.
private func holdsTransaction(_ bytes: [UInt8]) -> Bool {
    var reader = RLPReader(bytes)
    guard let payload = try? reader.bytes(), reader.isAtEnd, payload.count > 1, let first = payload.first else {
        return false
    }
    return 1...4 ~= first || first >= 0xc0
}
