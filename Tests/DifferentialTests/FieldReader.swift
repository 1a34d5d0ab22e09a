import AirlockEthereumTypes
import AirlockStrictJSON
import Testing
import AirlockTransactions

/// Reads the fields of a transaction from the JSON object that the Python script prints. In this object, numbers are
/// strings of decimal digits.
struct FieldReader {
    let json: JSONValue

    func transaction() throws -> UnsignedTransaction {
        let type = try string("type")
        let chainID = json["chainId"] == nil ? nil : try uint64("chainId")
        let form: UnsignedTransaction.Form =
            switch type {
            case "0": .legacy(chainID: chainID, gasPrice: try number("gasPrice"))
            case "1":
                .accessList(
                    chainID: try #require(chainID), gasPrice: try number("gasPrice"), accessList: try accessList())
            default:
                .dynamicFee(
                    chainID: try #require(chainID), maxPriorityFeePerGas: try number("maxPriorityFeePerGas"),
                    maxFeePerGas: try number("maxFeePerGas"), accessList: try accessList())
            }
        let to = try string("to")
        return UnsignedTransaction(
            nonce: try uint64("nonce"), gas: try uint64("gas"), to: to.isEmpty ? nil : try Address(to),
            value: try number("value"), data: try Hex.decode(try string("data")), form: form)
    }

    private func string(_ name: String) throws -> String { try #require(json[name]?.string) }

    private func number(_ name: String) throws -> UInt256 { try UInt256(decimal: try string(name)) }

    private func uint64(_ name: String) throws -> UInt64 { try #require(UInt64(exactly: try number(name))) }

    private func accessList() throws -> [AccessListEntry] {
        try #require(json["accessList"]?.elements).map { entry in
            let keys = try #require(entry["storageKeys"]?.elements)
            return AccessListEntry(
                address: try Address(try #require(entry["address"]?.string)),
                storageKeys: try keys.map { try Hash(hex: try #require($0.string)) })
        }
    }
}
