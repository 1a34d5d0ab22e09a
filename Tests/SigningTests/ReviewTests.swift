import AirlockTokens
import AirlockPolicies
import AirlockRequests
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockSigning
import Testing
import AirlockTransactions
import AirlockCharges

@Suite("The checks of a review")
struct ReviewTests {
    @Test("refuse for just this, at just this place, and leave nothing to sign", arguments: RefusedRequests.all)
    func refuse(row: RefusedRequest) throws {
        let review = try Draft.review(row.change)
        #expect(review.problems.map { Refusal($0) } == row.refusals)
        #expect(review.payment == nil)
        for check in review.checks { #expect(check.status != .ok || !check.findings.isEmpty, "\(check.subject)") }
        for problem in review.problems {
            #expect(problem.message.utf8.allSatisfy { 0x20...0x7e ~= $0 })
        }
    }

    @Test("reach every rule of a policy and of signing")
    func complete() {
        let reached = Set(RefusedRequests.all.flatMap(\.refusals).map(\.code))
            .union(RefusedPolicies.all.flatMap(\.refusals).map(\.code))
            // Other files test the following rules. ConsentTests tests the rules about the question to the user.
            // VerificationTests tests the rules about a payment that was signed before.
            .union(
                [SigningRule.declined, .nobodyToAsk, .policyNotEnough, .unknownCall, .otherPayment, .otherValue].map(
                    \.rawValue)
            )
            // AirlockTests/TransferTests tests the rule about a transfer that was signed before.
            .union([SigningRule.paymentExpired.rawValue])
            // BlindSigningTests tests the rule about blind signing.
            .union([SigningRule.tooLongToShow.rawValue])
            // AirlockTests/CallTests tests the rules about an unsigned transaction, and the rule about a kind of
            // request that the policy does not know.
            .union([SigningRule.otherNonce, .otherGas, .otherMaxFee, .otherPriorityFee].map(\.rawValue))
            .union([PolicyRule.kind.rawValue])
            // CallReviewTests tests the rule about a call.
            .union([PolicyRule.requester.rawValue])
            // AirlockTests/FolderTests tests the rule about several payments.
            .union([SigningRule.sameIntent.rawValue])
            // The rule that others must not be able to write to the policy file cannot be broken here. Only the tool
            // knows who can write to the file.
            .union([PolicyRule.writableByOthers.rawValue])
        #expect(reached.isSuperset(of: SigningRule.allCases.map(\.rawValue)))
        #expect(reached.isSuperset(of: PolicyRule.allCases.map(\.rawValue)))
    }

    @Test("find nothing wrong where nothing is, and each says what it found")
    func ok() throws {
        let review = try Draft.review()
        #expect(review.problems.isEmpty)
        #expect(review.payment != nil)
        #expect(
            review.checks.map(\.subject) == [
                .request, .signature, .policy, .time, .key, .contract, .money, .ledger,
            ])
        for check in review.checks {
            #expect(check.status == .ok, "\(check.subject)")
            #expect(!check.findings.isEmpty, "\(check.subject)")
        }
    }

    @Test(
        "warn where the operator takes more than a tenth of the payment",
        arguments: [("105000", false), ("105001", true), ("1000000", true)])
    func fee(fee: String, isWarned: Bool) throws {
        let review = try Draft.review {
            $0.charge["fee_amount"] = quoted(fee)
            $0.charge["recipient_amount"] = quoted(1_050_000 - (Int(fee) ?? 0))
        }
        #expect(review.payment != nil)
        #expect(review.warnings(.request).count == (isWarned ? 1 : 0))
        if fee == "1000000" {
            #expect(
                review.warnings(.request) == [
                    "the operator takes 1 USDC of 1.05 USDC as a fee, more than a tenth: the recipient gets 0.05 USDC"
                ])
            #expect(
                review.sentence.hasPrefix(
                    "Pay 1.05 USDC on base (8453), of it 1 USDC to the operator as a fee and 0.05 USDC to OpenRouter (0x"
                ))
        }
    }

    @Test("name the recipient alone where the operator takes no fee")
    func noFee() throws {
        let review = try Draft.review { $0.charge["fee_amount"] = quoted(0) }
        #expect(review.sentence.hasPrefix("Pay 1.0395 USDC on base (8453) to OpenRouter (0x"))
        #expect(review.warnings(.request).isEmpty)
    }

    /// Requests that are accepted, although each is close to one that is refused.
    private static let taken: [(String, @Sendable (inout Draft) -> Void)] = [
        (
            "at the deadline",
            {
                $0.now = Timestamp(seconds: SampleCharge.deadline); $0.policy["maxConditionsAge"] = nil
            }
        ),
        ("of conditions just as old as they may be", { $0.policy["maxConditionsAge"] = "\"60\"" }),
        (
            "of conditions a quarter of an hour ahead",
            {
                $0.conditions?.block = Conditions.Block(
                    number: 1, hash: .zero, timestamp: Timestamp(seconds: SampleCharge.deadline - 3600 + 900))
            }
        ),
        ("at the cap", { $0.currency("\(usdc)") { $0["perPayment"] = "\"1.05\"" } }),
        ("at the cap per day", { $0.currency("\(usdc)") { $0["perDay"] = "\"1.05\"" } }),
        (
            "without caps",
            {
                $0.currency("\(usdc)") {
                    $0["perPayment"] = nil; $0["perDay"] = nil
                }
            }
        ),
        (
            "at the cap of fees", { $0.rules { $0["maxNetworkFee"] = "\"5402500000000\"" } }
        ),
        ("with a balance that just suffices", { $0.conditions?.nativeBalance = 5_402_500_000_000 }),
        (
            "with a token balance and an allowance that just suffice",
            {
                $0.conditions?.token = Conditions.Token(address: usdc, symbol: "USDC", decimals: 6, balance: 1_050_000)
                $0.conditions?.approval = Conditions.Approval(
                    spender: transfers, allowance: 1_050_000, resetFirst: true)
            }
        ),
        ("with the most gas", { $0.conditions?.gas = 16_777_216 }),
        ("with the chain typed", { $0.edit { $0.chain = .base } }),
        ("without a key", { $0.edit { $0.key = nil } }),
        (
            "of a native charge at both caps",
            {
                $0.pay(in: .zero)
                $0.currency("0x0") { $0["perPayment"] = "\"0.00000000000105\"" }
            }
        ),
        ("of a token, whatever the native cap", { $0.rules { $0["maxNativeValue"] = "\"0\"" } }),
        ("with nonce 0", { $0.conditions?.nonce = 0 }),
        (
            "with everything typed and nothing measured",
            {
                $0.conditions = nil
                $0.edit(RefusedRequests.typeAll)
                $0.edit { $0.method = "transferTokenPreApproved" }
            }
        ),
    ]

    @Test("take what is just right", arguments: taken.indices)
    func take(index: Int) throws {
        let (name, change) = Self.taken[index]
        let review = try Draft.review(change)
        #expect(review.problems.isEmpty, "\(name)")
        #expect(review.payment != nil, "\(name)")
    }

    /// Changes that cause a warning. Each row has the check that warns, the text of the warning, and the change.
    private static let warned: [(Check.Subject, String, @Sendable (inout Draft) -> Void)] = [
        (.policy, "no policy pins the recipient", { $0.rules { $0["recipients"] = nil } }),
        (.policy, "no policy pins the recipient", { $0.rules { $0["recipients"] = "null" } }),
        (
            .policy, "the token calls itself USDbC, and the policy calls it USDC",
            {
                $0.conditions?.token = Conditions.Token(
                    address: usdc, symbol: "USDbC", decimals: 6, balance: 5_000_000)
            }
        ),
        (
            .time, "is this machine's clock right?",
            {
                $0.policy["maxConditionsAge"] = nil
                $0.conditions?.block = Conditions.Block(
                    number: 1, hash: .zero, timestamp: Timestamp(seconds: SampleCharge.deadline - 3600 + 901))
            }
        ),
        (
            .contract, "the token balance is not known",
            {
                $0.conditions?.token = nil
                $0.edit { $0.method = "transferTokenPreApproved" }
            }
        ),
        (
            .contract, "the allowance is not known",
            {
                $0.conditions?.approval = nil
                $0.edit { $0.method = "transferTokenPreApproved" }
            }
        ),
        (.money, "the native balance is not known", { $0.conditions?.nativeBalance = nil }),
    ]

    @Test("say of a typed chain that the option is wrong, and of conditions that they are")
    func otherChain() throws {
        let review = try Draft.review {
            $0.conditions?.chain = .polygon
            $0.edit { $0.chain = .ethereum }
        }
        let causes = review.problems.filter { $0.rule as? SigningRule == .otherChain }.map { $0.cause as? SigningCause }
        #expect(causes == [.chainAskedFor, nil])
    }

    @Test("warn of what a person should think about, and refuse nothing for it", arguments: warned.indices)
    func warn(index: Int) throws {
        let (subject, text, change) = Self.warned[index]
        let review = try Draft.review(change)
        #expect(review.payment != nil)
        for check in review.checks {
            #expect(check.status == (check.subject == subject ? .warning : .ok), "\(check.subject)")
            if check.subject == subject { #expect(check.warnings.contains { $0.contains(text) }) }
        }
    }

    @Test("let what is typed come before what was measured")
    func typed() throws {
        let review = try Draft.review {
            $0.edit {
                $0.nonce = 300
                $0.gas = 200_000
                $0.maxFeePerGas = 31_000_000
                $0.maxPriorityFeePerGas = 2_000_000
            }
        }
        let transaction = try #require(review.transaction)
        #expect(transaction.nonce == 300)
        #expect(transaction.gas == 200_000)
        #expect(transaction.maxFeePerGas == 31_000_000)
        #expect(transaction.maxPriorityFeePerGas == 2_000_000)
        #expect(transaction.chainID == 8453)
        #expect(transaction.to == transfers)
        #expect(transaction.value == .zero)
        #expect(transaction.data == review.action?.call.data)
        #expect(transaction.accessList.isEmpty)
    }

    @Test("do not trap at the end of time")
    func endOfTime() throws {
        let review = try Draft.review {
            $0.now = Timestamp(seconds: .max)
            $0.charge["deadline"] = quoted(UInt64.max)
            $0.policy["maxConditionsAge"] = nil
        }
        // A deadline after the year 9999 is treated as the end of that year. The review takes place later, so the
        // charge has expired.
        #expect(review.problems.map(\.code) == ["charge.expired"])
    }

    @Test("know the built-in pins, which pin no recipient and cap nothing")
    func builtIn() throws {
        let review = try Draft.review {
            $0.edit { $0.policy = .builtIn }
        }
        // The built-in policy lists the operator of the real charges, not the operator of the samples.
        #expect(
            review.problems.map { Refusal($0) } == [
                Refusal("policy.operator-not-listed", "\(UnverifiedCharge.callData)/operator")
            ])
        #expect(Policy.builtIn.chains.keys.map(\.id).sorted() == [1, 137, 8453])
        for (chain, rules) in Policy.builtIn.chains {
            let deployment = try #require(Deployment.on(chain))
            let tokens = try #require(KnownTokens.on(chain))
            #expect(rules.lists["contracts"] == [deployment.transfers: ""])
            #expect(rules.lists["operators"] == [Deployment.operator: ""])
            #expect(rules.recipients == nil)
            #expect(Set(rules.currencies.keys) == [.zero, tokens.usdc, tokens.wrappedNative])
            #expect(rules.currencies.values.allSatisfy { $0.perPayment == nil && $0.perDay == nil })
        }
    }
}
