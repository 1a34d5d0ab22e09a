import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockMessages
import AirlockRequests
import Testing

/// Typed data whose parts a test can alter.
struct Typed {
    static let owner = "0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"
    static let spender = "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"
    static let usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    static let permit2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"

    var primary: String
    var types: [(String, String)]
    var message: String
    var domain = "\"name\":\"USD Coin\",\"version\":\"2\",\"chainId\":8453,\"verifyingContract\":\"\(usdc)\""
    var domainType = "string name,string version,uint256 chainId,address verifyingContract"

    private static func members(_ text: String) -> String {
        let members = text.split(separator: ",").map { part in
            let words = part.split(separator: " ")
            return "{\"name\":\"\(words[1])\",\"type\":\"\(words[0])\"}"
        }
        return "[\(members.joined(separator: ","))]"
    }

    var json: String {
        let all = ([("EIP712Domain", domainType)] + types).map { "\"\($0.0)\":\(Self.members($0.1))" }
        return """
            {"types":{\(all.joined(separator: ","))},"primaryType":"\(primary)","domain":{\(domain)},"message":{\(message)}}
            """
    }

    func read() throws -> SignableMessage { try SignableMessage(Array(json.utf8)) }

    static let permitType = "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline"

    static func permit(value: String = "1050000", nonce: String = "7", deadline: String = "1773217849") -> Typed {
        Typed(
            primary: "Permit", types: [("Permit", permitType)],
            message: """
                "owner":"\(owner)","spender":"\(spender)","value":"\(value)","nonce":"\(nonce)","deadline":"\(deadline)"
                """)
    }

    static let dai = Typed(
        primary: "Permit",
        types: [("Permit", "address holder,address spender,uint256 nonce,uint256 expiry,bool allowed")],
        message: "\"holder\":\"\(owner)\",\"spender\":\"\(spender)\",\"nonce\":\"1\",\"expiry\":\"0\",\"allowed\":true")

    static func authorization(_ name: String = "TransferWithAuthorization") -> Typed {
        Typed(
            primary: name,
            types: [
                (name, "address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce")
            ],
            message: """
                "from":"\(owner)","to":"\(spender)","value":"10000","validAfter":"100","validBefore":"200",
                "nonce":"0x\(String(repeating: "ab", count: 32))"
                """)
    }

    private static let permit2Domain =
        "\"name\":\"Permit2\",\"chainId\":8453,\"verifyingContract\":\"\(permit2)\""

    static func ofPermit2(_ primary: String, _ types: [(String, String)], _ message: String) -> Typed {
        Typed(
            primary: primary, types: types, message: message, domain: permit2Domain,
            domainType: "string name,uint256 chainId,address verifyingContract")
    }

    static let details = "address token,uint160 amount,uint48 expiration,uint48 nonce"
    static let permissions = "address token,uint256 amount"

    static func detail(_ amount: String = "5", _ nonce: String = "3") -> String {
        "{\"token\":\"\(usdc)\",\"amount\":\"\(amount)\",\"expiration\":\"1773217849\",\"nonce\":\"\(nonce)\"}"
    }

    static func single(amount: String = "5", nonce: String = "3") -> Typed {
        ofPermit2(
            "PermitSingle",
            [
                ("PermitSingle", "PermitDetails details,address spender,uint256 sigDeadline"),
                ("PermitDetails", details),
            ],
            "\"details\":\(detail(amount, nonce)),\"spender\":\"\(spender)\",\"sigDeadline\":\"300\"")
    }

    static let batch = ofPermit2(
        "PermitBatch",
        [("PermitBatch", "PermitDetails[] details,address spender,uint256 sigDeadline"), ("PermitDetails", details)],
        "\"details\":[\(detail("5")),\(detail("6", "4"))],\"spender\":\"\(spender)\",\"sigDeadline\":\"300\"")

    static let transfer = ofPermit2(
        "PermitTransferFrom",
        [
            ("PermitTransferFrom", "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline"),
            ("TokenPermissions", permissions),
        ],
        """
        "permitted":{"token":"\(usdc)","amount":"9"},"spender":"\(spender)","nonce":"12","deadline":"300"
        """)

    static let batchTransfer = ofPermit2(
        "PermitBatchTransferFrom",
        [
            ("PermitBatchTransferFrom", "TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline"),
            ("TokenPermissions", permissions),
        ],
        """
        "permitted":[{"token":"\(usdc)","amount":"9"},{"token":"\(usdc)","amount":"1"}],"spender":"\(spender)",
        "nonce":"12","deadline":"300"
        """)

    static let witness = ofPermit2(
        "PermitWitnessTransferFrom",
        [
            (
                "PermitWitnessTransferFrom",
                "TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Order witness"
            ), ("TokenPermissions", permissions), ("Order", "uint256 id"),
        ],
        """
        "permitted":{"token":"\(usdc)","amount":"9"},"spender":"\(spender)","nonce":"12","deadline":"300",
        "witness":{"id":"1"}
        """)
}

@Suite("What a message lets others take")
struct MessageTermsTests {
    @Test("is read of EIP-2612, EIP-3009 and Permit2, single, in batches and with a witness")
    func understood() throws {
        let permit = try #require(Typed.permit().read().terms)
        #expect(permit.standard == .permit && permit.takes.map(\.amount) == [1_050_000])
        #expect("\(permit.taker)" == Typed.spender && permit.owner.map { "\($0)" } == Typed.owner)
        #expect(permit.tokenNonce?.number == 7 && permit.validUntil == 1_773_217_849 && !permit.paysTaker)
        let dai = try #require(Typed.dai.read().terms)
        #expect(dai.takes.map(\.isUnlimited) == [true] && dai.validUntil == .max)
        for name in ["TransferWithAuthorization", "ReceiveWithAuthorization"] {
            let authorization = try #require(Typed.authorization(name).read().terms)
            #expect(authorization.standard == .authorization && authorization.paysTaker)
            #expect(authorization.validFrom == 101 && authorization.validUntil == 199)
        }
        let single = try #require(Typed.single().read().terms)
        #expect(single.standard == .allowance && single.takes.map(\.until) == [1_773_217_849])
        #expect(single.validUntil == 300 && single.owner == nil)
        #expect(try #require(Typed.batch.read().terms).takes.map(\.amount) == [5, 6])
        let transfer = try #require(Typed.transfer.read().terms)
        #expect(transfer.standard == .transfer && transfer.takes.map(\.amount) == [9] && transfer.witness == nil)
        #expect(try #require(Typed.batchTransfer.read().terms).takes.map(\.amount) == [9, 1])
        #expect(try #require(Typed.witness.read().terms).witness == "Order")
    }

    @Test("is nothing that is read of a type with one member more, less or of another type")
    func notUnderstood() throws {
        var typed: [Typed] = []
        for (old, new) in [("uint256 value", "uint128 value"), (",uint256 deadline", ""), ("owner", "proprietor")] {
            var other = Typed.permit()
            other.types[0].1.replace(old, with: new)
            if new.isEmpty { other.message.replace(",\"deadline\":\"1773217849\"", with: "") }
            other.message.replace("\"owner\"", with: old == "owner" ? "\"proprietor\"" : "\"owner\"")
            typed.append(other)
        }
        var extra = Typed.permit()
        extra.types[0].1 += ",uint256 more"
        extra.message += ",\"more\":\"1\""
        typed.append(extra)
        var wide = Typed.single()
        wide.types[1].1.replace("uint160", with: "uint256")
        typed.append(wide)
        var fixed = Typed.batch
        fixed.types[0].1.replace("PermitDetails[]", with: "PermitDetails[2]")
        typed.append(fixed)
        for message in typed { #expect(try message.read().terms == nil, "\(message.json)") }
    }

    @Test("is refused where the domain names no chain or no contract, whatever the message says")
    func incompleteDomain() throws {
        let understood: [Typed] = [
            .permit(), .permit(value: "\(UInt256.max)", deadline: "1"), .dai, .authorization(),
            .authorization("ReceiveWithAuthorization"), .single(), .batch, .transfer, .batchTransfer, .witness,
        ]
        for typed in understood {
            var anywhere = typed
            anywhere.domain.replace(",\"chainId\":8453", with: "")
            anywhere.domainType.replace(",uint256 chainId", with: "")
            var salted = anywhere
            salted.domain += ",\"salt\":\"0x\(String(repeating: "0", count: 60))2105\""
            salted.domainType += ",bytes32 salt"
            var nobody = typed
            for contract in [Typed.usdc, Typed.permit2] {
                nobody.domain.replace(",\"verifyingContract\":\"\(contract)\"", with: "")
            }
            nobody.domainType.replace(",address verifyingContract", with: "")
            for other in [anywhere, salted, nobody] {
                #expect(codes { _ = try other.read() } == ["message.incomplete-domain /domain"], "\(other.json)")
            }
        }
    }

    @Test("is any amount from half of what the type can hold")
    func unlimited() throws {
        let half = "57896044618658097711785492504343953926634992332820282019728792003956564819968"
        let less = "57896044618658097711785492504343953926634992332820282019728792003956564819967"
        #expect(try Typed.permit(value: half).read().terms?.takes[0].isUnlimited == true)
        #expect(try Typed.permit(value: less).read().terms?.takes[0].isUnlimited == false)
        #expect(
            try Typed.single(amount: "730750818665451459101842416358141509827966271488").read().terms?.takes[0]
                .isUnlimited == true)
        #expect(
            try Typed.single(amount: "730750818665451459101842416358141509827966271487").read().terms?.takes[0]
                .isUnlimited == false)
    }

    @Test("is the same request where the nonce is, whatever else it says, and another with another nonce")
    func references() throws {
        func key(_ typed: Typed) throws -> Hash { try typed.read().reference.key }
        #expect(try key(.permit()) == key(.permit(value: "1", deadline: "5")))
        #expect(try key(.permit()) != key(.permit(nonce: "8")))
        #expect(try key(.single()) == key(.single(amount: "1")))
        #expect(try key(.single()) != key(.single(nonce: "4")))
        #expect(try key(.transfer) == key(.batchTransfer), "Permit2 keeps the nonces of transfers together")
        #expect(try key(.transfer) != key(.single(nonce: "12")))
        #expect(try key(.authorization()) == key(.authorization("ReceiveWithAuthorization")))
    }

    @Test("is not asked of a Safe transaction, nor on a chain that cannot be")
    func refused() throws {
        var safe = Typed.permit()
        safe.primary = "SafeTx"
        safe.types = [("SafeTx", Typed.permitType)]
        #expect(codes { _ = try safe.read() } == ["message.safe-transaction /primaryType"])
        var far = Typed.permit()
        far.domain.replace("8453", with: "\"18446744073709551616\"")
        #expect(codes { _ = try far.read() } == ["message.chain-too-large /domain/chainId"])
    }
}

@Suite("A text that is to be signed")
struct PersonalTextTests {
    @Test("is signed as it stands, with its length before it (EIP-191)")
    func digest() throws {
        // The expected digest is the one that web3.js and eth-account compute for "Some data".
        let text = try SignableMessage(Array("Some data".utf8))
        #expect("\(text.digest)" == "0x1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655")
        let other = try SignableMessage(Array("Some data\n".utf8))
        #expect(other.digest != text.digest && text.terms == nil && text.chain == nil)
    }

    @Test(
        "is nothing that could be read as something else",
        arguments: [
            "", " ", "\n", "{\"a\":1}", "[1]", "\"text\"", "ethereum:0x00", "0x1234", "ur:bytes/abc",
            "\u{feff}Hello you",
            "deadbeef", "123 456", String(repeating: "ab ", count: 22), String(repeating: "x", count: 32),
            "eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.abcdef", "a\u{0}b c", "// JSON\n{\"a\":1}", "# heading",
            "<a>b c</a>", "bell \u{7}", "\u{1b}[31mred text",
        ])
    func otherThanText(text: String) {
        #expect(!SignableMessage.recognises(Array(text.utf8)))
        #expect(throws: (any Error).self) { try SignableMessage(Array(text.utf8)) }
    }

    @Test("is one of UTF-8 that a person can read")
    func texts() throws {
        for text in ["hello", "I agree.", "Gr\u{fc}\u{df}e, \u{4e2d}", "two\nlines\r\n\tand a tab"] {
            #expect(SignableMessage.recognises(Array(text.utf8)))
        }
        #expect(!SignableMessage.recognises([0xFF, 0x20, 0x41]))
        #expect(codes { _ = try SignableMessage([0xFF, 0x20, 0x41]) } == ["message.not-a-text"])
        let long = Array(repeating: UInt8(ascii: "a"), count: 1 << 15) + [0x20, 0x62]
        #expect(codes { _ = try SignableMessage(long) } == ["message.text-too-long"])
    }

    @Test("is no text of 32 bytes, which a Safe could take for its owner's confirmation")
    func hash() throws {
        let words = "a text that could be a hash, too"
        #expect(codes { _ = try SignableMessage(Array(words.utf8)) } == ["message.text-of-32-bytes"])
        #expect(codes { _ = try SignableMessage(Array("\(words)!".utf8)) }.isEmpty)
        #expect(codes { _ = try SignableMessage(Array(words.dropLast().utf8)) }.isEmpty)
    }

    @Test("says to which site it signs in, and as whom (EIP-4361)")
    func signIn() throws {
        for text in [
            Self.signInText(), Self.signInText(statement: nil),
            Self.signInText(after: ["Request ID: 7", "Resources:", "- a:b"]),
            Self.signInText(after: [
                "Expiration Time: 2026-03-11T08:30:49.000Z", "Not Before: 2026-03-09T08:30:49Z", "Request ID: ",
                "Resources:",
            ]), Self.signInText(site: "https://example.com"),
            Self.signInText(statement: "Who wants you to sign in with your Ethereum account: example.com."),
        ] {
            let signIn = try #require(PersonalText(Array(text.utf8)).signIn)
            #expect(signIn.site.hasSuffix("example.com") && "\(signIn.account)" == Typed.owner)
            #expect(signIn.uri == "https://example.com/login")
        }
        #expect(try PersonalText(Array("I sign in.".utf8)).signIn == nil)
    }

    /// Returns a sign-in message in the form of EIP-4361.
    private static func signInText(
        site: String = "example.com", phrase: String = " wants you to sign in with your Ethereum account:",
        account: String = Typed.owner, statement: String? = "I agree.", after: [String] = []
    ) -> String {
        let lines =
            [
                "\(site)\(phrase)", account, "",
            ] + (statement.map { [$0] } ?? []) + [
                "", "URI: https://example.com/login", "Version: 1", "Chain ID: 8453", "Nonce: 32891756",
                "Issued At: 2026-03-10T08:30:49Z",
            ] + after
        return lines.joined(separator: "\n")
    }

    @Test("that asks to sign in, and is not in the form of EIP-4361, is refused by name")
    func almostSignIn() throws {
        let right = Self.signInText()
        let wrong = [
            right.replacing("\n", with: "\r\n"), right.replacing(":\n0x", with: ":\r\n0x"), "\n" + right, " " + right,
            "Hello.\n" + right, right + "\n", right + "\n\nMore", right.replacing("wants", with: "Wants"),
            right.replacing("wants you", with: "wants  you"), right.replacing("account:", with: "account"),
            right.replacing("account:", with: "account: "), right.replacing("sign in", with: "sign\u{a0}in"),
            right.replacing("wants", with: "w\u{200b}ants"), right.replacing("Ethereum", with: "Ether\u{ad}eum"),
            right.replacing("sign in", with: "sign \u{2060}in"), right.replacing("sign in", with: "sign\nin"),
            right.replacing("Nonce: 32891756\n", with: ""),
            right.replacing("Nonce: 32891756", with: "Nonce: 1234567"),
            right.replacing("Version: 1", with: "Version: 2"), right.replacing("URI: ", with: "URI: \u{301}"),
            right.replacing("Chain ID: 8453", with: "Chain ID: base"),
            right.replacing("2026-03-10T", with: "2026-03-10 "), right.replacing("2026-03-10T", with: "2026-13-10T"),
            right.replacing("\n\nI agree", with: "\nI agree"),
            Self.signInText(account: Typed.owner.lowercased()), Self.signInText(account: "alice.eth"),
            Self.signInText(account: Typed.owner + " "), Self.signInText(site: ""), Self.signInText(site: "a b"),
            Self.signInText(site: "example.com\u{600}"),
            Self.signInText(after: ["Resources:", "example"]), Self.signInText(after: ["Resources:", "- \u{301}a:b"]),
            Self.signInText(after: ["Request ID: 1", "Request ID: 2"]),
            Self.signInText(after: ["Request ID: 1", "Expiration Time: 2026-03-11T08:30:49Z"]),
            "example.com wants you to sign in with your Ethereum account:\n\(Typed.owner)\n\nI agree.",
        ]
        for text in wrong {
            #expect(codes { _ = try SignableMessage(Array(text.utf8)) } == ["message.not-a-sign-in"], "\(text)")
        }
    }
}

/// Returns the code and the field of each problem that `body` throws.
private func codes(_ body: () throws -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return ((error as? any RuleBroken)?.problems ?? []).map { problem in
            problem.field.map { "\(problem.code) \($0)" } ?? problem.code
        }
    }
}
