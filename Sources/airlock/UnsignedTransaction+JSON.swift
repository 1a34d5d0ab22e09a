import EthereumTypes
import PaymentFiles
import Problems
import StrictJSON
import Transactions

extension UnsignedTransaction {
    /// From the fields that `inspect` shows. Every field of the type must be there: nothing is guessed. What follows
    /// from the others (hashes, the sender, the call) and a signature are left aside.
    init(_ value: JSONValue) throws {
        var reader = ObjectReader(value)
        let type = reader.string("type") { text throws(Problem) in
            guard ["0", "1", "2"].contains(text) else { throw Problem(LookingRule.unknownType, saw: text) }
            return text
        }
        let nonce = reader.string("nonce", Quantity.uint64)
        let gas = reader.string("gas", Quantity.uint64)
        let to = reader.recipient("to")
        let value = reader.string("value") { try UInt256(decimal: $0) }
        let data = reader.string("data") { try Hex.decode($0) }
        let form = type.flatMap { reader.form(ofType: $0) }
        for derived in ["yParity", "v", "r", "s", "hash", "signingHash", "from", "call", "ok"] {
            _ = reader.optionalValue(derived)
        }
        reader.refuseUnknown()
        if let all = ProblemList(reader.problems) { throw all }
        guard let nonce, let gas, let to, let value, let data, let form else { throw Problem(JSONRule.wrongType) }
        self.init(nonce: nonce, gas: gas, to: to, value: value, data: data, form: form)
    }
}

extension ObjectReader {
    /// An address, or null for the creation of a contract; nothing when it was refused.
    fileprivate mutating func recipient(_ key: String) -> Address?? {
        guard let value = value(key) else { return nil }
        if value.isNull { return .some(nil) }
        return string(key) { try Address($0) }.map { .some($0) }
    }

    fileprivate mutating func form(ofType type: String) -> UnsignedTransaction.Form? {
        if type == "0" {
            let chainID = optionalString("chainId", Quantity.uint64)
            return string("gasPrice") { try UInt256(decimal: $0) }.map { .legacy(chainID: chainID, gasPrice: $0) }
        }
        let chainID = string("chainId", Quantity.uint64)
        let entries = optionalObjects("accessList") { entry -> AccessListEntry? in
            let address = entry.string("address") { try Address($0) }
            let keys = entry.strings("storageKeys") { try FixedBytes<32>(hex: $0) }
            entry.refuseUnknown()
            guard let address, let keys else { return nil }
            return AccessListEntry(address: address, storageKeys: keys)
        }
        if type == "1" {
            let gasPrice = string("gasPrice") { try UInt256(decimal: $0) }
            guard let chainID, let gasPrice else { return nil }
            return .accessList(chainID: chainID, gasPrice: gasPrice, accessList: entries ?? [])
        }
        let priorityFee = string("maxPriorityFeePerGas") { try UInt256(decimal: $0) }
        let maxFee = string("maxFeePerGas") { try UInt256(decimal: $0) }
        guard let chainID, let priorityFee, let maxFee else { return nil }
        return .dynamicFee(
            chainID: chainID, maxPriorityFeePerGas: priorityFee, maxFeePerGas: maxFee, accessList: entries ?? [])
    }
}
