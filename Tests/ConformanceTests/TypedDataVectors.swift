import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockStrictJSON
import Testing
import AirlockTypedData

@Suite("Conformance: typed data", .needsVectors)
struct TypedDataVectors {
    @Test("EIP-712's own example")
    func mail() throws {
        conform("eips/eip712_mail", try Vectors.json("eips/eip712_mail.json").cases()) { value in
            let data = try TypedData(value.member("typedData"))
            try same("encodeType", data.encodeType, value.text("encodeType"))
            try same("the type hash", Hex.encode(Array(data.encodedData.prefix(32))), value.text("typeHash"))
            try same("encodeData", Hex.encode(data.encodedData), value.text("encodeData"))
            try same("the struct hash", data.structHash.description, value.text("structHash"))
            try same("the domain separator", data.domainSeparator.description, value.text("domainSeparator"))
            try same("the digest", data.digest.description, value.text("digest"))
        }
    }

    @Test("ethers typed-data")
    func ethers() throws {
        let cases = try #require(Vectors.json("ethers-sample/typed-data.json.gz").elements)
        conform("ethers-sample/typed-data", cases.map { ($0["name"]?.string ?? "", $0) }) { value in
            let whole = try Self.whole(value)
            let data = try TypedData(whole.bytes)
            try same("encodeData", Hex.encode(data.encodedData), value.text("encoded"))
            try same("the digest", data.digest.description, value.text("digest"))
            try same("the separator of the domain's values", data.domain.separator, data.domainSeparator)
        }
    }

    /// Returns a case of the ethers library as complete typed data. The case does not contain the type EIP712Domain, so
    /// this function adds it. The type lists the fields of the case's domain, in the order of EIP-712.
    static func whole(_ value: JSONValue) throws -> JSONOutput {
        let domain = try value.member("domain")
        let fields = [
            ("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"),
            ("salt", "bytes32"),
        ].filter { domain[$0.0] != nil }
        let domainType = fields.map { JSONOutput.object([("name", .string($0.0)), ("type", .string($0.1))]) }
        let types = try #require(value.member("types").members).map { ($0.key, $0.value.output) }
        return try JSONOutput.object([
            ("types", .object(types + [("EIP712Domain", .array(domainType))])),
            ("primaryType", .string(value.text("primaryType"))), ("domain", domain.output),
            ("message", value.member("data").output),
        ])
    }

    @Test("ERC-7730 typed data")
    func erc7730() throws {
        // In one message, the EIP-55 checksum of a contract address is wrong. Airlock must report this address, and
        // still compute the correct digest.
        let misspelt = "0x7Fc66500c84A76Ad7e9C93437bFc5Ac33E2DdAe9"
        conform("erc7730/typed_data", try Vectors.json("erc7730/typed_data.json").cases()) { value in
            let text = try value.member("typedData").output.text
            let data = try TypedData(Array(text.utf8))
            try same(
                "what is wrong", data.wrongChecksums.map { "\($0.code) \($0.field ?? "")" },
                text.contains(misspelt) ? ["value.wrong-checksum /domain/verifyingContract"] : [])
            try same("the digest", data.digest.description, value.text("derivedDigest"))
            try same("the separator of the domain's values", data.domain.separator, data.domainSeparator)
        }
    }

    @Test("Permit2 typehash_signatures")
    func permit2() throws {
        conform("permit2/typehash_signatures", try Vectors.json("permit2/typehash_signatures.json").cases()) { value in
            let digest = try TypedData(value.member("typedData")).digest
            let signature = try Signature(value.bytes("signature"), accepting: .only27Or28)
            let isSigners = try value.member("recovers_to_signer").boolean == true
            let recovered = try signature.recoverAddress(digest: digest) == Address(value.text("signer"))
            try same("whether the signer is recovered", recovered, isSigners)
            let secretKey = try value.secretKey("privateKey")
            try same("whether our own signature is the same", secretKey.sign(digest) == signature, isSigners)
        }
    }

    // MARK: eth-account

    /// The expected digests, by the name of the file. They were computed with eth-account 0.14.0, because the files
    /// contain no digests.
    static let digests = [
        "valid_space_in_custom_type_fieldname": "71a6b0afa1e5dcddf680d85068e2674a73d60e07a9d047c8f210871804dbba80",
        "valid_multi_no_fixed_len_array": "9d4ed1abf83bd225db7e2023022a780ab06ef130800e9cc8f4550f73e027a5ca",
        "valid_eip712_example": "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
        "valid_issue_201_with_array": "3251bee8474b58a5df1adab9be78e2b18462d7a5ddf423389dcf98042188bef3",
        "valid_eip712_example_with_array": "1780e7e042fa9ec126ccb68cd707d61580d00601b3eff8a5ec05116b46007fdb",
        "valid_eip712_example_addresses_not_checksummed":
            "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
        "valid_issue_201_no_array": "09eb75cfd1cd5661523c7a3e681f07d57b108a6aff997658939c4dff0006e74a",
        "valid_multi_array": "da275374c3a0790d389b6490d6fdf499f39c72105423f09d7b9be62d2fc08671",
        "valid_primary_type_is_empty_string": "da5079987d5ea68beca14009948a4034b066bc86426dc802f4a5762f435b91ff",
        "valid_eip712_example_with_multi_array": "da275374c3a0790d389b6490d6fdf499f39c72105423f09d7b9be62d2fc08671",
        "valid_message_nested_structs": "0c9b68928afbff5af30e99ae29fcdf1cc36974f7ba4a6e4336cc98daa4f0c2af",
    ]

    /// All problems that Airlock must report for each invalid message.
    static let refusals = [
        "invalid_data_field_name_does_not_match_type_field_name": [
            "json.missing-field /message/from/hello wallet", "json.unknown-field /message/from/wallet",
            "json.missing-field /message/to/hello wallet", "json.unknown-field /message/to/wallet",
        ],
        "invalid_char_string_invalid_for_int_type": ["value.not-a-decimal-integer /message/to/balance"],
        "invalid_single_array_value_for_nested_array_type": [
            "typed-data.wrong-count /message/to", "json.wrong-type /message/to/0",
        ],
        "invalid_bad_uint_field_type_in_types_passed_an_int": ["typed-data.unknown-type /types/Person/1/type"],
        "invalid_undefined_field_type_in_types": ["typed-data.unknown-type /types/Mail/0/type"],
        "invalid_bad_uint_field_type_in_types_passed_a_string": ["typed-data.unknown-type /types/Person/1/type"],
        "invalid_custom_typed_used_but_not_defined": ["typed-data.unknown-type /types/Mail/4/type"],
        "invalid_string_array_value_for_nested_string_array_type": [
            "json.wrong-type /message/from/nicknames/0", "json.wrong-type /message/from/nicknames/1",
            "json.wrong-type /message/from/nicknames/2",
        ],
        "one_arg_invalid_domain_value_not_in_domain_types": ["json.unknown-field /domain/salt"],
        "one_arg_invalid_domain_type_not_in_domain_values": ["json.missing-field /domain/salt"],
        "one_arg_invalid_non_primary_type_for_primary_type": [
            "json.missing-field /message/name", "json.missing-field /message/wallet",
            "json.unknown-field /message/from", "json.unknown-field /message/to",
            "json.unknown-field /message/contents",
        ],
        "one_arg_invalid_undefined_type_for_primary_type": ["typed-data.unknown-type /primaryType"],
        "invalid_message_invalid_abi_type": ["typed-data.unknown-type /types/Person/1/type"],
        "invalid_message_unequal_1d_array_lengths": ["typed-data.wrong-count /message/to"],
        "invalid_message_unequal_array_dimensions": [
            "typed-data.wrong-count /message/to", "json.wrong-type /message/to/0",
        ],
        "invalid_message_valid_abi_type_invalid_value": ["value.not-a-decimal-integer /message/to/balance"],
        "invalid_struct_identifier_message": [
            "json.missing-field /message/from/hello wallet", "json.unknown-field /message/from/wallet",
            "json.missing-field /message/to/hello wallet", "json.unknown-field /message/to/wallet",
        ],
        "invalid_struct_type_message": ["typed-data.unknown-type /types/Mail/0/type"],
    ]

    @Test("eth-account eip712", arguments: ["valid_for_all", "invalid", "one_arg_invalid"])
    func ethAccount(file: String) throws {
        conform(
            "eth-account/eip712/\(file)",
            try Vectors.json("eth-account/eip712/\(file).json").namedCases().map {
                ($0.name, ($0.name, $0.case))
            }
        ) { try check($0, $1) }
    }

    @Test("eth-account fixtures")
    func fixtures() throws {
        let cases = try Vectors.files(under: "eth-account/fixtures").map { path in
            let name = String(path.split(separator: "/").last?.dropLast(5) ?? "")
            return (name, (name, try Vectors.json(path)))
        }
        conform("eth-account/fixtures", cases) { try check($0, $1) }
    }

    private func check(_ name: String, _ json: JSONValue) throws {
        let bytes = json.output.bytes
        if let digest = Self.digests[name] {
            let data = try TypedData(bytes)
            try same("the digest", data.digest.description, "0x\(digest)")
            try same("the separator of the domain's values", data.domain.separator, data.domainSeparator)
        } else {
            let list = #expect(throws: ProblemList.self) { try TypedData(bytes) }
            let problems = list?.problems.map { "\($0.code) \($0.field ?? "")" }
            try same("what is wrong", problems, Self.refusals[name])
        }
    }
}
