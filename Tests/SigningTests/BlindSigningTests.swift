import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequests
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import Testing
import AirlockTokens
import AirlockTransactions
import AirlockCharges
import AirlockTypedData

@testable import AirlockSigning

@Suite("Signing blind")
struct BlindSigningTests {
    let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private static func transaction(nonce: UInt64 = 7, chain: UInt64? = 8453, value: UInt256 = 5) -> UnsignedTransaction
    {
        UnsignedTransaction(
            nonce: nonce, gas: 2_000_000, to: SampleCharge.recipient, value: value, data: [],
            form: chain.map {
                .dynamicFee(chainID: $0, maxPriorityFeePerGas: 1, maxFeePerGas: 2, accessList: [])
            } ?? .legacy(chainID: nil, gasPrice: 2))
    }

    private static func blind(
        _ transaction: UnsignedTransaction, after seconds: UInt64 = 0
    ) -> BlindSigning {
        BlindSigning(.transaction(transaction), clock: Timestamp(seconds: SigningWorkspace.start.seconds + seconds))
    }

    @discardableResult
    private func sign(_ signing: BlindSigning, by key: SampleKey = .payer) throws -> Signature {
        try ConsentedBlindSigning.typed("sign", for: signing).sign(with: key.secret, recordingIn: workspace.ledger)
    }

    private func warnings(_ signing: BlindSigning, from key: SampleKey = .payer) throws -> [String] {
        try signing.warnings(from: key.address, workspace.ledger.read())
    }

    private static let always = "it comes without a request: nobody has proved what it is for"

    @Test("records what was signed before it is put out, once")
    func records() throws {
        let transaction = Self.transaction()
        let signature = try sign(Self.blind(transaction))
        #expect(try signature.recoverAddress(digest: transaction.signingHash) == SampleKey.payer.address)
        let entry = try #require(try workspace.ledger.read()?.entries.first)
        #expect(entry.subject == .blind && entry.chain == .base && entry.from == SampleKey.payer.address)
        #expect(entry.recipient == SampleCharge.recipient)
        #expect(entry.spends.map(\.amount) == [5] && entry.spends.map(\.currency) == [.zero])
        #expect(entry.transactions.map(\.nonce) == [7])
        #expect(entry.transactions.map(\.hash) == [try SignedTransaction(transaction, signature).hash])
        #expect(try sign(Self.blind(transaction, after: 60)) == signature)
        #expect(try workspace.lines.count == 1)
    }

    @Test("records each key's own signature of the same thing")
    func keys() throws {
        try sign(Self.blind(Self.transaction()))
        try sign(Self.blind(Self.transaction()), by: .stranger)
        #expect(
            try workspace.ledger.read()?.entries.map(\.from) == [SampleKey.payer.address, SampleKey.stranger.address])
    }

    @Test("always warns, and of a nonce seen before")
    func nonces() throws {
        let first = Self.blind(Self.transaction())
        #expect(try warnings(first) == [Self.always])
        try sign(first)
        let seen = "another transaction was signed with nonce 7 at \(SigningWorkspace.start)"
        #expect(try warnings(first) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(value: 6))) == [Self.always, seen])
        #expect(try warnings(Self.blind(Self.transaction(nonce: 8))) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(chain: 1))) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(value: 6)), from: .stranger) == [Self.always])
        // The payer signs another transaction with the same nonce, despite the warning. After that, the review of the
        // first transaction also warns that another transaction with its nonce was signed.
        try sign(Self.blind(Self.transaction(value: 6)))
        #expect(try warnings(first) == [Self.always, seen])
    }

    @Test("warns of what is valid on every chain, and of its nonce on all of them")
    func everyChain() throws {
        let everywhere = Self.blind(Self.transaction(chain: nil))
        let names = "it is valid on every chain, since it names none"
        #expect(try warnings(everywhere) == [Self.always, names])
        try sign(everywhere)
        let seen = "another transaction was signed with nonce 7 at \(SigningWorkspace.start)"
        #expect(try warnings(Self.blind(Self.transaction(chain: 1))) == [Self.always, seen])
        #expect(
            Review(try workspace.request(1, nonce: 7)).refusals(.ledger)
                == [Refusal("ledger.nonce-already-signed", "nonce:")])
    }

    @Test("of a payment's nonce is a warning; a payment of its nonce is refused until it names it")
    func payments() throws {
        try workspace.sign(workspace.request(1, nonce: 7))
        #expect(try warnings(Self.blind(Self.transaction())).count == 2)
        let transaction = Self.transaction(nonce: 8)
        let signature = try sign(Self.blind(transaction))
        var request = try workspace.request(2, nonce: 8)
        #expect(Review(request).refusals(.ledger) == [Refusal("ledger.nonce-already-signed", "nonce:")])
        request.replace = try SignedTransaction(transaction, signature).hash
        #expect(Review(request).refusals(.ledger) == [])
    }

    @Test("counts what it sends toward the caps of a day; without a chain, on every chain", arguments: [8453, nil])
    func caps(chain: UInt64?) throws {
        try sign(Self.blind(Self.transaction(nonce: 1, chain: chain, value: 6_000_000_000_000_000)))
        var request = try workspace.request(policy: SigningWorkspace.policy(native: #","perDay":"0.01""#))
        request.method = "swapAndTransferUniswapV3Native"
        request.value = 4_000_000_000_000_001
        #expect(Review(request).refusals(.ledger).map(\.code) == ["policy.over-day-cap"])
        request.value = 4_000_000_000_000_000
        #expect(Review(request).refusals(.ledger) == [])
    }

    private static let spender = "0000000000000000000000005ea054aeea285ebc3a92ecb1f722f44304f72581"
    private static let hundred = String(repeating: "0", count: 62) + "64"
    private static var payer: String { String(repeating: "0", count: 24) + "\(SampleKey.payer.address)".dropFirst(2) }
    private static let token = String(repeating: "0", count: 24) + "\(usdc)".dropFirst(2)

    /// Calls that move or approve USDC, and calls that do not. Each row has a name, the called contract, the call data,
    /// and the amount of USDC (`nil` if none).
    private static let calls: [(String, Address, String, UInt256?)] = [
        ("transfer", usdc, "a9059cbb" + spender + hundred, 100),
        ("transfer, with more behind it", usdc, "a9059cbb" + spender + hundred + "ff", 100),
        ("transfer, cut off", usdc, "a9059cbb" + spender + "64", nil),
        ("approve", usdc, "095ea7b3" + spender + hundred, 100),
        ("approve of nothing", usdc, "095ea7b3" + spender + String(repeating: "0", count: 64), nil),
        ("increaseAllowance", usdc, "39509351" + spender + hundred, 100),
        ("transferFrom of the signer", usdc, "23b872dd" + payer + spender + hundred, 100),
        ("transferFrom of somebody else", usdc, "23b872dd" + spender + payer + hundred, nil),
        ("Permit2's approve", Permit2Transfer.contract, "87517c45" + token + spender + hundred + hundred, 100),
        ("the same of another contract", transfers, "87517c45" + token + spender + hundred + hundred, nil),
        ("Permit2's transferFrom", Permit2Transfer.contract, "36c78516" + payer + spender + hundred + token, 100),
        ("something else", usdc, "deadbeef" + spender + hundred, nil),
    ]

    @Test("counts what it moves or approves of a token", arguments: calls.indices)
    func tokenSpends(index: Int) throws {
        let (name, to, data, amount) = Self.calls[index]
        var transaction = Self.transaction(value: 0)
        transaction.to = to
        transaction.data = try Hex.decode("0x" + data)
        let expected =
            [LedgerEntry.Spend(currency: .zero, amount: 0)]
            + (amount.map { [LedgerEntry.Spend(currency: usdc, amount: $0)] } ?? [])
        #expect(Self.blind(transaction).spends(from: SampleKey.payer.address) == expected, "\(name)")
        try sign(Self.blind(transaction))
        #expect(try workspace.ledger.read()?.entries.first?.spends == expected)
        guard amount != nil else { return }
        let question = Self.blind(transaction).question(from: SampleKey.payer.address)
        #expect(
            question.contains("; it pays \(SampleCharge.recipient), or lets it take, 100 atomic units of \(usdc).")
        )
        let over = try workspace.request(policy: SigningWorkspace.policy(#","perDay":"1.050099""#))
        #expect(Review(over).refusals(.ledger).map(\.code).contains("policy.over-day-cap"))
        let within = try workspace.request(policy: SigningWorkspace.policy(#","perDay":"1.0501""#))
        #expect(Review(within).refusals(.ledger).map(\.code) == ["ledger.nonce-already-signed"])
    }

    @Test("counts what a call of the payment contract takes", arguments: TransferMethod.allCases)
    func paymentCalls(method: TransferMethod) throws {
        let review = try Draft.review {
            switch method {
            case .transferNative: $0.pay(in: .zero)
            case .wrapAndTransfer: $0.pay(in: wrapped)
            case .unwrapAndTransfer, .unwrapAndTransferPreApproved: $0.pay(in: .zero)
            default: break
            }
            if method.isSwap, !method.spendsNative {
                $0.conditions?.token = Conditions.Token(address: wrapped, symbol: "WETH", decimals: 18, balance: .max)
            }
            $0.edit {
                $0.method = method.rawValue
                if method.isSwap { $0.value = 5 }
            }
        }
        let call = try #require(review.action?.call)
        var transaction = Self.transaction(value: call.value)
        transaction.to = call.to
        transaction.data = call.data
        let taken = Self.blind(transaction).spends(from: SampleKey.payer.address).dropFirst()
        #expect(taken.map(\.currency) == call.takes.map(\.token))
        #expect(taken.map(\.amount) == call.takes.map(\.amount))
    }

    /// Permits for USDC or for Permit2. Each row ends with the amount of USDC that the permit allows (`nil` if none).
    private static let permits: [(types: String, primaryType: String, message: String, amount: UInt256?)] = [
        (
            #""Permit":[{"name":"value","type":"uint256"}]"#, "Permit", #"{"value":"0x0064"}"#, 100
        ),
        (#""Permit":[{"name":"allowed","type":"bool"}]"#, "Permit", #"{"allowed":true}"#, .max),
        (#""Permit":[{"name":"allowed","type":"bool"}]"#, "Permit", #"{"allowed":false}"#, nil),
        (
            #""TransferWithAuthorization":[{"name":"value","type":"uint256"}]"#, "TransferWithAuthorization",
            #"{"value":"100"}"#, 100
        ),
        (
            #""ReceiveWithAuthorization":[{"name":"value","type":"uint256"}]"#, "ReceiveWithAuthorization",
            #"{"value":"100"}"#, 100
        ),
        (
            #""D":[{"name":"token","type":"address"},{"name":"amount","type":"uint160"}],"#
                + #""PermitSingle":[{"name":"details","type":"D"}]"#, "PermitSingle",
            "{\"details\":{\"token\":\"\(usdc)\",\"amount\":\"100\"}}", 100
        ),
        (
            #""D":[{"name":"token","type":"address"},{"name":"amount","type":"uint256"}],"#
                + #""PermitBatchTransferFrom":[{"name":"permitted","type":"D[]"}]"#, "PermitBatchTransferFrom",
            "{\"permitted\":[{\"token\":\"\(usdc)\",\"amount\":\"100\"}]}", 100
        ),
        (#""Note":[{"name":"value","type":"uint256"}]"#, "Note", #"{"value":"100"}"#, nil),
    ]

    private static func typed(_ types: String, _ primaryType: String, _ message: String) throws -> TypedData {
        let text = """
            {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"},
            {"name":"verifyingContract","type":"address"}],\(types)},"primaryType":"\(primaryType)",
            "domain":{"name":"USD Coin","chainId":8453,"verifyingContract":"\(usdc)"},"message":\(message)}
            """
        return try TypedData(JSONDocument(Array(text.utf8)).root)
    }

    @Test("counts what a permit lets others take", arguments: permits.indices)
    func permitted(index: Int) throws {
        let (types, primaryType, message, amount) = Self.permits[index]
        let signing = BlindSigning(
            .typedData(try Self.typed(types, primaryType, message)), clock: SigningWorkspace.start)
        try sign(signing)
        let spends = try #require(try workspace.ledger.read()?.entries.first?.spends)
        #expect(spends == (amount.map { [LedgerEntry.Spend(currency: usdc, amount: $0)] } ?? []))
        let question = signing.question(from: SampleKey.payer.address)
        #expect(question.hasPrefix("The message is \(primaryType) for USD Coin (\(usdc)) on base (8453)"))
        #expect(question.contains(amount == .max ? "any amount of" : "atomic units of") == (amount != nil))
    }

    @Test("of what is too long to be shown whole is refused")
    func tooLong() throws {
        var transaction = Self.transaction()
        transaction.data = [UInt8](repeating: 1, count: 32_000)
        #expect(Self.blind(transaction).problems == [])
        transaction.data = [UInt8](repeating: 1, count: 33_000)
        #expect(Self.blind(transaction).problems.map(\.code) == ["blind.too-long"])
        #expect(refusals { try sign(Self.blind(transaction)) } == [Refusal("blind.too-long", nil)])
        let padding = String(repeating: " ", count: 66_000)
        let data = try Self.typed(#""Note":[{"name":"text","type":"string"}]"#, "Note", "{\"text\":\"\(padding)\"}")
        let signing = BlindSigning(.typedData(data), clock: SigningWorkspace.start)
        #expect(refusals { try sign(signing) } == [Refusal("blind.too-long", nil)])
        for (count, isTooLong) in [(800, false), (900, true)] {
            let flags = "[\(Array(repeating: "true", count: count).joined(separator: ","))]"
            let list = try Self.typed(#""Note":[{"name":"a","type":"bool[]"}]"#, "Note", "{\"a\":\(flags)}")
            let problems = BlindSigning(.typedData(list), clock: SigningWorkspace.start).problems
            #expect(problems.map(\.code) == (isTooLong ? ["blind.too-long"] : []))
        }
        #expect(try workspace.ledger.read()?.entries.isEmpty != false)
    }

    @Test("of an address with a wrong checksum is refused, where it stands")
    func checksum() throws {
        let wrong = "0x5EA054aEea285Ebc3A92eCB1f722f44304F72581"
        let data = try Self.typed(#""Note":[{"name":"to","type":"address"}]"#, "Note", "{\"to\":\"\(wrong)\"}")
        let signing = BlindSigning(.typedData(data), clock: SigningWorkspace.start)
        #expect(refusals { try sign(signing) } == [Refusal("value.wrong-checksum", "/message/to")])
    }

    @Test("is refused while this machine's clock is behind")
    func clock() throws {
        try sign(Self.blind(Self.transaction(), after: 60))
        #expect(
            refusals { try sign(Self.blind(Self.transaction(nonce: 8), after: 59)) }
                == [Refusal("ledger.clock-behind", nil)])
        #expect(try workspace.lines.count == 1)
    }

    @Test("takes nothing but the word sign for a yes", arguments: [nil, "", "Sign", "sign ", "yes", "y"])
    func consent(answer: String?) throws {
        let expected = answer == nil ? "sign.nobody-to-ask" : "sign.declined"
        #expect(
            refusals { _ = try ConsentedBlindSigning.typed(answer, for: Self.blind(Self.transaction())) } == [
                Refusal(expected, nil)
            ])
    }

    @Test("records typed data by its digest, without a nonce")
    func typedData() throws {
        let text = #"""
            {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"chainId","type":"uint256"}],\#
            "Note":[{"name":"text","type":"string"}]},"primaryType":"Note",\#
            "domain":{"name":"Example","chainId":8453},"message":{"text":"hello"}}
            """#
        let data = try TypedData(JSONDocument(Array(text.utf8)).root)
        let signing = BlindSigning(.typedData(data), clock: SigningWorkspace.start)
        #expect(signing.problems == [])
        #expect(try warnings(signing) == [Self.always])
        let signature = try sign(signing)
        #expect(try signature.recoverAddress(digest: data.digest) == SampleKey.payer.address)
        let entry = try #require(try workspace.ledger.read()?.entries.first)
        #expect(entry.subject == .blind && entry.chain == .base && entry.spends == [])
        #expect(entry.transactions.map(\.hash) == [data.digest] && entry.transactions.map(\.nonce) == [nil])
        try sign(signing)
        #expect(try workspace.lines.count == 1)
    }
}
