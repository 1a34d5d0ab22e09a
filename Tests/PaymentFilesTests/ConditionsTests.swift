import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockStrictJSON
import Testing

extension SampleFile {
    /// Every member that a conditions file can have.
    static let conditions = SampleFile(members: [
        ("airlock", "1"), ("kind", "\"conditions\""), ("chainId", "\"8453\""),
        ("sender", quoted(SampleKey.payer.address)), ("nonce", "\"7\""), ("gas", "\"180000\""),
        ("approveGas", "\"60000\""), ("maxFeePerGas", "\"30000000\""), ("maxPriorityFeePerGas", "\"1000000\""),
        ("block", block.json), ("nativeBalance", "\"1000000000000000000\""), ("token", token.json),
        ("approval", approval.json), ("method", "\"transferTokenPreApproved\""), ("value", "\"0\""),
        ("poolFee", "\"500\""), ("l1Fee", "\"2500000000\""), ("ledgerHead", quoted(Hash.keccak([1]))),
    ])

    static let block = SampleFile(members: [
        ("number", "\"30000000\""), ("hash", quoted(Hash.keccak([2]))), ("timestamp", "\"1773200000\""),
    ])

    static let token = SampleFile(members: [
        ("address", quoted("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")), ("symbol", "\"USDC\""),
        ("decimals", "\"6\""), ("balance", "\"5000000\""), ("domainSeparator", quoted(Hash.keccak([3]))),
    ])

    static let approval = SampleFile(members: [
        ("spender", quoted("0x03059433BCdB6144624cC2443159D9445C32b7a8")), ("allowance", "\"2000000\""),
        ("resetFirst", "true"),
    ])

    /// Every member that the conditions of a payroll can have.
    static let payrollConditions = SampleFile(
        members: conditions.members.filter {
            !["approveGas", "token", "approval", "method", "value", "poolFee"].contains($0.name)
        } + [("tokens", "[\(payrollToken.json)]")])

    static let payrollToken = SampleFile(
        members: token.members.filter { $0.name != "domainSeparator" } + [("gas", "\"62000\"")])

    static let requiredConditions = ["airlock", "kind", "chainId", "sender"]
}

@Suite("A conditions file")
struct ConditionsTests {
    @Test("of a payroll says each token with its gas, and is written as it was read")
    func payroll() throws {
        let conditions = try Conditions(SampleFile.payrollConditions.bytes)
        let listed = try #require(conditions.tokens?.first)
        #expect(listed.gas == 62_000 && listed.token.balance == 5_000_000 && conditions.tokens?.count == 1)
        #expect(try Conditions(Array(conditions.json.text.utf8)) == conditions)
        let native = try Conditions(SampleFile.payrollConditions.with("tokens", "[]").bytes)
        #expect(native.tokens == [] && native.json.text.contains("\"tokens\":[]"))
    }

    @Test("says what it was written with")
    func members() throws {
        let conditions = try Conditions(SampleFile.conditions.bytes)
        #expect(conditions.chain == .base)
        #expect(conditions.sender == SampleKey.payer.address)
        #expect(conditions.nonce == 7)
        #expect(conditions.gas == 180_000)
        #expect(conditions.approveGas == 60_000)
        #expect(conditions.maxFeePerGas == 30_000_000)
        #expect(conditions.maxPriorityFeePerGas == 1_000_000)
        #expect(
            conditions.block
                == Conditions.Block(
                    number: 30_000_000, hash: .keccak([2]), timestamp: Timestamp(seconds: 1_773_200_000)))
        #expect(conditions.nativeBalance == 1_000_000_000_000_000_000)
        #expect(
            conditions.token
                == Conditions.Token(
                    address: Address(known: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), symbol: "USDC", decimals: 6,
                    balance: 5_000_000, domainSeparator: .keccak([3])))
        #expect(
            conditions.approval
                == Conditions.Approval(
                    spender: Address(known: "0x03059433BCdB6144624cC2443159D9445C32b7a8"), allowance: 2_000_000,
                    resetFirst: true))
        #expect(conditions.method == "transferTokenPreApproved")
        #expect(conditions.value == .zero)
        #expect(conditions.poolFee == 500)
        #expect(conditions.l1Fee == 2_500_000_000)
        #expect(conditions.ledgerHead == .keccak([1]))
    }

    @Test("is written as it was read, byte for byte, with any of its members left out", arguments: optional)
    func round(name: String?) throws {
        let file = name.map { SampleFile.conditions.with($0, nil) } ?? .conditions
        #expect(try Conditions(file.bytes).json.text == file.json)
    }

    private static let optional: [String?] =
        SampleFile.conditions.members.map(\.name).filter { !SampleFile.requiredConditions.contains($0) } + [nil]

    @Test("takes null for a member that may be left out", arguments: optional)
    func null(name: String?) throws {
        guard let name else { return }
        #expect(
            try Conditions(SampleFile.conditions.with(name, "null").bytes)
                == Conditions(SampleFile.conditions.with(name, nil).bytes))
    }

    @Test("needs no more than the chain and the sender")
    func least() throws {
        let file = SampleFile(
            members: SampleFile.conditions.members.filter { SampleFile.requiredConditions.contains($0.name) })
        let conditions = try Conditions(file.bytes)
        #expect(conditions == Conditions(chain: .base, sender: SampleKey.payer.address))
        #expect(conditions.json.text == file.json)
    }

    @Test("in a line needs neither head nor kind, and refuses another's")
    func line() throws {
        func read(_ file: SampleFile) throws -> Conditions { try Conditions(line: JSONDocument(file.bytes).root) }
        let headless = SampleFile.conditions.with("airlock", nil).with("kind", nil)
        #expect(try read(headless) == Conditions(SampleFile.conditions.bytes))
        #expect(try read(.conditions) == Conditions(SampleFile.conditions.bytes))
        #expect(
            refusals { _ = try read(.conditions.with("airlock", "2").with("kind", "\"policy\"")) } == [
                Refusal("format.unknown-version", "/airlock"), Refusal("format.unknown-kind", "/kind"),
            ])
        #expect(refusals { _ = try read(headless.with("gaz", "\"1\"")) } == [Refusal("json.unknown-field", "/gaz")])
    }

    @Test("may leave out the domain separator and whether to reset first")
    func inner() throws {
        let file = SampleFile.conditions
            .with("token", SampleFile.token.with("domainSeparator", nil).json)
            .with("approval", SampleFile.approval.with("resetFirst", nil).json)
        let conditions = try Conditions(file.bytes)
        #expect(conditions.token?.domainSeparator == nil)
        #expect(conditions.approval?.resetFirst == false)
    }
}
