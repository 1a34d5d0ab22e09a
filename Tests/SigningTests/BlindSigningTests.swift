import EthereumTypes
import Problems
import Samples
import Secp256k1
import Signing
import StrictJSON
import Testing
import Transactions
import TransferProtocol
import TypedData

@Suite("Signing blind")
struct BlindSigningTests {
    let desk: SigningDesk

    init() throws { desk = try SigningDesk() }

    private static func transaction(nonce: UInt64 = 7, chain: UInt64? = 8453, value: UInt256 = 5) -> UnsignedTransaction
    {
        UnsignedTransaction(
            nonce: nonce, gas: 21_000, to: SampleCharge.recipient, value: value, data: [],
            form: chain.map {
                .dynamicFee(chainID: $0, maxPriorityFeePerGas: 1, maxFeePerGas: 2, accessList: [])
            } ?? .legacy(chainID: nil, gasPrice: 2))
    }

    private static func blind(
        _ transaction: UnsignedTransaction, after seconds: UInt64 = 0
    ) -> BlindSigning {
        BlindSigning(.transaction(transaction), clock: Timestamp(seconds: SigningDesk.start.seconds + seconds))
    }

    @discardableResult
    private func sign(_ signing: BlindSigning, by key: SampleKey = .payer) throws -> Signature {
        try ConsentedBlindSigning.typed("sign", for: signing).sign(with: key.secret, recordingIn: desk.ledger)
    }

    private func warnings(_ signing: BlindSigning, from key: SampleKey = .payer) throws -> [String] {
        try signing.warnings(from: key.address, desk.ledger.read())
    }

    private static let always = "no charge stands behind this: nobody has proved what it is for"

    @Test("records what was signed before it is put out, once")
    func records() throws {
        let transaction = Self.transaction()
        let signature = try sign(Self.blind(transaction))
        #expect(try signature.recoverAddress(digest: transaction.signingHash) == SampleKey.payer.address)
        let entry = try #require(try desk.ledger.read()?.entries.first)
        #expect(entry.subject == .blind && entry.chain == .base && entry.from == SampleKey.payer.address)
        #expect(entry.recipient == SampleCharge.recipient)
        #expect(entry.spends.map(\.amount) == [5] && entry.spends.map(\.currency) == [.zero])
        #expect(entry.transactions.map(\.nonce) == [7])
        #expect(entry.transactions.map(\.hash) == [try SignedTransaction(transaction, signature).hash])
        #expect(try sign(Self.blind(transaction, after: 60)) == signature)
        #expect(try desk.lines.count == 1)
    }

    @Test("records each key's own signature of the same thing")
    func keys() throws {
        try sign(Self.blind(Self.transaction()))
        try sign(Self.blind(Self.transaction()), by: .stranger)
        #expect(
            try desk.ledger.read()?.entries.map(\.from) == [SampleKey.payer.address, SampleKey.stranger.address])
    }

    @Test("always warns, and of a nonce seen before")
    func nonces() throws {
        let first = Self.blind(Self.transaction())
        #expect(try warnings(first) == [Self.always])
        try sign(first)
        let seen = "another transaction was signed with nonce 7 at \(SigningDesk.start)"
        #expect(try warnings(first) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(value: 6))) == [Self.always, seen])
        #expect(try warnings(Self.blind(Self.transaction(nonce: 8))) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(chain: 1))) == [Self.always])
        #expect(try warnings(Self.blind(Self.transaction(value: 6)), from: .stranger) == [Self.always])
        // It is a warning and no more; from then on each has the other beside it.
        try sign(Self.blind(Self.transaction(value: 6)))
        #expect(try warnings(first) == [Self.always, seen])
    }

    @Test("warns of what is valid on every chain, and of its nonce on all of them")
    func everyChain() throws {
        let everywhere = Self.blind(Self.transaction(chain: nil))
        let names = "it is valid on every chain, since it names none"
        #expect(try warnings(everywhere) == [Self.always, names])
        try sign(everywhere)
        let seen = "another transaction was signed with nonce 7 at \(SigningDesk.start)"
        #expect(try warnings(Self.blind(Self.transaction(chain: 1))) == [Self.always, seen])
        #expect(
            Review(try desk.request(1, nonce: 7)).refusals(.ledger)
                == [Refusal("ledger.nonce-already-signed", "--nonce")])
    }

    @Test("of a payment's nonce is a warning; a payment of its nonce is refused until it names it")
    func payments() throws {
        try desk.sign(desk.request(1, nonce: 7))
        #expect(try warnings(Self.blind(Self.transaction())).count == 2)
        let transaction = Self.transaction(nonce: 8)
        let signature = try sign(Self.blind(transaction))
        var request = try desk.request(2, nonce: 8)
        #expect(Review(request).refusals(.ledger) == [Refusal("ledger.nonce-already-signed", "--nonce")])
        request.replace = try SignedTransaction(transaction, signature).hash
        #expect(Review(request).refusals(.ledger) == [])
    }

    @Test("counts what it sends toward the caps of a day")
    func caps() throws {
        try sign(Self.blind(Self.transaction(nonce: 1, value: 6_000_000_000_000_000)))
        var request = try desk.request(policy: SigningDesk.policy(native: #","perDay":"0.01""#))
        request.method = .named(.swapAndTransferUniswapV3Native)
        request.value = 4_000_000_000_000_001
        #expect(Review(request).refusals(.ledger).map(\.code) == ["policy.over-day-cap"])
        request.value = 4_000_000_000_000_000
        #expect(Review(request).refusals(.ledger) == [])
    }

    @Test("is refused while this machine's clock is behind")
    func clock() throws {
        try sign(Self.blind(Self.transaction(), after: 60))
        #expect(
            refusals { try sign(Self.blind(Self.transaction(nonce: 8), after: 59)) }
                == [Refusal("ledger.clock-behind", nil)])
        #expect(try desk.lines.count == 1)
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
        let signing = BlindSigning(.typedData(data), clock: SigningDesk.start)
        #expect(signing.problems == [])
        #expect(try warnings(signing) == [Self.always])
        let signature = try sign(signing)
        #expect(try signature.recoverAddress(digest: data.digest) == SampleKey.payer.address)
        let entry = try #require(try desk.ledger.read()?.entries.first)
        #expect(entry.subject == .blind && entry.chain == .base && entry.spends == [])
        #expect(entry.transactions.map(\.hash) == [data.digest] && entry.transactions.map(\.nonce) == [nil])
        try sign(signing)
        #expect(try desk.lines.count == 1)
    }
}
