import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockToolSupport
import Foundation
import Testing
import AirlockSamples

/// A Safe with the workspace's key as an owner, and a transaction of this Safe. A test can change the values of the
/// Safe and of the transaction.
struct SafePayment {
    static let safe = "0x1c694Fc3006D81ff4a56F97E1b99529066a23725"
    static let batches = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
    static let second = "0xc12F6A2D93C0788366FC91aeBf21b33CCCb0c0d8"

    var owners = ["\(SamplePayment.payer)", second]
    var version = "1.4.1"
    var more = ""
    var recipient = "\(SamplePayment().recipient)"
    var amount = "0000000000000000000000000000000000000000000000000000000000100590"
    var nonce = "71"

    var transaction: String {
        """
        {"airlock":1,"kind":"safe","chainId":"8453","safe":"\(Self.safe)","to":"\(SamplePayment.usdc)","value":"0",
        "data":"0xa9059cbb000000000000000000000000\(recipient.dropFirst(2))\(amount)","operation":"0","nonce":"\(nonce)"}
        """
    }

    func workspace() throws -> Workspace {
        let workspace = try Workspace()
        let owners = owners.map { "\"\($0)\":\"owner\"" }.joined(separator: ",")
        try workspace.edit(
            "policy.json", "\"recipients\"",
            """
            "safes":{"\(Self.safe)":{"name":"Treasury","version":"\(version)","owners":{\(owners)},"threshold":"2",\
            "delegateCalls":["\(Self.batches)"]\(more)}},"recipients"
            """)
        workspace.write("tx.json", transaction)
        workspace.operands = ["tx.json"]
        workspace.drop("-c")
        return workspace
    }

    /// The expected problems if the policy does not list the recipient, and the key is not an owner of the Safe.
    static let refusalsOfStrangers = [
        Refusal("policy.recipient-not-listed", "/to"),
        Refusal("safe.key-not-an-owner", "--policy"),
    ]

    /// Returns a file of the Safe Transaction Builder with this number of transfers of 0.01 USDC.
    static func batch(_ count: Int) -> String {
        let inputs = "[{\"name\":\"to\",\"type\":\"address\"},{\"name\":\"value\",\"type\":\"uint256\"}]"
        let call = """
            {"to":"\(SamplePayment.usdc)","value":"0","data":null,"contractMethod":{"inputs":\(inputs),"name":"transfer",
            "payable":false},"contractInputsValues":{"to":"\(SamplePayment().recipient)","value":"10000"}}
            """
        let calls = Array(repeating: call, count: count).joined(separator: ",")
        return "{\"version\":\"1.0\",\"chainId\":\"8453\",\"meta\":{\"name\":\"cents\"},\"transactions\":[\(calls)]}"
    }
}

@Suite("A Safe transaction, from its file to a signature")
struct SafeTests {
    private static func codes(_ outcome: Outcome) throws -> [String] {
        try Refusal.problems(in: outcome.out).map(\.code)
    }

    @Test("is reviewed, signed, signed again alike, and verified without a key")
    func signs() throws {
        let workspace = try SafePayment().workspace()
        let raw = try workspace.run()
        #expect(raw.exit == 0, "\(raw.err)")
        #expect(raw.err.contains("For the Safe Treasury (\(SafePayment.safe)) on"))
        #expect(raw.err.contains("pay 1.05 USDC to"))
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0 && workspace.entries.count == 1)
        let file = try JSONDocument(Array(workspace.content("signature.json").utf8)).root
        #expect(file["request"]?.string == "safe" && file["safe"]?.string == SafePayment.safe)
        #expect(file["nonce"]?.string == "71" && file["chainId"]?.string == "8453")
        #expect(file["signature"].map { "\($0.string ?? "")\n" } == raw.out)
        let verified = try workspace.tool("verify", "signature.json", "--request", "tx.json", "--policy", "policy.json")
        #expect(verified.exit == 0, "\(verified.err)")
        #expect(
            try workspace.tool("verify", "tx.json", "--policy", "policy.json", "--now", SamplePayment.now).exit == 0)
        workspace.write("other.json", SafePayment(nonce: "72").transaction)
        let other = try workspace.tool(
            "verify", "signature.json", "--request", "other.json", "--policy", "policy.json", "--json")
        #expect(other.exit == 10)
        #expect(try Self.codes(other) == ["signature.other-message"])
    }

    @Test("says in both cases of letters what a device shows, and in JSON what a script compares")
    func hashes() throws {
        let workspace = try SafePayment().workspace()
        let review = try workspace.tool(
            "review", "tx.json", "--policy", "policy.json", "--now", SamplePayment.now, "--json")
        let json = try #require(try document(review.out)["review"])
        let hash = try #require(json["safeTxHash"]?.string)
        #expect(json["calls"]?.elements?.count == 1 && json["kind"]?.string == "safe")
        let text = try workspace.tool("review", "tx.json", "--policy", "policy.json", "--now", SamplePayment.now)
        #expect(text.exit == 0 && text.out.contains(hash) && text.out.contains(hash.dropFirst(2).uppercased()))
        #expect(text.out.contains("missing      2 of 2 that must sign"))
    }

    @Test("is signed once for a nonce of the Safe, by whatever owner, unless it is named that it replaces")
    func once() throws {
        let workspace = try SafePayment(owners: ["\(SamplePayment.payer)", "\(try SafeTests.stranger)"]).workspace()
        #expect(try workspace.run().exit == 0)
        let hash = try #require(
            try workspace.entries.first.map { try JSONDocument(Array($0.utf8)).root }?["transactions"]?.elements?[0][
                "hash"]?
                .string)
        // Another owner of the Safe signs the same transaction, with the same ledger. The ledger counts the transaction
        // only once.
        workspace.write("other.hex", SamplePayment.strangerKey, mode: 0o600)
        workspace.set("-k", "other.hex")
        #expect(try workspace.run().exit == 0)
        #expect(workspace.entries.count == 1)
        let other = SafePayment(amount: "0000000000000000000000000000000000000000000000000000000000100591")
        workspace.write("tx.json", other.transaction)
        workspace.set("--json")
        let refused = try workspace.run()
        #expect(refused.exit == 10)
        #expect(try Self.codes(refused) == ["ledger.nonce-already-signed"])
        workspace.set("--replace", hash)
        #expect(try workspace.run().exit == 0)
    }

    static var stranger: Address {
        get throws {
            let workspace = try Workspace()
            workspace.write("other.hex", SamplePayment.strangerKey, mode: 0o600)
            let outcome = try workspace.tool("key", "address", "other.hex")
            return try Address(outcome.out.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    @Test("is refused to a key that is no owner's, and all else that is wrong with it is said too")
    func refused() throws {
        let workspace = try SafePayment(owners: [SafePayment.second, SafePayment.batches]).workspace()
        workspace.write("tx.json", SafePayment(recipient: SafePayment.second).transaction)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(try Refusal.problems(in: outcome.out) == SafePayment.refusalsOfStrangers)
        #expect(workspace.entries.isEmpty)
    }

    @Test(
        "that took a Safe in 2025 is refused with the delegate call first, under the right version and a wrong one",
        arguments: ["1.1.1", "1.4.1"])
    func hostile(version: String) throws {
        let workspace = try Workspace()
        workspace.operands = ["tx.json"]
        workspace.drop("-c")
        let owners = [
            "0x1F4EB0a903619ac168b19A82F1a6e2e426522211", "0x3Cc3A225769900e003E264dd4CB43E90896BC21A",
            "0xe3dF2cCEAc61B1aFA311372ecC5B40A3A6585a9E",
        ]
        let signatures = [
            "0xd0afef78a52fd504479dc2af3dc401334762cbd05609c7ac18db9ec5abf4a07a5cc09fc86efd3489707b89b0c729faed616459189cb50084f208d03b201b001f1f",
            "0x0f62ad358d6b319d3c1221d44456080068fe02ae5b1a39b4afb1e6721ca7f9903ac523a801533f265231cd35fc2dfddc3bd9a9563b51315cf9d5ff23dc6d2c221f",
            "0xdf9e4b878877a8dbeee951a4a31ddbf1d3b71e127d5eda44b4730030114baba52e06dd23da37cd2a07a6e84f9950db867374a0f77558f42adf4409bfd569673c1f",
        ]
        let confirmations = zip(owners, signatures).map { "{\"owner\":\"\($0)\",\"signature\":\"\($1)\"}" }
        workspace.write(
            "tx.json",
            """
            {"safe":"0x1Db92e2EeBC8E0c075a02BeA49a2935BcD2dFCF4","to":"0x96221423681A6d52E184D440a8eFCEbB105C7242",
            "value":"0","data":"0xa9059cbb000000000000000000000000bdd077f651ebe7f7b3ce16fe5f2b025be29695160000000000000000000000000000000000000000000000000000000000000000",
            "operation":1,"safeTxGas":45746,"baseGas":0,"gasPrice":"0","gasToken":"0x0000000000000000000000000000000000000000",
            "refundReceiver":"0x0000000000000000000000000000000000000000","nonce":71,
            "safeTxHash":"0xb3476d061aeb8fc1d605a873c483a2402d88a68a9cdd1a8b47655dd55ba004f8",
            "dataDecoded":{"method":"transfer","parameters":[]},"confirmations":[\(confirmations.joined(separator: ","))]}
            """)
        let named = (owners + ["\(SamplePayment.payer)"]).map { "\"\($0)\":\"signer\"" }.joined(separator: ",")
        workspace.write(
            "policy.json",
            """
            {"airlock":1,"kind":"policy","chains":{"1":{"recipients":{},"currencies":{},"safes":{
            "0x1Db92e2EeBC8E0c075a02BeA49a2935BcD2dFCF4":{"name":"Cold wallet","version":"\(version)","owners":{\(named)},
            "threshold":"3","delegateCalls":["0x40A2aCCbd92BCA938b02010E17A5b8929b49130D"]}}}}}
            """)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        let codes = try Self.codes(outcome)
        #expect(
            codes
                == (version == "1.1.1"
                    ? ["safe.delegate-call"]
                    : ["safe.delegate-call", "safe.other-hash"]
                        + Array(repeating: "safe.confirmation-of-another", count: 3)))
        workspace.drop("--json", "-k", "--yes")
        workspace.command = "review"
        let review = try workspace.run()
        #expect(
            review.exit == 10
                && review.out.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(
                    "let the code of 0x96221423681A6d52E184D440a8eFCEbB105C7242 do anything with it")
        )
    }

    @Test("as a batch is the Safe's that is named, and capped over all of its calls")
    func batch() throws {
        let workspace = try SafePayment().workspace()
        workspace.write("tx.json", SafePayment.batch(200))
        workspace.set("--json")
        var outcome = try workspace.run()
        #expect(outcome.exit == 64)
        #expect(
            try Self.codes(outcome) == [
                "safe.safe-not-named", "safe.chain-not-known", "safe.version-not-known", "safe.nonce-not-named",
            ] || Self.codes(outcome).first == "safe.safe-not-named")
        workspace.set("--safe", SafePayment.safe)
        outcome = try workspace.run()
        #expect(try Self.codes(outcome) == ["safe.nonce-not-named"])
        workspace.set("--safe-nonce", "5")
        let clock = ContinuousClock()
        let started = clock.now
        outcome = try workspace.run()
        print("a batch of 200 calls: \(clock.now - started)")
        #expect(outcome.exit == 0, "\(outcome.out)")
        #expect(outcome.err.contains("make 200 calls, which move 2 USDC"))
        #expect(outcome.err.contains("call 200     pay 0.01 USDC to"))
        try workspace.edit(
            "policy.json", "\"symbol\":\"USDC\",\"decimals\":\"6\",\"perPayment\":\"100\"",
            "\"symbol\":\"USDC\",\"decimals\":\"6\",\"perPayment\":\"1.99\"")
        workspace.set("--safe-nonce", "6")
        outcome = try workspace.run()
        #expect(
            try Refusal.problems(in: outcome.out) == [.init("policy.over-payment-cap", "/transactions")])
        try workspace.edit("policy.json", "\"perPayment\":\"1.99\"", "\"perPayment\":\"100\"")
        workspace.write("tx.json", SafePayment.batch(900))
        #expect(try Self.codes(workspace.run()) == ["blind.too-long"], "nobody reads so much")
        workspace.write("tx.json", "{\"version\":\"1.0\",\"chainId\":\"8453\",\"transactions\":[]}")
        #expect(try Self.codes(workspace.run()) == ["safe.empty-batch"])
    }

    @Test("counts in the cap of a day for its Safe, and not for the owner who signs")
    func day() throws {
        let workspace = try SafePayment().workspace()
        try workspace.edit(
            "policy.json", "\"decimals\":\"6\",\"perPayment\":\"100\"",
            "\"decimals\":\"6\",\"perPayment\":\"100\",\"perDay\":\"1.5\"")
        #expect(try workspace.run().exit == 0)
        workspace.operands = ["charge.json"]
        workspace.set("-c", "conditions.json")
        let own = try workspace.run()
        #expect(own.exit == 0, "\(own.err)")
        workspace.operands = ["tx.json"]
        workspace.drop("-c")
        workspace.write("tx.json", SafePayment(nonce: "72").transaction)
        workspace.set("--json")
        #expect(try Refusal.problems(in: workspace.run().out) == [.init("policy.over-day-cap", "/data")])
        #expect(workspace.entries.count == 2)
    }

    @Test("of a call that is nothing, and of two Safes in a policy, is refused by name")
    func odd() throws {
        let workspace = try SafePayment().workspace()
        workspace.write("tx.json", SafePayment().transaction.replacing(/"data":"[^"]*"/, with: "\"data\":\"0x12\""))
        workspace.set("--json")
        #expect(try Self.codes(workspace.run()) == ["safe.call-not-read"])
        try workspace.edit(
            "policy.json", "\"safes\":{",
            "\"safes\":{\"\(SafePayment.safe)\":{\"name\":\"a\",\"version\":\"1.3.0\",\"owners\":{\"\(SafePayment.second)\":\"b\"},\"threshold\":\"1\"},"
        )
        let twice = try workspace.run()
        #expect(twice.exit == 78)
    }

    @Test(
        "takes no option that is of other requests, and other requests take none of its own",
        arguments: [
            ["--nonce", "1"], ["--gas", "1"], ["-c", "conditions.json"], ["--rungs", "2"], ["--cancel"], ["--approve"],
        ])
    func useless(words: [String]) throws {
        let workspace = try SafePayment().workspace()
        workspace.set(words[0], words.count > 1 ? words[1] : nil)
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 64)
        #expect(try Self.codes(outcome) == ["request.option-without-effect"])
        let charge = try Workspace()
        charge.set("--safe-nonce", "1")
        charge.set("--json")
        #expect(try Self.codes(charge.run()) == ["request.option-without-effect"])
    }

    @Test("is compared with its signature only if it has no problem itself, and its options are of no use without it")
    func compared() throws {
        let workspace = try SafePayment().workspace()
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        let verify = ["verify", "signature.json", "--policy", "policy.json", "--json"]
        let cases = [
            (["--safe-version", "1.1.1"], "safe.other-version"), (["--safe", SafePayment.second], "safe.other-safe"),
            (["--safe-nonce", "72"], "safe.other-nonce"),
        ]
        for (options, code) in cases {
            let refused = try workspace.tool(verify + ["--request", "tx.json"] + options)
            #expect(try refused.exit == 10 && Self.codes(refused) == [code], "\(options)")
            let useless = try workspace.tool(verify + options)
            #expect(try useless.exit == 64 && Self.codes(useless) == ["request.option-without-effect"], "\(options)")
        }
        workspace.write("message.txt", "hello")
        for file in ["charge.json", "message.txt"] {
            let useless = try workspace.tool("verify", file, "--safe-nonce", "71", "--json")
            #expect(try useless.exit == 64 && Self.codes(useless) == ["request.option-without-effect"], "\(file)")
        }
    }

    @Test("as a batch with a wrong checksum is compared with its signature only with --any-checksum")
    func comparedChecksum() throws {
        let workspace = try SafePayment().workspace()
        let wrong = "\"checksum\":\"0x\(String(repeating: "1", count: 64))\""
        workspace.write(
            "tx.json", SafePayment.batch(1).replacing("\"name\":\"cents\"", with: "\"name\":\"cents\",\(wrong)"))
        workspace.set("--safe", SafePayment.safe)
        workspace.set("--safe-nonce", "5")
        workspace.set("--any-checksum")
        workspace.set("-o", "signature.json")
        let signed = try workspace.run()
        #expect(signed.exit == 0, "\(signed.err)")
        let verify = [
            "verify", "signature.json", "--request", "tx.json", "--policy", "policy.json", "--safe", SafePayment.safe,
            "--safe-nonce", "5", "--json",
        ]
        let refused = try workspace.tool(verify)
        #expect(refused.exit == 10)
        #expect(try Refusal.problems(in: refused.out) == [.init("safe.wrong-checksum", "/meta/checksum")])
        #expect(try workspace.tool(verify + ["--any-checksum"]).exit == 0)
    }

    @Test("is described without a policy: by chain and version with its hash, and else by its message hash")
    func described() throws {
        let workspace = try SafePayment().workspace()
        let bare = try workspace.tool("describe", "tx.json", "--json")
        #expect(bare.exit == 0, "\(bare.out)")
        let json = try document(bare.out)
        #expect(json["safeTxHash"] == nil && json["messageHash"]?.string != nil && json["kind"]?.string == "safe")
        #expect(json["fields"]?.elements?.count == 10)
        let whole = try document(workspace.tool("describe", "tx.json", "--safe-version", "1.4.1", "--json").out)
        #expect(whole["safeTxHash"]?.string != nil && whole["messageHash"]?.string == json["messageHash"]?.string)
        #expect(try workspace.tool("describe", "tx.json").out.contains("read as: Safe transaction (file)"))
    }

    /// A Safe transaction as typed data whose domain names no chain, with this name of the field `baseGas`.
    private static func typedData(gas: String) -> String {
        let types = [
            "address to", "uint256 value", "bytes data", "uint8 operation", "uint256 safeTxGas", "uint256 \(gas)",
            "uint256 gasPrice", "address gasToken", "address refundReceiver", "uint256 nonce",
        ].map { $0.split(separator: " ") }
        let members = types.map { "{\"type\":\"\($0[0])\",\"name\":\"\($0[1])\"}" }.joined(separator: ",")
        let zero = "0x0000000000000000000000000000000000000000"
        return """
            {"types":{"EIP712Domain":[{"name":"verifyingContract","type":"address"}],"SafeTx":[\(members)]},
            "primaryType":"SafeTx","domain":{"verifyingContract":"\(SafePayment.safe)"},
            "message":{"to":"0x5eA054aEea285Ebc3A92eCB1f722f44304F72581","value":"1","data":"0x","operation":"0",
            "safeTxGas":"0","\(gas)":"0","gasPrice":"0","gasToken":"\(zero)","refundReceiver":"\(zero)","nonce":"3"}}
            """
    }

    @Test(
        "as typed data is described with the hash of its own fields, and without a version that nobody named",
        arguments: [
            ("baseGas", "0x3796d4b71545e01da9cb93ee0c46991c7eba18e98af4cb202081977c2bc1c280"),
            ("dataGas", "0x0bd02210d3d30b7e1ddbe4902f912f26c32b91e86879d8a9ba86131bad67dc71"),
        ])
    func describedTypedData(gas: String, hash: String) throws {
        let workspace = try Workspace()
        let warnings = [
            "before version 1.3.0 the nonce is used up where the call fails",
            "before version 1.3.0 the hash names no chain: a signature is valid on every chain with this Safe",
        ]
        workspace.write("tx.json", Self.typedData(gas: gas))
        let json = try document(workspace.tool("describe", "tx.json", "--json").out)
        #expect(json["messageHash"]?.string == hash && json["safeTxHash"] == nil)
        #expect(json["warnings"]?.elements?.compactMap(\.string) == warnings)
        // No version has both the field `dataGas` and a domain with a chain.
        try workspace.edit(
            "tx.json", "\"EIP712Domain\":[", "\"EIP712Domain\":[{\"name\":\"chainId\",\"type\":\"uint256\"},")
        try workspace.edit("tx.json", "\"domain\":{", "\"domain\":{\"chainId\":\"8453\",")
        let onChain = try document(workspace.tool("describe", "tx.json", "--json").out)
        #expect(onChain["messageHash"]?.string == hash)
        let mismatches = onChain["warnings"]?.elements?.count { $0.string?.contains("another version") == true }
        #expect(mismatches == (gas == "dataGas" ? 1 : 0))
    }

    @Test("is refused by describe where a descriptor forbids a value in one of its calls")
    func forbidden() throws {
        let workspace = try SafePayment().workspace()
        workspace.folder("words")
        workspace.write(
            "words/calldata-usdc.json",
            """
            {"$schema":"erc7730-v2.schema.json","context":{"contract":{"deployments":[
            {"chainId":8453,"address":"\(SamplePayment.usdc)"}]}},"metadata":{"owner":"C"},"display":{"formats":{
            "transfer(address to,uint256 value)":{"intent":"Send","fields":[
            {"path":"to","label":"To","visible":{"mustMatch":["\(SafePayment.second)"]}},{"path":"value","label":"Value"}]}}}}
            """)
        let command = ["describe", "tx.json", "--descriptors", "words"]
        let shown = try workspace.tool(command + ["--json"])
        #expect(shown.exit == 10)
        #expect(try Refusal.problems(in: shown.out).map(\.code) == ["descriptor.must-match"])
        #expect(try workspace.tool(command).exit == 10)
        try workspace.edit("words/calldata-usdc.json", SafePayment.second, "\(SamplePayment().recipient)")
        #expect(try workspace.tool(command).exit == 0)
    }

    @Test("has a signature that is compared with it on a machine without a policy, too")
    func comparedWithoutPolicy() throws {
        let workspace = try SafePayment().workspace()
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        let command = ["verify", "signature.json", "--request", "tx.json", "--safe-version", "1.4.1"]
        #expect(try workspace.tool(command).exit == 0)
        let other = try Workspace()
        let unlisted = try workspace.tool(command + ["--policy", other.path("policy.json"), "--json"])
        #expect(try Refusal.problems(in: unlisted.out).map(\.code) == ["policy.safe-not-listed"])
    }

    @Test("of another chain than --chain names is refused by every check, and described with a warning")
    func otherChain() throws {
        let workspace = try SafePayment().workspace()
        workspace.set("-o", "signature.json")
        #expect(try workspace.run().exit == 0)
        for words in [
            ["review", "tx.json", "--now", SamplePayment.now], ["verify", "tx.json", "--now", SamplePayment.now],
            ["verify", "signature.json", "--request", "tx.json"],
        ] {
            let command = words + ["--policy", "policy.json", "--json", "--chain"]
            #expect(try workspace.tool(command + ["base"]).exit == 0)
            let other = try workspace.tool(command + ["ethereum"])
            #expect(other.exit == 10)
            #expect(try Refusal.problems(in: other.out) == [.init("conditions.other-chain", "--chain")])
        }
        let warning = "the chain is not the request's; saw ethereum (1); expected base (8453)"
        for more in [[], ["--safe-version", "1.4.1"], ["--policy", "policy.json"]] as [[String]] {
            let command = ["describe", "tx.json", "--json"] + more
            let other = try document(workspace.tool(command + ["--chain", "ethereum"]).out)
            #expect(other["warnings"]?.elements?.contains { $0.string == warning } == true)
            let same = try document(workspace.tool(command + ["--chain", "base"]).out)
            #expect(same["warnings"]?.elements?.contains { $0.string == warning } == false)
        }
    }

    @Test("is asked for at a terminal, with the digits of each recipient that no policy pins")
    func asked() throws {
        let workspace = try SafePayment().workspace()
        try workspace.edit("policy.json", "\"recipients\":{\"\(SamplePayment().recipient)\":\"Example shop\"},", "")
        #expect(try workspace.run().exit == 10, "--yes is not enough")
        workspace.drop("--yes")
        let terminal = try workspace.atTerminal()
        try terminal.wait(for: "Type the last six digits of the address to sign: ")
        terminal.type("\("\(SamplePayment().recipient)".suffix(6))\n")
        #expect(try terminal.finish().exit == 0)
    }

    @Test("is named where another file is expected, and takes its options only by itself")
    func elsewhere() throws {
        let workspace = try SafePayment().workspace()
        workspace.write("batch.json", SafePayment.batch(1))
        workspace.operands = ["charge.json"]
        workspace.set("--json")
        for name in ["tx.json", "batch.json"] {
            workspace.set("-c", name)
            let outcome = try workspace.run()
            #expect(
                outcome.exit == 65
                    && outcome.out.contains("\(name) is a Safe transaction; a conditions file is expected"))
            #expect(
                try workspace.tool("policy", "check", name).err.contains(
                    "is a Safe transaction; a policy file is expected"))
        }
        workspace.drop("-c")
        workspace.folder("requests")
        workspace.write("requests/tx.json", SafePayment().transaction)
        workspace.operands = ["requests"]
        workspace.set("-o", "signed")
        #expect(try workspace.run().out.contains("a Safe transaction is signed on its own"))
        for words in [["--approve-hash"], ["--safe", SafePayment.safe], ["--owner-safe", SafePayment.safe]] {
            workspace.set(words[0], words.count > 1 ? words[1] : nil)
            #expect(try Self.codes(workspace.run()) == ["usage.conflicting-options"])
            workspace.drop(words[0])
        }
    }

    @Test("in a batch of requests is named as what it is")
    func lines() throws {
        let workspace = try SafePayment().workspace()
        workspace.operands = []
        workspace.set("--lines")
        workspace.drop("--yes", "--now")
        workspace.input = .text("{\"request\":\(SafePayment().transaction.replacing("\n", with: ""))}\n")
        let outcome = try workspace.run()
        #expect(outcome.exit == 10 && outcome.out.contains("request.unknown-kind"))
    }
}
