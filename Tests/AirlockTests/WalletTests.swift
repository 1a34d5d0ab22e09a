import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import AirlockUR
import Testing

/// In these tests, the tool signs what a wallet requests. The keys are derived from a mnemonic that is published as a
/// test vector.
@Suite("What a wallet asks for")
struct WalletTests {
    static let mnemonic =
        "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
    /// The fingerprint of the master key. The mnemonic is the one of BIP-84's test vectors, and many wallets show this
    /// fingerprint for it.
    static let fingerprint: UInt32 = 0x73c5_da0a
    static let address = Address(known: "0x9858EfFD232B4033E47d90003D41EC34EcaEda94")
    static let id = FixedBytes<16> { UInt8($0 * 3) }

    static func path(_ indices: [(UInt32, Bool)] = [(44, true), (60, true), (0, true), (0, false), (0, false)])
        -> CryptoKeypath
    { path(indices, fingerprint) }

    static func path(_ indices: [(UInt32, Bool)], _ fingerprint: UInt32?) -> CryptoKeypath {
        CryptoKeypath(indices.map { .index($0.0, isHardened: $0.1) }, sourceFingerprint: fingerprint)
    }

    /// A transaction that pays 5 USDC on Base to a recipient in the policy, as a wallet encodes it.
    static let typedTransaction = bytes(
        "02f86e82210507830f42408401c9c3808302bf2094833589fcd6edb6e08f4c7c32d4f71b54bda0291380b844a9"
            + "059cbb0000000000000000000000005ea054aeea285ebc3a92ecb1f722f44304f7258100000000000000000000"
            + "000000000000000000000000000000000000004c4b40c0")
    /// The same payment as a legacy transaction (EIP-155).
    static let legacyTransaction = bytes(
        "f86b078401c9c3808302bf2094833589fcd6edb6e08f4c7c32d4f71b54bda0291380b844a9059cbb0000000000"
            + "000000000000005ea054aeea285ebc3a92ecb1f722f44304f72581000000000000000000000000000000000000"
            + "00000000000000000000004c4b408221058080")

    static func bytes(_ digits: String) -> [UInt8] {
        let digits = Array(digits)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 }
    }

    static func request(
        _ type: EthSignRequest.DataType, _ data: [UInt8], chain: UInt64? = 8453, path: CryptoKeypath = path(),
        address: Address? = nil
    ) -> String {
        EthSignRequest(
            id: id, signData: data, dataType: type, chainID: chain, path: path, address: address, origin: "metamask"
        ).ur.text
    }

    static func workspace(_ request: String, showing isShown: Bool = true) throws -> Workspace {
        let workspace = try Workspace()
        workspace.write("words", mnemonic + "\n", mode: 0o600)
        workspace.write("none", "\n", mode: 0o600)
        workspace.operands = [request]
        workspace.drop("-c")
        workspace.set("-k", "words")
        workspace.set("--passphrase-file", "none")
        try workspace.edit("policy.json", "\"recipients\"", "\"messages\":[],\"recipients\"")
        try workspace.edit("policy.json", "\"kind\":\"policy\"", "\"kind\":\"policy\",\"text\":true")
        if isShown {
            let shown = try workspace.tool("account", "-k", "words", "--passphrase-file", "none")
            try #require(shown.exit == 0, "\(shown.err)")
        }
        return workspace
    }

    @Test("the account is shown as BIP-32 and ERC-4527 say, and nothing of it can sign")
    func account() throws {
        let workspace = try Self.workspace("")
        let outcome = try workspace.tool("account", "-k", "words", "--passphrase-file", "none", "--json")
        let said = try document(outcome.out)
        #expect(said["fingerprint"]?.string == "0x73c5da0a" && said["path"]?.string == "m/44'/60'/0'")
        let key = try CryptoHDKey(UR(said["ur"]?.string ?? ""))
        #expect(key.origin?.text == "44'/60'/0'" && key.origin?.sourceFingerprint == Self.fingerprint)
        #expect(key.children?.text == "0/*" && key.note == "account.standard" && key.name == "Airlock")
        // The key and the chain code of the crypto-hdkey that KeystoneHQ/keystone-sdk-base publishes. eth-account
        // computes the same values.
        #expect(
            Hex.encode(key.key, prefix: false) == "02eae4b876a8696134b868f88cc2f51f715f2dbedb7446b8e6edf3d4541c4eb67b")
        #expect(
            key.chainCode.map { Hex.encode($0, prefix: false) }
                == "d882718b7a42806803eeb17f7483f20620611adb88fc943c898dc5aba94c2819")
        let drawn = try workspace.tool("account", "-k", "words", "--passphrase-file", "none", "--qr")
        if let scanned = try Screen(drawingIn: drawn.err).scanned() {
            #expect(try UR(scanned.split(separator: "\n")[0]).text + "\n" == drawn.out)
        }
        let other = try workspace.tool("account", "-k", "key.hex", "--json")
        #expect(try refusalDocument(other.out)["error"]?["code"]?.string == "wallet.no-mnemonic")
    }

    @Test("each type of data is answered with the signature that eth-account makes, and the v that wallets expect")
    func signatures() throws {
        let permit = DescribeTests.permit.replacing("\(SamplePayment.payer)", with: "\(Self.address)")
        let cases: [(EthSignRequest.DataType, [UInt8], UInt64?, String)] = [
            (.typedTransaction, Self.typedTransaction, 8453, "transaction"),
            (.legacyTransaction, Self.legacyTransaction, 8453, "legacy"),
            (.message, Array("hello, this is a text to sign".utf8), nil, "text"),
            (.typedData, Array(permit.utf8), nil, "typed"),
        ]
        for (type, data, chain, kind) in cases {
            let workspace = try Self.workspace(Self.request(type, data, chain: chain))
            let outcome = try workspace.run()
            #expect(outcome.exit == 0, "\(kind): \(outcome.err)")
            guard outcome.exit == 0 else { continue }
            let answer = try EthSignature(UR(outcome.out.dropLast()))
            #expect(answer.id == Self.id && answer.origin == "airlock")
            #expect(outcome.err.contains("read as: request of a wallet, which names itself metamask (not verified): "))
            let v = Array(answer.signature.dropFirst(64))
            switch type {
            case .typedTransaction: #expect(v == [0] || v == [1])
            case .legacyTransaction: #expect(v == [0x42, 0x2d] || v == [0x42, 0x2e])
            case .message, .typedData: #expect(v == [27] || v == [28])
            }
            if let python = BuiltTool.python {
                let reference = try python.run(
                    ["-c", Self.reference, kind, Hex.encode(data), Self.mnemonic], in: "/",
                    environment: ["PYTHONDONTWRITEBYTECODE": "1"])
                #expect(reference.out == Hex.encode(answer.signature) + "\n", "\(kind): \(reference.err)")
            }
            // If the same request is signed again, the tool outputs the same answer.
            #expect(try workspace.run().out == outcome.out)
        }
    }

    /// A Python program that signs the data with eth-account. It prints r, s and v. It prints v as eth-account returns
    /// it.
    private static let reference = """
        import json, sys
        from eth_account import Account
        from eth_account.messages import encode_defunct, encode_typed_data
        import rlp
        Account.enable_unaudited_hdwallet_features()
        kind, data, words = sys.argv[1], bytes.fromhex(sys.argv[2][2:]), sys.argv[3]
        key = Account.from_mnemonic(words)
        number = lambda b: int.from_bytes(b, 'big')
        if kind == 'text':
            s = key.sign_message(encode_defunct(data))
        elif kind == 'typed':
            s = key.sign_message(encode_typed_data(full_message=json.loads(data)))
        elif kind == 'legacy':
            f = rlp.decode(data)
            s = key.sign_transaction(dict(nonce=number(f[0]), gasPrice=number(f[1]), gas=number(f[2]),
                to=f[3], value=number(f[4]), data=f[5], chainId=number(f[6])))
        else:
            f = rlp.decode(data[1:])
            s = key.sign_transaction(dict(type=2, chainId=number(f[0]), nonce=number(f[1]),
                maxPriorityFeePerGas=number(f[2]), maxFeePerGas=number(f[3]), gas=number(f[4]), to=f[5],
                value=number(f[6]), data=f[7], accessList=[]))
        v = s.v.to_bytes(max(1, (s.v.bit_length() + 7) // 8), 'big')
        print('0x' + (s.r.to_bytes(32, 'big') + s.s.to_bytes(32, 'big') + v).hex())
        """

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: String
        let code: String
        var place: String?
        var exit: Int32 = 10
    }

    static let refusals = [
        Refused(
            testDescription: "another key", request: request(.message, Array("hello".utf8), path: path(standard, 7)),
            code: "wallet.account-never-shown", place: "source-fingerprint"),
        Refused(
            testDescription: "no key", request: request(.message, Array("hello".utf8), path: path(standard, nil)),
            code: "wallet.no-fingerprint", place: "source-fingerprint"),
        Refused(
            testDescription: "another account",
            request: request(
                .message, Array("hello".utf8), path: path([(44, true), (60, true), (1, true), (0, false), (0, false)])),
            code: "wallet.path-not-shown", place: "derivation-path"),
        Refused(
            testDescription: "the account itself",
            request: request(.message, Array("hello".utf8), path: path([(44, true), (60, true), (0, true)])),
            code: "wallet.path-not-shown", place: "derivation-path"),
        Refused(
            testDescription: "a hardened child",
            request: request(
                .message, Array("hello".utf8), path: path([(44, true), (60, true), (0, true), (0, false), (0, true)])),
            code: "wallet.path-not-shown", place: "derivation-path"),
        Refused(
            testDescription: "change",
            request: request(
                .message, Array("hello".utf8), path: path([(44, true), (60, true), (0, true), (1, false), (0, false)])),
            code: "wallet.path-not-shown", place: "derivation-path"),
        Refused(
            testDescription: "another address",
            request: request(
                .message, Array("hello".utf8), address: Address(known: "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")),
            code: "wallet.other-address", place: "REQUEST#address"),
        Refused(
            testDescription: "another chain", request: request(.typedTransaction, typedTransaction, chain: 1),
            code: "wallet.other-chain", place: "REQUEST#chain-id"),
        Refused(
            testDescription: "another chain by default",
            request: request(.typedTransaction, typedTransaction, chain: nil),
            code: "wallet.other-chain", place: "REQUEST#chain-id"),
        Refused(
            testDescription: "another chain of a legacy transaction",
            request: request(.legacyTransaction, legacyTransaction, chain: 1), code: "wallet.other-chain",
            place: "REQUEST#chain-id"),
        Refused(
            testDescription: "a typed transaction as a legacy one",
            request: request(.legacyTransaction, typedTransaction), code: "wallet.other-data-type",
            place: "REQUEST#data-type", exit: 10),
        Refused(
            testDescription: "typed data as a message", request: request(.message, Array(DescribeTests.permit.utf8)),
            code: "wallet.other-data-type", place: "REQUEST#data-type", exit: 10),
        Refused(
            testDescription: "a file of another kind as a message",
            request: request(.message, Array(SafePayment().transaction.utf8)), code: "wallet.other-data-type",
            place: "REQUEST#data-type", exit: 10),
        Refused(
            testDescription: "a text as typed data", request: request(.typedData, Array("I agree to this.".utf8)),
            code: "wallet.other-data-type", place: "REQUEST#data-type", exit: 10),
        Refused(
            testDescription: "a legacy transaction as a typed one",
            request: request(.typedTransaction, legacyTransaction), code: "wallet.other-data-type",
            place: "REQUEST#data-type"),
        Refused(
            testDescription: "a hash as a message",
            request: request(.message, Array("sign this text of 32 bytes, sir!".utf8)),
            code: "message.text-of-32-bytes"),
        Refused(
            testDescription: "an unknown type of data",
            request: UR(
                type: "eth-sign-request",
                .map([
                    CBOR.Field(2, .bytes([1])), CBOR.Field(3, .unsigned(5)),
                    CBOR.Field(5, .tagged(304, .map([CBOR.Field(1, .list([]))]))),
                ])
            ).text, code: "ur.unknown-data-type", place: "REQUEST#data-type"),
        Refused(
            testDescription: "another type of resource", request: UR(bytes: [1]).text, code: "ur.other-type",
            place: "REQUEST", exit: 65),
    ]

    private static let standard: [(UInt32, Bool)] = [(44, true), (60, true), (0, true), (0, false), (0, false)]

    @Test("is refused by name, and nothing is signed", arguments: refusals)
    func refused(refusal: Refused) throws {
        let workspace = try Self.workspace(refusal.request)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == refusal.exit)
        let error = try refusalDocument(outcome.out)["error"]
        #expect(error?["code"]?.string == refusal.code, "\(outcome.out)")
        if let place = refusal.place { #expect(error?["field"]?.string == place) }
        #expect(!workspace.files.keys.contains { $0.hasSuffix("ledger.jsonl") })
    }

    @Test("is refused where the account was never shown, and where the file holds another key")
    func otherKeys() throws {
        let request = Self.request(.message, Array("hello".utf8))
        let never = try Self.workspace(request, showing: false)
        never.set("--json")
        #expect(try refusalDocument(never.run().out)["error"]?["code"]?.string == "wallet.account-never-shown")
        let workspace = try Self.workspace(request)
        workspace.set("--json")
        workspace.write("pass", "another\n", mode: 0o600)
        workspace.set("--passphrase-file", "pass")
        #expect(try refusalDocument(workspace.run().out)["error"]?["code"]?.string == "wallet.other-key")
        workspace.set("-k", "key.hex")
        workspace.drop("--passphrase-file")
        #expect(try refusalDocument(workspace.run().out)["error"]?["code"]?.string == "wallet.no-mnemonic")
    }

    @Test("is judged by the policy like any request")
    func policy() throws {
        let workspace = try Self.workspace(Self.request(.typedTransaction, Self.typedTransaction))
        try workspace.edit("policy.json", "\"perPayment\":\"100\"", "\"perPayment\":\"4\"")
        workspace.set("--json")
        #expect(try refusalDocument(workspace.run().out)["error"]?["code"]?.string == "policy.over-payment-cap")
        let review = try Self.workspace(Self.request(.typedTransaction, Self.typedTransaction, address: Self.address))
        review.command = "review"
        review.drop("-k", "--passphrase-file", "--yes")
        let outcome = try review.run()
        #expect(outcome.exit == 0 && outcome.out.contains("5 USDC"), "\(outcome.err)\(outcome.out)")
    }

    @Test("comes from a scanner as parts, and its answer goes back as a code")
    func light() throws {
        let ur = try UR(Self.request(.typedTransaction, Self.typedTransaction))
        let encoder = FountainEncoder(ur, maximumFragment: 60)
        let workspace = try Self.workspace("request.ur")
        let lines = (2...12).map { encoder.part($0).text.uppercased() + "\n" }.joined()
        let scanned = try BuiltTool("airlock").run(
            ["scan", "-o", "request.ur"], in: workspace.path("."), input: .text(lines))
        #expect(scanned.exit == 0, "\(scanned.err)")
        workspace.set("-o", "words")
        #expect(try workspace.run().exit == 73)
        #expect(!workspace.files.keys.contains { $0.hasSuffix("ledger.jsonl") })
        workspace.set("--qr")
        workspace.set("-o", "answer.ur")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let answer = try workspace.content("answer.ur")
        if let code = try Screen(drawingIn: outcome.err).scanned() {
            #expect(try UR(code.split(separator: "\n")[0]).text + "\n" == answer)
        }
        #expect(try EthSignature(UR(answer.dropLast())).signature.count == 65)
    }
}
