import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockRequests
import AirlockSafes
import AirlockSamples
import AirlockStrictJSON
import AirlockTypedData
import Testing

/// A Safe transaction as the transaction service returns it. It was executed on Ethereum on 2025-02-11. A test can
/// change its members.
struct Served {
    static let safe = "0x1c694Fc3006D81ff4a56F97E1b99529066a23725"
    static let usdc = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
    static let first = "0xc12F6A2D93C0788366FC91aeBf21b33CCCb0c0d8"
    static let second = "0xAF43958ad62389BE3E0B553dFd259Ec335814c1C"
    static let hash = "0xad06b099fca34e51e4886643d95d9a19ace2cd024065efb66662a876e8c40343"
    static let batches = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"
    static let transfer =
        "0xa9059cbb00000000000000000000000092d0ebaf7eb707f0650f9471e61348f4656c29bc00000000000000000000000000000000000000000000000000000005d21dba00"
    static let signatures = [
        "0xe5b5c20fa48b0633e35b044da59b43d86a20083f050307195f416ec7de4cae2728eb2773194b2fe39806d78f1398d2d775837cad077055d8bd60947b51aef3531f",
        "0x250b73a9ef806089dc55c1ac978a55fcf8a580cfc9984e41d10e5e0990cade2f217213bd70d69856b99a64cebd47bf552144000246aa604791adaa514734268720",
    ]

    var fields: [(String, String)] = [
        ("safe", "\"\(safe)\""), ("to", "\"\(usdc)\""), ("value", "\"0\""), ("data", "\"\(transfer)\""),
        ("operation", "0"), ("safeTxGas", "\"0\""), ("baseGas", "\"0\""), ("gasPrice", "\"0\""),
        ("gasToken", "\"0x0000000000000000000000000000000000000000\""),
        ("refundReceiver", "\"0x0000000000000000000000000000000000000000\""), ("nonce", "\"63\""),
        ("safeTxHash", "\"\(hash)\""), ("isExecuted", "true"), ("confirmationsRequired", "2"),
        ("dataDecoded", "{\"method\":\"whatever the service says\"}"),
        ("confirmations", Served.confirmations(first, second)),
    ]

    static func confirmations(_ owners: String..., signatures: [String] = signatures) -> String {
        let all = zip(owners, signatures).map { "{\"owner\":\"\($0)\",\"signature\":\"\($1)\"}" }
        return "[\(all.joined(separator: ","))]"
    }

    func with(_ changes: (String, String?)...) -> Served {
        var other = self
        for (name, value) in changes {
            other.fields.removeAll { $0.0 == name }
            if let value { other.fields.append((name, value)) }
        }
        return other
    }

    /// The same transaction without a hash and without confirmations. If a test changes a member, no hash and no
    /// signature contradicts the change.
    var unsigned: Served { with(("safeTxHash", nil), ("confirmations", nil)) }

    var json: String { "{\(fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ","))}" }

    func read() throws -> SafeRequest { try SafeRequest(Array(json.utf8)) }

    static func rules(
        version: String = "1.4.1", administration: String = "", delegateCalls: String = "\"\(batches)\"",
        owners: [String] = [first, second, "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"], threshold: String = "2",
        firstNonce: String? = nil
    ) throws -> SafeRules {
        let owners = owners.map { "\"\($0)\":\"owner\"" }.joined(separator: ",")
        let first = firstNonce.map { ",\"firstNonce\":\"\($0)\"" } ?? ""
        return try #require(
            try read(
                """
                {"\(safe)":{"name":"Treasury","version":"\(version)","owners":{\(owners)},"threshold":"\(threshold)",
                "delegateCalls":[\(delegateCalls)],"administration":[\(administration)]\(first)}}
                """))
    }

    static func read(_ text: String) throws -> SafeRules? {
        var problems: [Problem] = []
        let rules = SafeRules.section.read(try JSONDocument(Array(text.utf8)).root, &problems)
        if let all = ProblemList(problems) { throw all }
        return rules as? SafeRules
    }

    func proposal(_ rules: SafeRules? = nil, _ given: SafeProposal.Given = .init()) throws -> SafeProposal {
        try SafeProposal(read(), given, listed: [.ethereum: rules ?? Served.rules()])
    }

    func codes(_ rules: SafeRules? = nil, _ given: SafeProposal.Given = .init()) -> [String] {
        do { return try proposal(rules, given).problems.map(\.code) } catch {
            return (error as? any RuleBroken)?.problems.map(\.code) ?? ["\(error)"]
        }
    }
}

/// A changed transaction, and the codes of all problems that the change must cause.
private struct Altered: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let served: Served
    let codes: [String]

    init(_ name: String, _ served: Served, _ codes: [String]) {
        testDescription = name
        self.served = served
        self.codes = codes
    }
}

extension Served: Sendable {}

@Suite("A Safe transaction")
struct SafeProposalTests {
    @Test("has its hash, its version and its owners' signatures, whatever the service says besides")
    func served() throws {
        let proposal = try Served().proposal()
        #expect("\(proposal.hash)" == Served.hash)
        #expect(proposal.problems.isEmpty)
        #expect(proposal.confirmed.map(\.owner.description) == [Served.first, Served.second])
        #expect(proposal.confirmed.allSatisfy { $0.standing == .signed })
        #expect(proposal.calls.count == 1)
        #expect(proposal.warnings.count == 1)
        #expect(try proposal.typedData().digest == proposal.hash)
    }

    @Test("is read the same in the forms of both versions of the service, in a file, and as typed data")
    func forms() throws {
        let old = try Served().with(("nonce", "63"), ("safeTxGas", "0"), ("baseGas", "0")).proposal()
        #expect("\(old.hash)" == Served.hash)
        let file = SafeRequest.json(old.transaction, in: old.domain).bytes
        let read = try SafeProposal(SafeRequest(file), listed: [.ethereum: Served.rules()])
        #expect("\(read.hash)" == Served.hash && read.problems.isEmpty)
    }

    private static let hostile = Served().with(("data", "\"0x\""), ("value", "\"5\""))

    private static let altered: [Altered] = [
        Altered("another recipient", Served().with(("to", "\"\(Served.first)\"")), ["safe.other-hash"] + confirming),
        Altered("another value", Served().with(("value", "\"1\"")), ["safe.other-hash"] + confirming),
        Altered("other data", Served().with(("data", "null")), ["safe.other-hash"] + confirming),
        Altered(
            "a delegate call", Served().with(("operation", "1")),
            ["safe.delegate-call", "safe.other-hash"] + confirming),
        Altered(
            "a creation", Served().with(("operation", "2")),
            ["safe.creates-a-contract", "safe.other-hash"] + confirming),
        Altered("an operation that nobody knows", Served().with(("operation", "3")), ["safe.unknown-operation"]),
        Altered("gas of the call", Served().with(("safeTxGas", "\"1\"")), ["safe.other-hash"] + confirming),
        Altered("gas besides", Served().unsigned.with(("baseGas", "\"1\"")), ["safe.refund-base-gas"]),
        Altered("a gas price", Served().unsigned.with(("gasPrice", "\"1\"")), ["safe.refund-gas-price"]),
        Altered("a gas token", Served().unsigned.with(("gasToken", "\"\(Served.usdc)\"")), ["safe.refund-gas-token"]),
        Altered(
            "who gets the refund", Served().unsigned.with(("refundReceiver", "\"\(Served.usdc)\"")),
            ["safe.refund-receiver"]),
        Altered("another nonce", Served().with(("nonce", "64")), ["safe.other-hash"] + confirming),
        Altered(
            "another hash", Served().with(("safeTxHash", "\"0x\(String(repeating: "ab", count: 32))\"")),
            ["safe.other-hash"]),
        Altered(
            "another Safe", Served().with(("safe", "\"\(Served.first)\"")),
            ["policy.safe-not-listed", "safe.chain-not-known", "safe.version-not-known"]),
        Altered(
            "the zero address", Served().unsigned.with(("to", "\"0x0000000000000000000000000000000000000000\"")),
            ["safe.null-recipient"]),
        Altered(
            "a confirmation of another owner",
            Served().with(("confirmations", Served.confirmations(Served.second, Served.first))),
            ["safe.confirmation-of-another", "safe.confirmation-of-another"]),
        Altered(
            "a confirmation of a stranger", Served().with(("confirmations", Served.confirmations(Served.usdc))),
            ["safe.confirmation-not-of-an-owner", "safe.confirmation-of-another"]),
        Altered(
            "an owner twice",
            Served().with(
                (
                    "confirmations",
                    Served.confirmations(
                        Served.first, Served.first, signatures: [Served.signatures[0], Served.signatures[0]])
                )), ["safe.confirmed-twice"]),
        Altered(
            "a signature that is cut off",
            Served().with(("confirmations", Served.confirmations(Served.first, signatures: ["0x1234"]))),
            ["safe.malformed-signature"]),
        Altered(
            "a signature with more behind it",
            Served().with(
                (
                    "confirmations", Served.confirmations(Served.first, signatures: [Served.signatures[0] + "00"])
                )), ["safe.malformed-signature"]),
        Altered(
            "a signature with a byte that no Safe takes",
            Served().with(
                (
                    "confirmations",
                    Served.confirmations(Served.first, signatures: [Served.signatures[0].dropLast(2) + "1d"])
                )), ["safe.malformed-signature"]),
        Altered(
            "the approval of another owner",
            Served().with(
                (
                    "confirmations",
                    Served.confirmations(
                        Served.first,
                        signatures: [
                            "0x" + String(repeating: "00", count: 12) + Served.second.dropFirst(2)
                                + String(repeating: "00", count: 32) + "01"
                        ])
                )), ["safe.confirmation-of-another"]),
        Altered(
            "a change of the Safe",
            Served().unsigned.with(
                ("to", "\"\(Served.safe)\""),
                ("data", "\"0x694e80c30000000000000000000000000000000000000000000000000000000000000001\"")),
            ["safe.administration-not-listed"]),
        Altered(
            "a change of the Safe that nobody knows",
            Served().unsigned.with(("to", "\"\(Served.safe)\""), ("data", "\"0x12345678\"")),
            ["safe.administration-not-listed"]),
        Altered(
            "a migration, by a delegate call",
            Served().unsigned.with(
                ("to", "\"0x526643F69b81B008F46d95CD5ced5eC0edFFDaC6\""), ("data", "\"0xf6682ab0\""), ("operation", "1")
            ),
            ["safe.delegate-call"]),
        Altered(
            "native currency to the batch contract",
            Served().unsigned.with(
                ("to", "\"\(Served.batches)\""), ("data", "\"\(one)\""), ("operation", "1"), ("value", "\"1\"")),
            ["safe.multisend-sends-value"]),
        Altered(
            "another function of the batch contract",
            Served().unsigned.with(("to", "\"\(Served.batches)\""), ("operation", "1")),
            ["safe.multisend-not-consumed"]),
        Altered(
            "two hashes", Served().with(("contractTransactionHash", "\"0x\(String(repeating: "ab", count: 32))\"")),
            ["safe.other-hash"]),
        Altered(
            "a page", Served().with(("safe", nil), ("count", "1"), ("results", "[{}]")), ["safe.page-of-transactions"]),
        Altered(
            "another chain", Served().with(("chainId", "\"8453\"")),
            ["policy.safe-not-listed", "safe.version-not-known"]),
        Altered("the chain 0", Served().with(("chainId", "\"0\"")), ["value.not-a-chain"]),
        Altered(
            "a chain of 65 bits", Served().with(("chainId", "\"18446744073709551616\"")), ["value.too-large"]),
        Altered("no nonce", Served().with(("nonce", nil)), ["json.missing-field"]),
        Altered(
            "a nonce of a hundred bits", Served().with(("nonce", "\"1267650600228229401496703205376\"")),
            ["value.too-large"]),
        Altered("a number that is none", Served().with(("safeTxGas", "\"0x1\"")), ["value.not-a-decimal-integer"]),
        Altered("confirmations that are no list", Served().with(("confirmations", "{}")), ["json.wrong-type"]),
        Altered(
            "an owner that is none", Served().with(("confirmations", "[{\"owner\":\"0x1\",\"signature\":\"0x\"}]")),
            ["value.not-an-address"]),
    ]

    /// The codes of the problems if the hash of the transaction has changed. There is one problem for each of the two
    /// confirmations, because both are then signatures of a different transaction.
    private static let confirming = ["safe.confirmation-of-another", "safe.confirmation-of-another"]
    private static let one = Hex.encode(MultiSend.data([call]))
    private static let call = SafeCall(
        to: Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"), value: 7, data: [])

    @Test("is refused with a code of its own for each alteration", arguments: altered)
    private func refused(_ altered: Altered) {
        #expect(altered.served.codes() == altered.codes)
    }

    @Test("is refused of another version, below the first nonce, and by a change that the policy does not list")
    func policies() throws {
        #expect(try Served().codes(Served.rules(version: "1.1.1")) == ["safe.other-hash"] + Self.confirming)
        #expect(try Served().codes(Served.rules(firstNonce: "64")) == ["safe.nonce-used"])
        #expect(try Served().codes(Served.rules(firstNonce: "63")).isEmpty)
        var given = SafeProposal.Given()
        given.version = try SafeVersion("1.3.0")
        #expect(try Served().codes(Served.rules(), given) == ["safe.other-version"])
        given = .init()
        given.nonce = 64
        given.safe = Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
        #expect(try Served().codes(Served.rules(), given) == ["safe.other-safe", "safe.other-nonce"])
        let change = Served().unsigned.with(
            ("to", "\"\(Served.safe)\""),
            ("data", "\"0x694e80c30000000000000000000000000000000000000000000000000000000000000001\""))
        let listed = try change.proposal(Served.rules(administration: "\"changeThreshold(uint256)\""))
        #expect(listed.problems.isEmpty && listed.changes.map(\.signature) == ["changeThreshold(uint256)"])
        #expect(
            try change.with(("value", "\"1\"")).codes(Served.rules(administration: "\"changeThreshold(uint256)\"")) == [
                "safe.administration-not-listed"
            ])
        let rejection = try Served().unsigned.with(("to", "\"\(Served.safe)\""), ("data", "\"0x\"")).proposal()
        #expect(rejection.isRejection && rejection.problems.isEmpty && rejection.calls.isEmpty)
    }

    @Test("as typed data is of exactly the type and the domain of its version")
    func typedData() throws {
        let proposal = try Served().unsigned.proposal()
        let json = try TypedJSON(proposal)
        func codes(_ text: String, _ version: String = "1.4.1") -> [String] {
            do {
                let request = try SafeRequest(Array(text.utf8))
                return try SafeProposal(request, listed: [.ethereum: Served.rules(version: version)]).problems.map(
                    \.code)
            } catch { return (error as? any RuleBroken)?.problems.map(\.code) ?? ["\(error)"] }
        }
        #expect(codes(json.text).isEmpty)
        #expect(codes(json.text, "1.2.0") == ["safe.other-version"])
        #expect(
            codes(
                json.text.replacing("\"name\":\"nonce\"", with: "\"name\":\"once\"").replacing(
                    "\"nonce\":\"63\"", with: "\"once\":\"63\"")) == ["safe.other-typed-data"])
        #expect(
            codes(
                json.text.replacing("\"chainId\",\"type\"", with: "\"version\",\"type\"").replacing(
                    "\"chainId\":\"1\"", with: "\"version\":\"1\""
                ).replacing("\"version\",\"type\":\"uint256\"", with: "\"version\",\"type\":\"string\"")) == [
                    "safe.other-typed-data"
                ])
        #expect(
            codes(json.text.replacing("\"operation\":\"0\"", with: "\"operation\":\"4\"")) == ["safe.unknown-operation"]
        )
        for (id, refusal) in [
            ("0", Refusal("value.not-a-chain", "/domain/chainId")),
            ("18446744073709551616", Refusal("value.too-large", "/domain/chainId")),
        ] {
            let text = json.text.replacing("\"chainId\":\"1\"", with: "\"chainId\":\"\(id)\"")
            #expect(refusals { _ = try SafeRequest(Array(text.utf8)) } == [refusal])
        }
    }

    @Test("of an older version has the domain without a chain, and needs the chain from the policy")
    func olderVersion() throws {
        let rules = try Served.rules(version: "1.1.1")
        let proposal = try Served().unsigned.proposal(rules)
        #expect(try proposal.typedData().domain.chainId == nil)
        #expect(proposal.hash != (try Served().unsigned.proposal()).hash)
        #expect(
            proposal.warnings.dropFirst() == [
                "before version 1.3.0 the nonce is used up where the call fails",
                "before version 1.3.0 the hash names no chain: a signature is valid on every chain with this Safe",
            ])
        let both: [Chain: SafeRules] = [.ethereum: rules, .base: rules]
        #expect(
            problems { _ = try SafeProposal(Served().read(), listed: both) } == [
                "safe.chain-not-known", "safe.version-not-known",
            ])
        var given = SafeProposal.Given()
        given.chain = .base
        #expect(try SafeProposal(Served().read(), given, listed: both).domain.chain == .base)
    }

    private func problems(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch { return (error as? any RuleBroken)?.problems.map(\.code) ?? ["\(error)"] }
    }

    @Test("is said to be known by versions up to 1.5, and by no others")
    func versions() throws {
        #expect(try SafeVersion("1.3.0+L2") == SafeVersion("1.3.0"))
        #expect(try SafeVersion("1.3.0") > SafeVersion("1.2.0"))
        for text in ["1.6.0", "2.0.0", "1.3", "v1.3.0", "1.03.0", "", "1.3.0.1", "+L2"] {
            #expect(problems { _ = try SafeVersion(text) } == ["safe.unknown-version"], "\(text)")
        }
    }
}

/// A Safe transaction as EIP-712 typed data, in the form in which a wallet receives it.
private struct TypedJSON {
    let text: String

    init(_ proposal: SafeProposal) throws {
        let fields = proposal.transaction.fields
        let types = [
            "address", "uint256", "bytes", "uint8", "uint256", "uint256", "uint256", "address", "address", "uint256",
        ]
        let members = zip(fields, types).map { "{\"name\":\"\($0.name)\",\"type\":\"\($1)\"}" }
        let values = fields.map { "\"\($0.name)\":\"\($0.value)\"" }
        text = """
            {"types":{"EIP712Domain":[{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
            "SafeTx":[\(members.joined(separator: ","))]},"primaryType":"SafeTx",
            "domain":{"chainId":"1","verifyingContract":"\(proposal.domain.safe)"},
            "message":{\(values.joined(separator: ","))}}
            """
    }
}

@Suite("A batch of a Safe")
struct MultiSendTests {
    static let calls = [
        SafeCall(to: Address(known: "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"), value: 7, data: []),
        SafeCall(to: Address(known: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), value: 0, data: Array(0..<100)),
        SafeCall(to: Address(known: "0x1c694Fc3006D81ff4a56F97E1b99529066a23725"), value: .max, data: [1]),
    ]

    @Test("is read back as it was written")
    func roundTrip() throws {
        #expect(try MultiSend.calls(of: MultiSend.data(Self.calls)) == Self.calls)
    }

    private func codes(_ data: [UInt8]) -> [String] {
        do throws(ProblemList) {
            _ = try MultiSend.calls(of: data)
            return []
        } catch { return error.problems.map(\.code) }
    }

    @Test("is refused with any byte of its packed calls cut off, with any more, and with a delegate call inside")
    func refused() {
        let data = MultiSend.data(Self.calls)
        let packed = 85 * 3 + 101
        for length in 0..<packed {
            var short = data
            short.replaceSubrange(36..<68, with: UInt256(UInt64(length)).word.bytes)
            short = Array(short.prefix(68 + length)) + Array(repeating: 0, count: (32 - length % 32) % 32)
            let found = codes(short)
            #expect([85, 270].contains(length) ? found.isEmpty : found == ["safe.multisend-not-consumed"], "\(length)")
        }
        var inner = data
        inner[68] = 1
        #expect(codes(inner) == ["safe.inner-delegate-call"])
        inner[68] = 2
        #expect(codes(inner) == ["safe.inner-delegate-call"])
        #expect(codes(data + [0]) == ["safe.multisend-not-consumed"])
        #expect(codes([]) == ["safe.multisend-not-consumed"])
    }
}

@Suite("A policy's Safes")
struct SafeRulesTests {
    @Test(
        "are read strictly",
        arguments: [
            ("\"version\":\"1.4.1\"", "\"version\":\"1.6.0\"", "safe.unknown-version"),
            ("\"threshold\":\"2\"", "\"threshold\":\"0\"", "policy.safe-owners"),
            ("\"threshold\":\"2\"", "\"threshold\":\"4\"", "policy.safe-owners"),
            (
                "\"administration\":[]", "\"administration\":[\"transfer(address,uint256)\"]",
                "policy.safe-administration"
            ),
            ("\"administration\":[]", "\"administrators\":[]", "json.unknown-field"),
            ("\"name\":\"Treasury\",", "", "json.missing-field"),
            ("\"name\":\"Treasury\",", "\"name\":\"Treasury\",\"firstNonce\":\"-1\",", "value.not-a-decimal-integer"),
            ("\"owners\":{", "\"owners\":{\"\(Served.usdc.lowercased())\":\"c\",", "policy.repeated-safe"),
        ])
    func strict(_ old: String, _ new: String, _ code: String) throws {
        let text = """
            {"\(Served.safe)":{"name":"Treasury","version":"1.4.1","owners":{"\(Served.first)":"a","\(Served.second)":"b",
            "\(Served.usdc)":"c"},"threshold":"2","delegateCalls":[],"administration":[]}}
            """
        #expect(try Served.read(text) != nil)
        do {
            _ = try Served.read(text.replacing(old, with: new))
            Issue.record("\(new) was read")
        } catch let problems as ProblemList { #expect(problems.problems.map(\.code) == [code]) }
    }

    @Test("say in sentences who must sign, how a batch is made, and what may change")
    func sentences() throws {
        let words = PolicyFormatter(chain: .ethereum, amount: { "\($0) of \($1)" }, requester: { ["\($0)"] })
        let said = try Served.rules(administration: "\"changeThreshold(uint256)\"", firstNonce: "63").sentences(words)
        #expect(said.count == 3)
        #expect(said[0].contains("version 1.4.1, may be signed, from nonce 63 on: 2 of 3 owners must sign, owner ("))
        #expect(said[1].hasSuffix("by MultiSendCallOnly 1.4.1 (\(Served.batches))."))
        #expect(said[2].hasSuffix("may change itself by changeThreshold(uint256), with any arguments."))
        let bare = try Served.rules(delegateCalls: "").sentences(words)
        #expect(bare[1].hasSuffix("may make one call in a transaction.") && bare[2].hasSuffix("may not change itself."))
        #expect(try Served.read("{}")?.sentences(words) == ["On ethereum (1) no Safe transaction may be signed."])
    }

    @Test("know the functions of a Safe's administration by the selectors that Safe publishes")
    func selectors() {
        let published = [
            "0d582f13", "f8dc5dd9", "e318b52b", "694e80c3", "610b5925", "e009cfde", "e19a9dd9", "e068df37", "f08a0323",
            "7de7edef", "b63e800d", "468721a7", "d4d9bdcd", "85a5affe", "f6682ab0", "ed007fc6", "07f464a4", "68cb3d94",
        ]
        for digits in published {
            let selector = (try? Hex.decode("0x\(digits)")) ?? []
            let isKnown = (0..<64).contains { words in
                SafeAdministration.reading(selector + Array(repeating: 0, count: words * 32)) != nil
            }
            // All arguments are zero here. A function with an array or bytes as an argument is therefore not recognised
            // here, because the offset of such an argument must not be zero.
            #expect(isKnown || ["b63e800d", "468721a7", "85a5affe"].contains(digits), "\(digits)")
        }
    }
}
