import AirlockEthereumTypes
import Foundation
import AirlockStrictJSON
import Testing
import AirlockToolSupport
import AirlockSamples

extension Workspace {
    /// Writes a transfer file from the sample payer to the shop, with some members changed.
    fileprivate func transfer(_ change: (inout [(String, String?)]) -> Void = { _ in }) {
        var members: [(String, String?)] = [
            ("airlock", "1"), ("kind", "\"transfer\""), ("chainId", "\"8453\""),
            ("from", "\"\(SamplePayment.payer)\""), ("to", "\"\(SamplePayment().recipient)\""),
            ("token", "\"\(SamplePayment.usdc)\""), ("amount", "\"1050000\""), ("reference", "\"invoice 7\""),
            ("expires", "\"2026-03-11T08:30:49Z\""),
        ]
        change(&members)
        let text = members.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }.joined(separator: ",")
        write("transfer.json", "{\(text)}")
        operands = ["transfer.json"]
    }

    /// Signs typed data blind with the payer's key, and returns the signature.
    fileprivate func signBlind(_ file: String) throws -> String {
        let outcome = try BuiltTool("airlock").run(
            [
                "typed-data", "sign", path(file), "-k", path("key.hex"), "--blind", "--yes", "--ledger",
                path("blind.jsonl"),
            ], in: "/", environment: environment)
        return String(outcome.out.dropLast())
    }

    fileprivate static func set(_ name: String, _ value: String?, in members: inout [(String, String?)]) {
        members.removeAll { $0.0 == name }
        members.append((name, value))
    }
}

@Suite("A transfer that is signed")
struct TransferTests {
    private static let token = SamplePayment.usdc
    private static let shop = SamplePayment().recipient

    @Test("of a token calls the token, with exactly the recipient and the amount, and verifies")
    func inToken() throws {
        let workspace = try Workspace()
        workspace.transfer()
        workspace.set("-o", "payment.json")
        let outcome = try workspace.run()
        #expect(outcome.exit == 0, "\(outcome.err)")
        let words = outcome.err.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("Pay 1.05 USDC on base (8453) to Example shop (\(Self.shop)),"))
        #expect(words.contains("transfer invoice 7"))
        let payment = try JSONDocument(Array(workspace.content("payment.json").utf8)).root
        #expect(payment["request"]?["kind"]?.string == "transfer")
        #expect(payment["request"]?["reference"]?.string == "invoice 7" && payment["chargeId"] == nil)
        let raw = try #require(payment["transactions"]?[0]?["raw"]?.string)
        let shown = try document(BuiltTool("airlock").run(["inspect", raw, "--json"], in: "/").out)
        #expect(shown["to"]?.string == "\(Self.token)" && shown["value"]?.string == "0")
        let digits = { (address: Address) in String("\(address)".lowercased().dropFirst(2)) }
        #expect(
            shown["data"]?.string
                == "0xa9059cbb" + String(repeating: "0", count: 24) + digits(Self.shop)
                + "\(UInt256(1_050_000).word)".dropFirst(2))

        // If the same transfer is signed again, the payment file is the same.
        let before = try workspace.content("payment.json")
        #expect(try workspace.run().exit == 0)
        #expect(try workspace.content("payment.json") == before)
        workspace.judge("payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.judge("transfer.json")
        #expect(try workspace.run().exit == 0)
        // The key that identifies the request is computed from the reference. If the reference in the payment file is
        // changed, it no longer matches this key, so the file is refused.
        try workspace.edit("payment.json", "\"reference\":\"invoice 7\"", "\"reference\":\"invoice 8\"")
        workspace.judge("payment.json")
        #expect(try workspace.run().exit == 10)
    }

    @Test("of native currency is asked for by a URI too, in a file or as the operand itself")
    func native() throws {
        let uri = "ethereum:\(Self.shop)@8453?value=4.2e14"
        for isFile in [true, false] {
            let workspace = try Workspace()
            workspace.write("uri.txt", uri + "\n")
            workspace.operands = [isFile ? "uri.txt" : uri]
            workspace.set("--json")
            let outcome = try workspace.run()
            #expect(outcome.exit == 0, "\(outcome.err)")
            let raw = try #require(document(outcome.out)["payment"]?["transactions"]?[0]?["raw"]?.string)
            let shown = try document(BuiltTool("airlock").run(["inspect", raw, "--json"], in: "/").out)
            #expect(shown["to"]?.string == "\(Self.shop)" && shown["value"]?.string == "420000000000000")
            #expect(shown["data"]?.string == "0x")
        }
    }

    @Test("is the same request with another amount, which the ledger refuses, and another with another reference")
    func twice() throws {
        let workspace = try Workspace()
        workspace.transfer()
        workspace.set("--raw")
        let first = try workspace.run()
        #expect(first.exit == 0, "\(first.err)")
        workspace.transfer { Workspace.set("amount", "\"1050001\"", in: &$0) }
        workspace.set("--nonce", "8")
        #expect(try workspace.run().exit == 10)
        workspace.transfer { Workspace.set("reference", "\"invoice 8\"", in: &$0) }
        let other = try workspace.run()
        #expect(other.exit == 0, "\(other.err)")
        // Without a reference, the same transfer with another nonce is the same request. With --reference, it is
        // another request.
        workspace.transfer { Workspace.set("reference", nil, in: &$0) }
        workspace.set("--nonce", "9")
        #expect(try workspace.run().exit == 0)
        workspace.set("--nonce", "10")
        #expect(try workspace.run().exit == 10)
        workspace.set("--reference", "the second one")
        #expect(try workspace.run().exit == 0)
    }

    @Test("names the requester by a signature over typed data, and warns where no policy lists who may ask")
    func requester() throws {
        let workspace = try Workspace()
        func type(_ name: String, _ members: [(String, String)]) -> String {
            let members = members.map { "{\"name\":\"\($0.0)\",\"type\":\"\($0.1)\"}" }.joined(separator: ",")
            return "\"\(name)\":[\(members)]"
        }
        let domain = type("EIP712Domain", [("name", "string"), ("version", "string")])
        let request = type(
            "PaymentRequest",
            [
                ("chainId", "uint256"), ("payer", "address"), ("payee", "address"), ("token", "address"),
                ("amount", "uint256"), ("reference", "string"), ("expires", "uint256"),
            ])
        workspace.write(
            "request.json",
            """
            {"types":{\(domain),\(request)},"primaryType":"PaymentRequest",\
            "domain":{"name":"Airlock payment request","version":"1"},"message":{"chainId":"8453",\
            "payer":"\(SamplePayment.payer)","payee":"\(Self.shop)","token":"\(Self.token)","amount":"1050000",\
            "reference":"","expires":"0"}}
            """)
        let signature = try workspace.signBlind("request.json")
        func ask() {
            workspace.transfer {
                Workspace.set("reference", nil, in: &$0)
                Workspace.set("expires", nil, in: &$0)
                Workspace.set("requester", "\"\(SamplePayment.payer)\"", in: &$0)
                Workspace.set("signature", "\"\(signature)\"", in: &$0)
            }
        }
        ask()
        let open = try workspace.run()
        #expect(open.exit == 0 && open.err.contains("no policy lists the requester"), "\(open.err)")
        workspace.set("--reference", "another")
        let other = try workspace.run()
        #expect(other.exit == 64 && other.err.contains("the requester signed the request without one"), "\(other.err)")
        workspace.drop("--reference")
        try workspace.edit(
            "policy.json", "\"contracts\"", "\"requesters\":{\"\(SamplePayment.payer)\":\"Ann\"},\"contracts\"")
        let listed = try workspace.run()
        #expect(listed.exit == 0 && !listed.err.contains("no policy lists the requester"))
        #expect(
            listed.err.split { $0.isWhitespace }.joined(separator: " ").contains("requester Ann \(SamplePayment.payer)")
        )
    }

    @Test("is never signed with a second nonce, which could be mined too, whatever is replaced")
    func otherNonce() throws {
        let workspace = try Workspace()
        workspace.set("--json")
        func run(nonce: String, _ reference: String, replacing hash: String?) throws -> (exit: Int32, said: String) {
            workspace.transfer { Workspace.set("reference", "\"\(reference)\"", in: &$0) }
            workspace.drop("--replace")
            workspace.drop("--nonce")
            workspace.set("--nonce", nonce)
            if let hash { workspace.set("--replace", hash) }
            let outcome = try workspace.run()
            return (outcome.exit, outcome.out + outcome.err)
        }
        func last() throws -> String {
            let entry = try #require(workspace.entries.last)
            let match = try #require(entry.firstMatch(of: /"hash":"(0x[0-9a-f]{64})"}\]/))
            return String(match.1)
        }
        #expect(try run(nonce: "7", "invoice 7", replacing: nil).exit == 0)
        let first = try last()
        let again = try run(nonce: "8", "invoice 7", replacing: first)
        #expect(again.exit == 10 && again.said.contains("ledger.signed-with-other-nonce"), "\(again.said)")
        // The transaction of invoice 8 now replaces that of invoice 7 at nonce 7. Invoice 7 is still refused with nonce
        // 8, because Airlock does not know which of the two transactions with nonce 7 was mined.
        #expect(try run(nonce: "7", "invoice 8", replacing: first).exit == 0)
        let freed = try run(nonce: "8", "invoice 7", replacing: nil)
        #expect(freed.exit == 10 && freed.said.contains("ledger.signed-with-other-nonce"), "\(freed.said)")
        // With nonce 7, invoice 7 can be signed again. Its transaction then replaces the transaction of invoice 8.
        #expect(try run(nonce: "7", "invoice 7", replacing: last()).exit == 0)
    }

    @Test("without a nonce is refused for the missing value alone, even if it was signed before")
    func noNonce() throws {
        let workspace = try Workspace()
        workspace.transfer()
        #expect(try workspace.run().exit == 0)
        try workspace.edit("conditions.json", "\"nonce\":\"7\",", "")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(try Refusal.problems(in: outcome.out).map(\.code) == ["sign.missing-value"], "\(outcome.out)")
    }

    @Test("with the nonce of another payment is refused, and the hint says first how to sign both")
    func usedNonce() throws {
        let workspace = try Workspace()
        workspace.transfer()
        #expect(try workspace.run().exit == 0)
        workspace.transfer { Workspace.set("reference", "\"invoice 8\"", in: &$0) }
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        #expect(
            outcome.err.contains("hint: to sign both, send the first, then prepare again for the next nonce; only if"),
            "\(outcome.err)")
    }

    @Test("that has expired is not verified, since nothing on the chain refuses it")
    func late() throws {
        let workspace = try Workspace()
        workspace.transfer()
        workspace.set("-o", "payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.judge("payment.json")
        #expect(try workspace.run().exit == 0)
        workspace.set("--now", "2027-01-01T00:00:00Z")
        let outcome = try workspace.run()
        #expect(
            outcome.exit == 10 && (outcome.out + outcome.err).contains("nothing on the chain refuses it"),
            "\(outcome.err)")
    }

    @Test("is refused, and nothing signed", arguments: refusals)
    func refused(refusal: RefusedRun) throws { try refusal.check() }

    private static func altered(
        _ name: String, _ exit: Int32, _ code: String, _ member: String, _ value: String?, at place: String? = nil
    ) -> RefusedRun {
        RefusedRun("with \(name)", exit, [code: place ?? "/\(member)"]) { workspace in
            workspace.transfer { Workspace.set(member, value, in: &$0) }
        }
    }

    private static let refusals = [
        RefusedRun("with another chain", 10, ["policy.chain-not-listed": "/chainId"]) { workspace in
            workspace.transfer { Workspace.set("chainId", "\"1\"", in: &$0) }
            workspace.drop("-c")
            for option in ["--gas", "--max-fee", "--priority-fee"] { workspace.set(option, "100000") }
            workspace.set("--nonce", "7")
        },
        altered(
            "a recipient that is not listed", 10, "policy.recipient-not-listed", "to", "\"\(SamplePayment.operator)\""),
        altered("the payer as the recipient", 10, "transfer.to-the-payer", "to", "\"\(SamplePayment.payer)\""),
        altered("the token as the recipient", 10, "transfer.to-the-token", "to", "\"\(SamplePayment.usdc)\""),
        RefusedRun(
            "with a token that is not listed", 10,
            ["policy.currency-not-listed": "/token", "conditions.other-token": "/token/address"]
        ) { workspace in
            workspace.transfer { Workspace.set("token", "\"\(SamplePayment.operator)\"", in: &$0) }
        },
        altered("nothing", 65, "transfer.zero-amount", "amount", "\"0\""),
        RefusedRun(
            "with too much", 10,
            ["policy.over-payment-cap": "/amount", "money.token-balance-too-low": "/token/balance"]
        ) { workspace in
            workspace.transfer { Workspace.set("amount", "\"100000001\"", in: &$0) }
        },
        altered("more than there is", 10, "money.token-balance-too-low", "amount", "\"5000001\"", at: "/token/balance"),
        altered("a deadline that is past", 10, "transfer.expired", "expires", "\"2026-03-10T08:30:48Z\""),
        RefusedRun(
            "with another payer", 10, ["conditions.other-sender": "/sender", "key.not-the-payer": "/from"]
        ) { workspace in
            workspace.transfer { Workspace.set("from", "\"\(SamplePayment.operator)\"", in: &$0) }
        },
        altered(
            "no requester", 65, "transfer.null-requester", "requester",
            "\"\(Address.zero)\",\"signature\":\"0x\(String(repeating: "11", count: 65))\""),
        altered("a member that is unknown", 65, "json.unknown-field", "memo", "\"x\""),
        altered(
            "a requester alone", 65, "transfer.requester-without-signature", "requester",
            "\"\(SamplePayment.operator)\""),
        altered("another kind", 65, "request.unknown-kind", "kind", "\"staking\""),
        altered("no kind that is known", 65, "request.unknown-kind", "kind", "\"invoice\""),
        RefusedRun("with a method of another kind", 64, ["usage.invalid-value": "--method"]) { workspace in
            workspace.transfer()
            workspace.set("-m", "transferNative")
        },
        RefusedRun("with an approval", 64, ["request.option-without-effect": "--approve"]) { workspace in
            workspace.transfer()
            workspace.set("--approve")
        },
        RefusedRun("with a second reference", 64, ["request.option-without-effect": "--reference"]) { workspace in
            workspace.transfer()
            workspace.set("--reference", "x")
        },
        RefusedRun("without a requester, where the policy lists some", 10, ["policy.requester-not-listed": "/from"]) {
            workspace in
            workspace.transfer()
            try workspace.edit(
                "policy.json", "\"contracts\"", "\"requesters\":{\"\(SamplePayment.operator)\":\"Ann\"},\"contracts\"")
        },
        altered("blanks that cannot be seen", 65, "transfer.reference-blanks", "reference", "\"x  y \""),
        RefusedRun("with conditions of a charge", 10, ["conditions.other-method": "/method"]) { workspace in
            workspace.transfer()
            try workspace.edit("conditions.json", "\"chainId\"", "\"method\":\"subsidizedTransferToken\",\"chainId\"")
        },
        RefusedRun("by a URI without a chain", 65, ["uri.no-chain": "chain id"]) { workspace in
            workspace.operands = ["ethereum:\(SamplePayment().recipient)?value=1"]
        },
    ]

    @Test("names nobody who pays where neither request, conditions nor key do")
    func noPayer() throws {
        let workspace = try Workspace()
        workspace.command = "review"
        workspace.operands = ["ethereum:\(Self.shop)@8453?value=1"]
        workspace.drop("-c", "-k", "--yes")
        workspace.set("--json")
        let outcome = try workspace.run()
        #expect(try Refusal.problems(in: outcome.out).contains(Refusal("request.no-payer", "--conditions")))
        #expect(outcome.out.contains("name the payer: in the request, with -c CONDITIONS, or with the key"))
    }

    @Test("says in its answer until when it may be sent, since no contract knows")
    func lineWithExpiry() throws {
        let workspace = try Workspace()
        workspace.transfer { Workspace.set("expires", "\"2026-03-12T00:00:00Z\"", in: &$0) }
        let conditions = try workspace.content("conditions.json")
        workspace.write(
            "lines", "{\"request\":\(try workspace.content("transfer.json")),\"conditions\":\(conditions)}\n")
        workspace.operands = []
        workspace.drop("-c")
        workspace.set("--lines")
        workspace.input = .file(workspace.path("lines"))
        let answer = try JSONDocument(Array(workspace.run().out.utf8)).root
        #expect(answer["ok"]?.boolean == true && answer["expires"]?.string == "2026-03-12T00:00:00Z", "\(answer.text)")
    }

    @Test("stands in a line of a batch as request, and one line holds one request")
    func lines() throws {
        let workspace = try Workspace()
        workspace.transfer { Workspace.set("expires", nil, in: &$0) }
        let transfer = try workspace.content("transfer.json")
        let conditions = try workspace.content("conditions.json")
        let charge = try workspace.content("charge.json")
        workspace.write(
            "lines",
            """
            {"request":\(transfer),"conditions":\(conditions)}
            {"request":"ethereum:\(Self.shop)@8453?value=1","conditions":\(conditions.replacing("\"nonce\":\"7\"", with: "\"nonce\":\"8\""))}
            {"request":\(transfer),"charge":\(charge),"conditions":\(conditions)}
            {"request":\(transfer.replacing("invoice 7", with: "invoice 9").replacing("1050000", with: "0")),"conditions":\(conditions)}

            """)
        workspace.operands = []
        workspace.drop("-c")
        workspace.set("--lines")
        workspace.input = .file(workspace.path("lines"))
        let outcome = try workspace.run()
        #expect(outcome.exit == 10)
        let answers = try outcome.out.split(separator: "\n").map { try JSONDocument(Array($0.utf8)).root }
        #expect(answers.map { $0["ok"]?.boolean } == [true, true, false, false], "\(outcome.out)")
        #expect(answers[0]["reference"]?.string == "invoice 7")
        #expect(answers[2]["error"]?["code"]?.string == "request.two-in-a-line")
        #expect(answers[3]["error"]?["code"]?.string == "transfer.zero-amount")
        #expect(answers[3]["error"]?["field"]?.string == "/request/amount")
    }
}
