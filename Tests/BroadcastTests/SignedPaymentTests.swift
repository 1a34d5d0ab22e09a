import AirlockTokens
import AirlockBroadcast
import AirlockEthereumTypes
import AirlockRequests
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSecp256k1
import AirlockStrictJSON
import Testing
import AirlockTransactions
import AirlockCharges

@Suite("What is to be sent")
struct SignedPaymentTests {
    private let charge: Charge
    private let approve: SignedTransaction
    private let pay: SignedTransaction
    private let cancel: SignedTransaction

    init() throws {
        charge = try SamplePayment.charge()
        approve = try SamplePayment.signed(
            nonce: 7, to: SamplePayment.usdc, data: ERC20.approve(charge.contents.contract, charge.contents.needed))
        pay = try SamplePayment.pay(charge, nonce: 8)
        cancel = try SamplePayment.signed(nonce: 8, to: SampleKey.payer.address, fee: 60_000_000)
    }

    @Test("is read from a payment file, with what the payment must leave behind")
    func file() throws {
        let payment = try SamplePayment.file(charge, [(.approve, approve), (.pay, pay), (.cancel, cancel)])
        let signedPayment = try SignedPayment(reading: Array(" \n".utf8) + payment.json.bytes)
        #expect(signedPayment.steps.map(\.hash) == [approve.hash, pay.hash, cancel.hash])
        #expect(signedPayment.target == 8)
        #expect(signedPayment.sender == SampleKey.payer.address)
        #expect(signedPayment.code == payment.code)
        #expect(signedPayment.charge?.intent == charge.contents.intent)
        #expect(signedPayment.reading?.method == "transferTokenPreApproved")
        #expect(signedPayment.reading?.effect?.events.map(\.contract) == [charge.contents.contract])
    }

    @Test("is read from raw transactions in every form that they come in, with the same roles and code")
    func raw() throws {
        let file = try SignedPayment(SamplePayment.file(charge, [(.approve, approve), (.pay, pay), (.cancel, cancel)]))
        let all = [approve, pay, cancel].map { Hex.encode($0.raw) }
        for text in [
            all.joined(separator: "\n"), all.map { $0.dropFirst(2).uppercased() }.joined(separator: "\r\n") + "\n",
            all.map { "0X" + $0.dropFirst(2) }.joined(separator: " "),
        ] {
            let signedPayment = try SignedPayment(reading: Array(text.utf8))
            #expect(signedPayment.steps.map(\.role) == [.approve, .pay, .cancel])
            #expect(signedPayment.steps.map(\.hash) == file.steps.map(\.hash))
            #expect(signedPayment.code == file.code)
            #expect(signedPayment.charge == file.charge)
            #expect(signedPayment.payment == nil)
        }
    }

    @Test("ignores a raw transaction that occurs again, and keeps the code")
    func repeated() throws {
        let once = try SignedPayment(raw: [pay.raw, cancel.raw])
        let text = [pay, cancel, pay, cancel].map { Hex.encode($0.raw) }.joined(separator: "\n")
        #expect(try SignedPayment(reading: Array(text.utf8)) == once)
        // A transfer to oneself cancels nothing, whether it occurs once or twice.
        #expect(try SignedPayment(raw: [cancel.raw, cancel.raw]).steps.map(\.role) == [nil])
    }

    @Test("shows nothing of what is no raw transaction, and says in which line it is")
    func secrets() throws {
        let words = "legal winner thank year wave sausage"
        for (text, lines) in [
            (words, ["line 1"]), ("\(words)\r\n\r\n0x\(words)\r\n", ["line 1", "line 3"]),
            (Hex.encode(pay.raw) + "\n0xlegal\nabc", ["line 2", "line 3"]),
        ] {
            let found = problems { _ = try SignedPayment(reading: Array(text.utf8)) }
            #expect(found.map(\.code) == lines.map { _ in "value.not-hex" })
            #expect(found.map(\.field) == lines)
            #expect(found.allSatisfy { $0.message == "not hexadecimal" })
        }
        // A private key in hexadecimal is not a transaction. The error message must not contain it.
        for key in [String(repeating: "5e", count: 32), "0x" + String(repeating: "c1", count: 32)] {
            let found = problems { _ = try SignedPayment(reading: Array(key.utf8)) }
            #expect(!found.isEmpty && found.allSatisfy { !$0.message.contains("5e") && !$0.message.contains("c1c1") })
        }
    }

    @Test("is read as nothing where the call is not known, and no cancel where there is nothing to cancel")
    func unknown() throws {
        let signedPayment = try SignedPayment(raw: [cancel.raw])
        #expect(signedPayment.reading == nil)
        #expect(signedPayment.steps.map(\.role) == [nil])
        #expect(signedPayment.target == 8)
    }

    @Test("numbers the variants of one nonce")
    func rungs() throws {
        let call = try SamplePayment.call(charge)
        let higher = try SamplePayment.signed(nonce: 8, to: call.to, data: call.data, fee: 40_000_000)
        let signedPayment = try SignedPayment(raw: [approve.raw, pay.raw, higher.raw])
        #expect(signedPayment.steps.map(\.rung) == [0, 0, 1])
    }

    @Test("tells a raw transaction from the name of a file")
    func operand() throws {
        #expect(SignedPayment.isRaw(Hex.encode(pay.raw)))
        #expect(SignedPayment.isRaw(Hex.encode(pay.raw, prefix: false).uppercased()))
        #expect(!SignedPayment.isRaw("payment.json"))
        #expect(!SignedPayment.isRaw("deadbeef"))
        #expect(!SignedPayment.isRaw("-"))
    }

    @Test("is refused when a payment does not do what its file says")
    func otherPayment() throws {
        let other = try SamplePayment.charge { $0["id"] = "\"0x\(String(repeating: "ee", count: 16))\"" }
        let later = try SamplePayment.charge { $0["deadline"] = "\"2026-03-12T08:30:49Z\"" }
        let cases = [
            (try SamplePayment.pay(other), "/intentId"), (approve, "/transactions/0/raw"),
            (try SamplePayment.pay(later), "/expires"),
            (try SamplePayment.pay(SamplePayment.nativeCharge()), "/method"),
        ]
        for (transaction, place) in cases {
            let found = refusals { _ = try SignedPayment(SamplePayment.file(charge, [(.pay, transaction)])) }
            #expect(found == [Refusal("send.other-payment", place)])
        }
        // The deadline in the file differs from the deadline in the transactions. The message gives the file's value
        // after "saw", and the value of the transactions after "expected", as `airlock verify` does. Both transactions
        // of the payment differ from the file, but the problem is reported once.
        let call = try SamplePayment.call(later)
        let variant = try SamplePayment.signed(nonce: 8, to: call.to, data: call.data, fee: 40_000_000)
        let file = try SamplePayment.file(charge, [(.pay, SamplePayment.pay(later, nonce: 8)), (.pay, variant)])
        let found = problems { _ = try SignedPayment(file) }
        #expect(
            found.map(\.message) == [
                "\(SendRule.otherPayment.meaning); saw 2026-03-11T08:30:49Z; expected 2026-03-12T08:30:49Z"
            ])
    }

    @Test("is nothing of a permit, which someone else has to send; one that was altered is refused for that")
    func permit() throws {
        let permit = try SamplePayment.permit(charge)
        let found = problems { _ = try SignedPayment(permit) }
        #expect(found.map { Refusal($0) } == [Refusal("send.permit", "/transactions/0")])
        #expect(found[0].message.contains("its code is \(permit.code)"))
        #expect(found[0].message.contains("\(charge.contents.contract)"))
        #expect(
            refusals { _ = try SignedPayment(SamplePayment.permit(charge, code: "")) } == [
                Refusal("payment.code-mismatch", "/code")
            ])
        let signed = try #require(permit.permit)
        let altered: [(to: Address, data: [UInt8], place: String)] = [
            (.zero, [0xDE, 0xAD, 0xBE, 0xEF], "/transactions/0/data"),
            (signed.to, Array(signed.data.dropLast()), "/transactions/0/data"),
            (SamplePayment.usdc, signed.data, "/transactions/0/hash"),
        ]
        for (to, data, place) in altered {
            let altered = Payment.Permit(
                signature: signed.signature, domainSeparator: signed.domainSeparator, to: to, data: data)
            let payment = Payment(
                permit.subject, chain: permit.chain, from: permit.from, expires: permit.expires,
                policyHash: permit.policyHash, ledgerHead: nil, code: permit.code,
                transactions: [Payment.Transaction(altered, nonce: 0, digest: permit.transactions[0].hash)])
            #expect(refusals { _ = try SignedPayment(payment) } == [Refusal("send.other-payment", place)])
        }
    }

    @Test("is refused when a cancel does more than that")
    func notACancel() throws {
        for transaction in [
            try SamplePayment.signed(to: SampleKey.stranger.address),
            try SamplePayment.signed(to: SampleKey.payer.address, value: 1),
            try SamplePayment.signed(to: SampleKey.payer.address, data: [0]),
        ] {
            let found = refusals { _ = try SignedPayment(SamplePayment.file(charge, [(.cancel, transaction)])) }
            #expect(found == [Refusal("send.not-a-cancel", "/transactions/0/raw")])
        }
    }

    @Test("is refused when transactions do not belong together, or are none")
    func mixed() throws {
        let foreign = try SamplePayment.signed(to: .zero, by: .stranger)
        let elsewhere = try SamplePayment.signed(to: .zero, chainID: 1)
        let second = try SamplePayment.pay(SamplePayment.nativeCharge(), nonce: 9)
        for others in [[foreign], [elsewhere], [second], [try SamplePayment.pay(charge, nonce: 9)]] {
            #expect(
                refusals { _ = try SignedPayment(raw: [pay.raw] + others.map(\.raw)) } == [Refusal("send.mixed", nil)])
        }
        #expect(refusals { _ = try SignedPayment(reading: []) } == [Refusal("send.nothing-to-send", nil)])
    }

    @Test("is refused when a transaction with another nonce is neither an approval before it nor a cancel")
    func several() throws {
        let recipient = SampleCharge.recipient
        let transfer = ERC20.transfer(recipient, 1_050_000)
        let first = try SamplePayment.signed(nonce: 7, to: SamplePayment.usdc, data: transfer)
        let second = try SamplePayment.signed(nonce: 8, to: SamplePayment.usdc, data: ERC20.transfer(recipient, 10_000))
        let native = try SamplePayment.signed(nonce: 7, to: recipient, value: 1)
        let after = try SamplePayment.signed(nonce: 9, to: recipient, value: 1)
        let paid = try SamplePayment.signed(nonce: 7, to: recipient, value: 1, data: ERC20.approve(recipient, 1))
        // This is not exactly a call of `approve`, so the summary could not show what it allows.
        let longer = try SamplePayment.signed(nonce: 7, to: SamplePayment.usdc, data: ERC20.approve(recipient, 1) + [0])
        // An approval after the payment would not be sent.
        let late = try SamplePayment.signed(nonce: 9, to: SamplePayment.usdc, data: ERC20.approve(recipient, 1))
        let cases = [
            [first, second], [second, first], [native, pay], [pay, after], [paid, pay], [longer, pay], [pay, late],
        ]
        for transactions in cases {
            let text = transactions.map { Hex.encode($0.raw) }.joined(separator: "\n")
            #expect(refusals { _ = try SignedPayment(reading: Array(text.utf8)) } == [Refusal("send.mixed", nil)])
        }
        // A transfer is also refused if a payment file, or an answer of `airlock sign --lines`, gives it the role of an
        // approval.
        for role in [Payment.Role.reset, .approve] {
            let file = try SamplePayment.file(charge, [(role, first), (.pay, pay)])
            #expect(refusals { _ = try SignedPayment(file) } == [Refusal("send.mixed", nil)])
            let all = file.transactions.map(\.json.text).joined(separator: ",")
            let answer = Array(#"{"ok":true,"chargeId":"c","transactions":[\#(all)]}"#.utf8)
            #expect(refusals { _ = try SignedPayment(line: answer) } == [Refusal("send.mixed", nil)])
        }
    }

    @Test("is shown with the spender and the amount of each approval, once for all fees")
    func approvals() throws {
        let (usdc, contract) = (SamplePayment.usdc, charge.contents.contract)
        let other = Address(known: "0x50c5725949A6F0c72E6C4a641F24049A917DB0Cb")
        func approve(
            _ nonce: UInt64, _ amount: UInt256, of token: Address, fee: UInt256 = 30_000_000
        ) throws -> SignedTransaction {
            try SamplePayment.signed(nonce: nonce, to: token, data: ERC20.approve(contract, amount), fee: fee)
        }
        let signedPayment = try SignedPayment(
            raw: [
                approve(5, .max, of: usdc), approve(4, 7, of: other), approve(6, .zero, of: usdc),
                approve(7, 1_050_000, of: usdc), approve(7, 1_050_000, of: usdc, fee: 40_000_000), pay,
            ].map(\.raw))
        let lines = [
            "pays 1.05 USDC to \(charge.contents.intent.recipient)",
            "first lets \(contract) take at most 7 units of \(other)",
            "first lets \(contract) take any amount of USDC", "first lets \(contract) take at most 0 USDC",
            "first lets \(contract) take at most 1.05 USDC",
        ]
        #expect(signedPayment.text.hasPrefix(lines.joined(separator: "\n") + "\non base (8453) from "))
        #expect(signedPayment.sentence == lines.joined(separator: "; "))
        // The payment itself is an approval.
        let alone = try SignedPayment(raw: [approve(7, 1, of: usdc).raw]).text
        #expect(alone.contains("\nlets \(contract) take at most 0.000001 USDC\n"))
    }

    @Test("is shown with the token that it takes, where the recipient gets another currency")
    func otherToken() throws {
        let token = Address(known: "0x4200000000000000000000000000000000000006")
        let recipient = charge.contents.intent.recipient
        let swap = try PaymentCall(
            paying: charge, by: .swapAndTransferUniswapV3TokenPreApproved, value: 4_000_000, poolFee: nil,
            wrappedNative: nil, tokenIn: token)
        let permitted = try PaymentCall(
            paying: charge, by: .swapAndTransferUniswapV3Token, value: 5, poolFee: nil, wrappedNative: nil,
            tokenIn: token)
        let unwrapped = try PaymentCall(
            paying: SamplePayment.nativeCharge(), by: .unwrapAndTransferPreApproved, value: nil, poolFee: nil,
            wrappedNative: token)
        for (call, words) in [
            (swap, "1.05 USDC to \(recipient), for at most 4000000 units of \(token)"),
            (permitted, "1.05 USDC to \(recipient), for at most 5 units of \(token)"),
            (unwrapped, "0.00000000000105 ETH to \(recipient), for at most 1050000 units of \(token)"),
            (try SamplePayment.call(charge), "1.05 USDC to \(recipient)"),
        ] {
            let signedPayment = try SignedPayment(raw: [SamplePayment.signed(to: call.to, data: call.data).raw])
            #expect(signedPayment.sentence == "pays \(words)")
            #expect(signedPayment.text.hasPrefix("pays \(words)\non base (8453) from "))
        }
    }

    @Test("is refused when transactions with one nonce make different calls")
    func calls() throws {
        let (call, usdc) = (try SamplePayment.call(charge), SamplePayment.usdc)
        let before = try SamplePayment.signed(nonce: 8, to: usdc, data: ERC20.approve(SampleKey.stranger.address, 1))
        let native = try SamplePayment.signed(nonce: 8, to: SampleCharge.recipient, value: 1)
        let value = try SamplePayment.signed(nonce: 8, to: call.to, value: 1, data: call.data, fee: 40_000_000)
        let amount = try SamplePayment.signed(nonce: 7, to: usdc, data: ERC20.approve(call.to, 1), fee: 40_000_000)
        let token = try SamplePayment.signed(nonce: 7, to: .zero, data: approve.transaction.data, fee: 40_000_000)
        for transactions in [
            [before, pay], [pay, before], [native, pay, cancel], [pay, value], [approve, amount, pay],
            [token, approve, pay],
        ] {
            #expect(refusals { _ = try SignedPayment(raw: transactions.map(\.raw)) } == [Refusal("send.mixed", nil)])
        }
        let file = try SamplePayment.file(charge, [(.approve, approve), (.approve, amount), (.pay, pay)])
        #expect(refusals { _ = try SignedPayment(file) } == [Refusal("send.mixed", nil)])
        let all = file.transactions.map(\.json.text).joined(separator: ",")
        let answer = Array(#"{"ok":true,"chargeId":"c","transactions":[\#(all)]}"#.utf8)
        #expect(refusals { _ = try SignedPayment(line: answer) } == [Refusal("send.mixed", nil)])
    }

    @Test("is read from a reset, an approval, a payment of no known kind, and the cancels of all three")
    func preparations() throws {
        let reset = try SamplePayment.signed(
            nonce: 6, to: SamplePayment.usdc, data: ERC20.approve(charge.contents.contract, .zero))
        let unknown = try SamplePayment.signed(nonce: 8, to: SampleCharge.recipient, data: [1, 2, 3, 4])
        let cancels = try [6, 7, 8].map {
            try SamplePayment.signed(nonce: $0, to: SampleKey.payer.address, fee: 60_000_000)
        }
        let signedPayment = try SignedPayment(raw: ([reset, approve, unknown] + cancels).map(\.raw))
        #expect(signedPayment.steps.map(\.role) == [.approve, .approve, nil, .cancel, .cancel, .cancel])
        #expect(signedPayment.target == 8)
    }

    @Test("is refused without a chain id, and when it is no hexadecimal or no transaction")
    func malformed() throws {
        let transaction = UnsignedTransaction(
            nonce: 1, gas: 21_000, to: .zero, value: 0, data: [], form: .legacy(chainID: nil, gasPrice: 1))
        let unbound = try SignedTransaction(transaction, SampleKey.payer.sign(transaction.signingHash))
        #expect(refusals { _ = try SignedPayment(raw: [unbound.raw]) } == [Refusal("send.no-chain-id", nil)])
        let words = refusals { _ = try SignedPayment(hexadecimal: "0xabc zz") }
        #expect(words == [Refusal("value.not-hex", "line 1")])
        #expect(refusals { _ = try SignedPayment(hexadecimal: "0x02c0") }.count == 1)
    }
}
