import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockSamples
import Testing
import AirlockCharges

@testable import AirlockSigning

@Suite("Consent")
struct ConsentTests {
    private func payment(_ change: (inout Draft) -> Void = { _ in }) throws -> ReviewedPayment {
        try #require(try Draft.review(change).payment)
    }

    private func unpinned(_ draft: inout Draft) { draft.rules { $0["recipients"] = nil } }

    @Test(
        "to a pinned recipient is the word sign", arguments: ["sign", "SIGN", "Sign", " sign ", "sign\n", "\tsign\r\n"])
    func sign(answer: String) throws {
        let payment = try payment()
        #expect(payment.expectedAnswer == "sign")
        #expect(payment.prompt == "Type sign: ")
        #expect(refusals { _ = try ConsentedPayment.typed(answer, for: payment) }.isEmpty)
    }

    @Test(
        "to a pinned recipient is nothing else",
        arguments: [
            "", " ", "y", "yes", "sign it", "si gn", "\"sign\"", "signs", "sig", "F72581", "f72581", "s\u{131}gn",
            "sign\u{0}", "sign\u{200b}", "\u{ff53}ign",
        ])
    func notSign(answer: String) throws {
        let payment = try payment()
        #expect(refusals { _ = try ConsentedPayment.typed(answer, for: payment) } == [Refusal("sign.declined", nil)])
    }

    @Test("to a recipient that nobody pins is its last six digits", arguments: ["F72581", "f72581", " f72581 \n"])
    func digits(answer: String) throws {
        let payment = try payment(unpinned)
        #expect(payment.expectedAnswer == "f72581")
        #expect(payment.prompt == "Type the last six digits of its address to sign: ")
        #expect(payment.question.contains("to \(SampleCharge.recipient), "))
        #expect(payment.question.hasSuffix(" No policy pins the recipient."))
        #expect(refusals { _ = try ConsentedPayment.typed(answer, for: payment) }.isEmpty)
    }

    @Test(
        "to a recipient that nobody pins is nothing else",
        arguments: ["", "sign", "f72582", "72581", "44f72581", "0xf72581", "F7258l", "\(SampleCharge.recipient)"])
    func notDigits(answer: String) throws {
        let payment = try payment(unpinned)
        let found = problems { _ = try ConsentedPayment.typed(answer, for: payment) }
        #expect(found.map { Refusal($0) } == [Refusal("sign.declined", nil)])
    }

    @Test(
        "is asked for with the payment in the question: amount, chain, recipient, what else is spent, and the worst fee"
    )
    func question() throws {
        let recipient = "OpenRouter (0x5eA0\u{2026}2581)"
        #expect(
            try payment().question == "Pay 1.05 USDC on base to \(recipient), fee at most 0.0000054025 ETH.")
        let swap = try payment {
            $0.edit {
                $0.method = "swapAndTransferUniswapV3Native"
                $0.value = 400_000_000_000_000
            }
        }
        #expect(swap.question.contains(", by a swap that may spend up to all of 0.0004 ETH, fee at most "))
        let permit = try payment { $0.subsidize() }
        #expect(permit.question == "Pay 1.05 USDC on base to \(recipient), by a permit that someone else must send.")
        let fee = try payment {
            $0.charge["recipient_amount"] = quoted(50_000)
            $0.charge["fee_amount"] = quoted(1_000_000)
        }
        #expect(fee.question.contains("to \(recipient), of it 1 USDC to the operator as a fee, fee at most "))
    }

    @Test("under a policy that caps no network fee is asked for with the fee in the question")
    func networkFee() throws {
        let payment = try payment { $0.rules { $0["maxNetworkFee"] = nil } }
        #expect(payment.openPoints == [.networkFee(5_402_500_000_000)])
        #expect(payment.expectedAnswer == "sign")
        #expect(
            payment.question.hasSuffix(
                "fee at most 0.0000054025 ETH. No policy caps the network fee, which can be 0.0000054025 ETH."))
        #expect(payment.prompt == "Type sign: ")
    }

    @Test("to a domain separator that nobody pins is its last six digits, and the question shows all of it")
    func domainSeparator() throws {
        let separator = Hash.keccak([1])
        let one = try payment { $0.subsidize(unknown: separator) }
        #expect(one.openPoints == [.domainSeparator(separator, token: unknownToken)])
        #expect(one.question.contains("\(separator)") && one.question.contains("\(unknownToken)"))
        #expect(one.expectedAnswer == "\(separator)".suffix(6))
        #expect(refusals { _ = try ConsentedPayment.typed("sign", for: one) } == [Refusal("sign.declined", nil)])
        #expect(refusals { _ = try ConsentedPayment.typed(one.expectedAnswer, for: one) }.isEmpty)
        let both = try payment {
            $0.subsidize(unknown: separator)
            $0.rules {
                $0["recipients"] = nil
                $0["currencies"] =
                    SampleFile.currencies.with("\(unknownToken)", SampleFile.tokenCurrency.json).json
            }
        }
        #expect(both.expectedAnswer == "f72581 \("\(separator)".suffix(6))")
        #expect(refusals { _ = try ConsentedPayment.typed("f72581", for: both) } == [Refusal("sign.declined", nil)])
        #expect(refusals { _ = try ConsentedPayment.typed(both.expectedAnswer, for: both) }.isEmpty)
    }

    @Test("of a policy names what the policy lacks")
    func lacking() throws {
        let payment = try payment {
            $0.subsidize(unknown: .keccak([1]))
            $0.currency("\(unknownToken)") { $0["perPayment"] = nil }
        }
        let found = problems { _ = try ConsentedPayment.ofPolicy(for: payment) }
        let currency = "/chains/8453/currencies/\(unknownToken)"
        #expect(
            found.first?.message.hasSuffix("expected one with \(currency)/perPayment, \(currency)/domainSeparator")
                == true)
    }

    @Test("to one payment is a consent to that one")
    func bound() throws {
        let payment = try payment()
        let consented = try ConsentedPayment.typed("sign", for: payment)
        #expect(consented.payment.code == payment.code)
        let signed = try consented.signed(with: SampleKey.payer.secret, secondEngine: false)
        #expect(signed.count == payment.plan.count)
    }

    @Test("cannot be had where there is nobody to ask")
    func nobody() throws {
        let payment = try payment()
        let found = problems { _ = try ConsentedPayment.typed(nil, for: payment) }
        #expect(found.map { Refusal($0) } == [Refusal("sign.nobody-to-ask", nil)])
    }

    /// Each row has a change of the policy, and whether the changed policy is enough to pay without asking the user.
    private static let policies: [(String, Bool, @Sendable (inout Draft) -> Void)] = [
        ("pins and caps", true, { _ in }),
        ("pins nobody", false, { $0.rules { $0["recipients"] = nil } }),
        ("caps no token", false, { $0.currency("\(usdc)") { $0["perPayment"] = nil } }),
        (
            "caps a token by the day alone", false,
            {
                $0.currency("\(usdc)") {
                    $0["perPayment"] = nil; $0["perDay"] = "\"5\""
                }
            }
        ),
        ("caps no native value, for a token", true, { $0.rules { $0["maxNativeValue"] = nil } }),
        ("caps no network fee", false, { $0.rules { $0["maxNetworkFee"] = nil } }),
        (
            "caps no network fee, for a permit, which costs the payer none", true,
            {
                $0.subsidize()
                $0.rules { $0["maxNetworkFee"] = nil }
            }
        ),
        ("pins no domain separator of a token that nobody knows", false, { $0.subsidize(unknown: .keccak([1])) }),
        (
            "pins the domain separator of a token that nobody knows", true,
            {
                $0.subsidize(unknown: .keccak([1]))
                $0.currency("\(unknownToken)") { $0["domainSeparator"] = quoted(Hash.keccak([1])) }
            }
        ),
        (
            "caps native payments", true,
            {
                $0.pay(in: .zero); $0.rules { $0["maxNativeValue"] = nil }
            }
        ),
        (
            "caps native value", true,
            {
                $0.pay(in: .zero); $0.currency("0x0") { $0["perPayment"] = nil }
            }
        ),
        (
            "caps nothing native", false,
            {
                $0.pay(in: .zero); $0.leaveNativeUncapped()
            }
        ),
        (
            "caps no native value, for a wrapped payment", false,
            {
                $0.pay(in: wrapped); $0.leaveNativeUncapped()
            }
        ),
        (
            "caps no native value, for a swap", false,
            {
                $0.leaveNativeUncapped()
                $0.edit {
                    $0.method = "swapAndTransferUniswapV3Native"; $0.value = 1
                }
            }
        ),
        (
            "caps native value, for a swap", true,
            {
                $0.edit {
                    $0.method = "swapAndTransferUniswapV3Native"; $0.value = 1
                }
            }
        ),
    ]

    @Test("of a policy needs one that pins recipients and caps what is spent", arguments: policies.indices)
    func policy(index: Int) throws {
        let (name, isEnough, change) = Self.policies[index]
        let payment = try payment(change)
        let found = problems { _ = try ConsentedPayment.ofPolicy(for: payment) }
        #expect(
            found.map { Refusal($0) } == (isEnough ? [] : [Refusal("sign.policy-not-enough", "policy:")]), "\(name)")
    }
}

extension Draft {
    /// Removes from the policy every cap on the amount of native currency.
    fileprivate mutating func leaveNativeUncapped() {
        rules {
            $0["maxNativeValue"] = nil
            let native = SampleFile.nativeCurrency.with("perPayment", nil)
            $0["currencies"] = SampleFile.currencies.with("0x0", native.json).json
        }
    }
}
