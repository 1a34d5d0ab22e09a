import AirlockEthereumTypes
import AirlockSecretKeys
import AirlockStrictJSON
import Testing
import AirlockTransactions

@Suite("Conformance: hashes, addresses, units", .needsVectors)
struct ValueVectors {
    @Test("Keccak team: short messages")
    func keccakTeam() throws {
        let text = String(decoding: try Vectors.bytes("keccak-team-kat/ShortMsgKAT_256.txt"), as: UTF8.self)
        let values = text.split(separator: "\n").compactMap { line in
            line.split(separator: " = ").count == 2 ? String(line.split(separator: " = ")[1]) : nil
        }
        // Each case has the length of the message in bits, the message and its digest. A message whose length is not a
        // whole number of bytes is left out.
        let cases = stride(from: 0, to: values.count - 2, by: 3).map { Array(values[$0..<$0 + 3]) }
            .filter { Int($0[0]).map { $0 % 8 == 0 } ?? true }
        conform("keccak-team-kat/ShortMsgKAT_256", cases.map { ("\($0[0]) bits", $0) }) { value in
            // The empty message is written as one zero byte.
            let message = value[0] == "0" ? [] : try hex(value[1])
            try same("the hash", Hash.keccak(message).bytes, hex(value[2]))
        }
    }

    @Test("ethers: hashes")
    func ethersHashes() throws {
        let cases = try #require(Vectors.json("ethers-sample/hashes.json.gz").elements)
        conform("ethers-sample/hashes", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            try same("the hash", Hash.keccak(value.bytes("data")).description, value.text("keccak256"))
        }
    }

    @Test("EIP-55: the checksum of addresses")
    func eip55() throws {
        let file = try Vectors.json("eips/eip55.json")
        let valid = try file.array("valid").map { ($0.string ?? "", true) }
        let invalid = try file.array("invalid").map { ($0.string ?? "", false) }
        conform("eips/eip55", (valid + invalid).map { ("\($0.0)", $0) }) { (text, isValid) in
            if isValid {
                try same("the text", Address(text).description, text)
            } else {
                let error = #expect(throws: ValueError.self) { try Address(text) }
                try same("the refusal", error?.rule, .wrongChecksum)
                try same("the lower case", Address(text.lowercased()).description.lowercased(), text.lowercased())
            }
        }
    }

    @Test("ethers: accounts of secret keys")
    func ethersAccounts() throws {
        let cases = try #require(Vectors.json("ethers-sample/accounts.json.gz").elements)
        conform("ethers-sample/accounts", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let address = try value.secretKey("privateKey").address
            try same("the address", address.description, value.text("address"))
        }
    }

    /// The signatures in the file are not checked, because the file does not say which digest was signed.
    @Test("ethereum/tests BasicTests/keyaddrtest: accounts of secret keys")
    func keyAddress() throws {
        let cases = try Vectors.json("ethereum-tests/BasicTests/keyaddrtest.json").elements ?? []
        conform("ethereum-tests/BasicTests/keyaddrtest", cases.enumerated().map { ("\($0)", $1) }) { value in
            try same("the address", value.secretKey("key").address.bytes.bytes, value.bytes("addr"))
        }
    }

    @Test("ethers: units, exact both ways")
    func units() throws {
        let decimals = [("ether", 18), ("finney", 15), ("szabo", 12), ("gwei", 9), ("mwei", 6), ("kwei", 3)]
        let cases = try #require(Vectors.json("ethers-sample/units.json.gz").elements).flatMap { value in
            decimals.compactMap { unit, decimals in
                value[unit]?.string.map { text in
                    ("\(value["name"]?.string ?? ""), \(unit)", (value, unit, decimals, text))
                }
            }
        }
        conform("ethers-sample/units", cases) { (value, unit, decimals, text) in
            // Airlock refuses a negative amount, an amount without a digit before the point, and an amount with a
            // leading zero before another digit.
            let isOurs = !text.hasPrefix("-") && !text.hasPrefix(".") && (!text.hasPrefix("0") || text.hasPrefix("0."))
            guard isOurs || text == "0" else {
                let error = #expect(throws: ValueError.self) { try Amount.parse(text, decimals: decimals) }
                return try same("the refusal", error?.rule, .notAmount)
            }
            let amount = try Amount.parse(text, decimals: decimals)
            try same("the amount", amount, value.integer("wei"))
            // ethers writes `.0` at the end of whole numbers, so the test appends it to the text of Airlock.
            let shown = Amount.format(amount, decimals: decimals)
            try same("the text", shown.contains(".") ? shown : shown + ".0", value.text("\(unit)_format"))
        }
    }

    @Test("execution-apis: raw transactions, and the hashes that a node gave them")
    func sentTransactions() throws {
        let files = [
            "legacy-transaction", "access-list-transaction", "dynamic-fee-transaction",
            "dynamic-fee-access-list-transaction",
        ]
        conform("execution-apis/eth_sendRawTransaction", files.map { ($0, $0) }) { name in
            let bytes = try Vectors.bytes("execution-apis/tests/eth_sendRawTransaction/send-\(name).io")
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            func json(_ mark: String) throws -> JSONValue {
                guard let line = lines.first(where: { $0.hasPrefix(mark) }) else { throw Failure("no line \(mark)") }
                return try JSONDocument(Array(line.utf8.dropFirst(3))).root
            }
            let raw = try hex(json(">>").array("params")[0].string ?? "")
            let signed = try SignedTransaction(raw: raw)
            try same("the encoding", signed.content.raw, raw)
            try same("the hash", signed.hash.description, json("<<").text("result"))
        }
    }
}
