import AirlockABI
public import AirlockEthereumTypes
public import AirlockDiagnostics
public import AirlockRequests
import AirlockSafes
public import AirlockStrictJSON

extension UnverifiedCall: Request {
    public static let kind = "call"

    public static let rules: [any Rule.Type] = [CallRule.self, CallPolicyRule.self]

    public static var isToldBySimulation: Bool { true }

    public static var policySection: PolicySection? { CallRules.section }

    /// Whether the JSON is a call file or an unsigned transaction. An unsigned transaction has no member `kind`.
    public static func recognises(_ root: JSONValue) -> Bool {
        root["kind"]?.string == kind && (root["airlock"] != nil || root["data"] == nil)
            || ProposedTransaction.isOne(root)
    }

    public static func read(_ root: JSONValue) throws(ProblemList) -> UnverifiedCall {
        guard ProposedTransaction.isOne(root) else { return try UnverifiedCall(root) }
        let transaction = try ProposedTransaction(root)
        do throws(ProblemList) { return try UnverifiedCall(transaction) } catch { throw error.at(root) }
    }

    /// Reads a signed transaction as a call. Almost every transaction can be read as a call. So Airlock first tries to
    /// read the transaction as one of the more specific kinds of requests.
    public static func reading(_ signed: SignedCall) -> RecognisedCall? {
        guard signed.message == nil,
            let call = try? UnverifiedCall(
                chain: signed.chain, from: signed.payer, to: signed.to, value: signed.value, data: signed.data,
                reference: signed.name.isEmpty ? nil : signed.name, source: .bytes)
        else { return nil }
        let known =
            call.decoded(by: nil)?.function ?? SafeAdministration.reading(call.data)?.function
            ?? SafeExecutionEffect.function(of: call.data)
        let effect =
            SafeExecutionEffect.effect(of: call.data, to: call.to, reference: call.reference)
            ?? SafeApprovalEffect.effect(
                of: SafeCall(to: call.to, value: call.value, data: call.data), by: signed.payer)
        return RecognisedCall(
            request: call, method: kind, value: signed.value,
            called: known?.signature ?? "a function that is not known, \(call.selector)", effect: effect)
    }

    public func isPlace(_ field: String) -> Bool {
        let places = places
        return [
            places.chain, places.payer, places.payee, places.amount, places.expires, places.reference, dataPlace,
            "/function", "/arguments", "/data", "/input",
        ].contains(field) || field.hasPrefix("/arguments/")
    }

    public func isSame(as other: any Request) -> Bool {
        guard let other = other as? UnverifiedCall else { return false }
        return chain == other.chain && to == other.to && value == other.value && data == other.data
            && reference == other.reference
    }

    public var readAs: String {
        switch source {
        case .file: "call file"
        case .transaction: "unsigned transaction"
        case .arguments: "unsigned transaction in JSON"
        case .bytes: "call"
        }
    }

    public var form: String {
        switch source {
        case .file: "strict JSON, and every member is well-formed"
        case .transaction: "an unsigned transaction, and every part of it is well-formed"
        case .arguments: "the JSON of an unsigned transaction, and every member is well-formed"
        case .bytes: "a call, by the bytes of the transaction"
        }
    }

    /// What the request asks for: its chain, payer, payee, owed amount and time of expiry. The owed amount is the
    /// native currency that the call sends. It does not include the tokens that the call spends, because these tokens
    /// are determined from the called function and the policy.
    public var terms: Terms {
        Terms(
            chain: chain, payer: from, payee: to,
            owed: value.isZero ? [] : [Terms.Amount(currency: .zero, amount: value)], expires: expires, places: places)
    }

    /// The reference of the call. Its key is computed from the call's chain, payer, contract, call data and reference
    /// text. Two calls that differ only in the native currency that they send have the same reference.
    public func reference(payer: Address) -> Reference {
        Reference(
            kind: Self.kind, text: reference ?? "",
            of: [
                Array("\(chain.id)".utf8), payer.bytes.bytes, to.bytes.bytes, data,
                reference.map { [1] + Array($0.utf8) } ?? [],
            ])
    }

    public var pins: [Pin] { [] }

    /// Whether many requests of this kind can use the same conditions file. Always false, because the conditions for
    /// one call, such as its gas limit, do not apply to another call.
    public var sharesConditions: Bool { false }

    public func expiry(at now: Timestamp) -> Problem? {
        guard let expires, expires < now else { return nil }
        return Problem(
            CallRule.expired, at: places.expires, saw: expires.description, expected: "\(now) or later")
    }

    public func referenced(_ text: String) throws(Problem) -> any Request {
        guard reference == nil else {
            throw Problem(RequestRule.argumentUnused, at: .reference, detail: "the request has one of its own")
        }
        if let problem = Reference.problems(of: text, at: ArgumentPlace.reference.rawValue).first { throw problem }
        var call = self
        call.reference = text
        return call
    }

    public func requireMethod(_ name: String) throws(Problem) {
        guard name == "auto" else { throw Problem(RequestRule.argumentUnused, saw: name, expected: "auto") }
    }

    public func prove() throws(ProblemList) -> any ProvedRequest { ProvedCall(call: self) }

    // MARK: Checks against the policy

    public func judged(by rules: (any KindRules)?, payer: Address?) -> PolicyResult {
        var judgement = PolicyResult()
        var known: TokenFunction?
        do throws(ABIError) {
            known = try tokenFunction(of: payer)
            if let known { refuseUnconditionally(known, &judgement) }
        } catch {
            judgement.problems.append(undecodable(error))
        }
        // The policy's rules for calls do not apply to what the Safe does. Only a request of the kind `safe` shows what
        // the Safe does, and checks it. If the payer is not known yet, the call is checked again once the payer is
        // known.
        if let payer, SafeTransaction.isApprovedBySending(data, by: payer) {
            judgement.problems.append(
                Problem(CallRule.approvesBySending, at: place(of: "9"), saw: "\(payer)"))
        }
        guard let rules = rules as? CallRules else { return judgement }
        guard let contract = rules.contracts[to] else {
            let listed = rules.contracts.keys.map(\.description).sorted().joined(separator: ", ")
            judgement.problems.append(
                Problem(
                    CallPolicyRule.contract, at: places.payee, saw: "\(to)",
                    expected: listed.isEmpty ? "none: the policy lists none" : listed))
            return judgement
        }
        judgement.findings.append("the contract is listed")
        let listed =
            function.map { contract.functions[$0.function.signature] } ?? rules.function(of: data, at: to)
        guard let listed else {
            let known = contract.functions.keys.sorted().joined(separator: ", ")
            judgement.problems.append(
                Problem(
                    CallPolicyRule.function, at: dataPlace,
                    saw: decoded(by: rules)?.function.signature ?? "selector \(selector)",
                    expected: known.isEmpty ? "none: the policy lists none" : known))
            return judgement
        }
        judgement.findings.append("the function is listed")
        if known?.isUncounted == true, listed.spends.isEmpty {
            judgement.warnings.append(
                "no cap counts what \(listed.function.name) gives away: the policy's function has no spends")
        }
        judgement.mostNative = listed.maxValue ?? .zero
        judgement.takers = Set((known?.takers ?? []).filter { listed.lists($0.position) }.map(\.address))
        judge(listed, &judgement)
        return judgement
    }

    private func judge(_ listed: CallRules.Function, _ judgement: inout PolicyResult) {
        let most = listed.maxValue ?? .zero
        judgement.require(value <= most, "the native value is within the function's") {
            Problem(CallPolicyRule.value, at: places.amount, saw: "\(value) wei", expected: "at most \(most) wei")
        }
        let arguments: [ABIValue]
        do throws(ABIError) { arguments = try listed.function.decodeCall(data) } catch {
            // The arguments cannot be decoded. If the called function is a known function of a token, an earlier check
            // has already reported this problem. Do not report the problem twice.
            let problem = undecodable(error)
            if !judgement.problems.contains(problem) { judgement.problems.append(problem) }
            return
        }
        for (position, allowed) in listed.arguments {
            guard let value = position.value(in: arguments) else { continue }
            judgement.require(allowed.contains(value), "argument \(position) is one of those that are allowed") {
                Problem(
                    CallPolicyRule.argument, at: place(of: position.description), saw: value.json.printable,
                    expected: allowed.map { escaped($0.json.printable) }.joined(separator: " or "))
            }
        }
    }

    /// Refuses calls that no policy can allow.
    private func refuseUnconditionally(_ known: TokenFunction, _ judgement: inout PolicyResult) {
        if let (argument, spender) = known.unlimited {
            judgement.problems.append(
                Problem(
                    CallRule.unlimited, at: place(of: argument), saw: "an unlimited amount for \(spender)",
                    expected: "the amount that is needed"))
        }
        if let taker = known.operatorOfAll {
            judgement.problems.append(Problem(CallRule.allOfThem, at: place(of: "1"), saw: "every token for \(taker)"))
        }
        // Refuse a transfer that is requested as a call. The ledger identifies a transfer by its payee and reference,
        // but it identifies a call by other data. So the ledger would not detect that the same payment is signed both
        // as a transfer and as a call.
        if known.isTransfer {
            judgement.problems.append(
                Problem(CallRule.plainTransfer, at: dataPlace, saw: known.function.signature))
        }
        if known.isUnread {
            judgement.problems.append(
                Problem(CallRule.unreadToken, at: dataPlace, saw: known.function.signature))
        }
    }

    private func undecodable(_ error: ABIError) -> Problem {
        let said = error.problems[0]
        return Problem(CallRule.undecodable, because: said, at: dataPlace)
    }

    var selector: String { Selector(of: data.span).map { "\($0)" } ?? Hex.encode(data) }

    // MARK: Facts for the user's review

    public func facts(_ words: PolicyFormatter) -> Facts {
        let decoded = decoded(by: words.rules as? CallRules)
        let name = decoded.map { escaped($0.function.signature, limit: 200) } ?? "a function that is not known"
        let called = words.rules?.label(of: to).map { "\(escaped($0, limit: 40)) (\(to))" } ?? "\(to)"
        var facts: [Fact] = [("call", [reference.map(Reference.shown) ?? "without a reference"])]
        if let decoded {
            facts.append(("function", [escaped(decoded.function.signature, limit: 100_000)]))
            facts += Self.leaves(decoded).map { leaf in
                ("argument \(leaf.place)", ["\(leaf.type)", leaf.value] + leaf.names(words, payer: from))
            }
        } else {
            facts.append(("function", ["not known: selector \(selector)"]))
            facts.append(("raw data", [Hex.encode(data)]))
        }
        if let proposal { facts += proposed(proposal, words) }
        return Facts(
            identity: facts, deed: "Call \(name) of \(called) on \(chain)",
            members: reference.map { [("reference", $0)] } ?? [])
    }

    /// Formats the nonce, gas limit and fees that the unsigned transaction proposes.
    private func proposed(_ proposal: Proposal, _ words: PolicyFormatter) -> [Fact] {
        func gwei(_ fee: UInt256) -> String { "\(Amount.format(fee, decimals: 9)) gwei" }
        let said = [
            proposal.nonce.map { "nonce \($0)" }, proposal.gas.map { "gas \($0)" },
            proposal.maxFeePerGas.map { "at most \(gwei($0)) for a unit of gas" },
            proposal.maxPriorityFeePerGas.map { "including \(gwei($0)) priority fee" },
        ].compactMap(\.self)
        return said.isEmpty ? [] : [("it says", said)]
    }

    /// One elementary value in the arguments of the call, and its position.
    struct LeafValue {
        let place: String
        let type: ABIType
        let value: String
        let address: Address?

        /// The names that the request and the policy give to the address. They help the user to recognise the address.
        func names(_ words: PolicyFormatter, payer: Address?) -> [String] {
            guard let address else { return [] }
            return (address == payer ? ["the payer"] : []) + words.requester(address).dropLast()
        }
    }

    /// All elementary values in the arguments of a call, in order. Values inside tuples and arrays are included.
    static func leaves(_ call: FunctionCall) -> [LeafValue] {
        zip(call.function.inputs.elements, call.arguments).enumerated().flatMap { index, pair in
            leaves(pair.0.type, pair.1, "\(index)")
        }
    }

    private static func leaves(_ type: ABIType, _ value: ABIValue, _ place: String) -> [LeafValue] {
        func leaf(_ text: String, _ address: Address? = nil) -> [LeafValue] {
            [LeafValue(place: place, type: type, value: text, address: address)]
        }
        switch (type.kind, value) {
        case (.tuple(let parameters), .tuple(let values)) where !values.isEmpty:
            return zip(parameters.elements, values).enumerated().flatMap { index, pair in
                leaves(pair.0.type, pair.1, "\(place).\(index)")
            }
        case (.array(let element, _), .array(let values)) where !values.isEmpty,
            (.list(let element), .array(let values)) where !values.isEmpty:
            return values.enumerated().flatMap { index, value in leaves(element, value, "\(place).\(index)") }
        case (_, .string(let text)): return leaf("\"\(escaped(text, limit: .max))\"")
        case (_, .address(let address)): return leaf("\(address)", address)
        case (_, .bool(let bool)): return leaf("\(bool)")
        case (_, .uint(let number)): return leaf("\(number)")
        case (_, .int(let number)): return leaf("\(number)")
        case (_, .bytes(let bytes)), (_, .fixedBytes(let bytes)): return leaf(Hex.encode(bytes))
        case (_, .array), (_, .tuple): return leaf("empty")
        }
    }
}

/// A call that was requested. No proof of the requester exists, so the policy alone decides whether the call is
/// allowed.
struct ProvedCall: ProvedRequest {
    let call: UnverifiedCall

    var findings: [String] { [] }
    var warnings: [String] {
        [
            call.source == .bytes
                ? "who asked for it is not in the signed bytes"
                : "nobody signs a call before the payer: who asks is not proved"
        ]
    }

    func action(_ inputs: ActionInputs) throws(ProblemList) -> Action {
        var problems: [Problem] = []
        if inputs.value != nil { problems.append(Problem(RequestRule.argumentUnused, at: .value)) }
        if inputs.poolFee != nil { problems.append(Problem(RequestRule.argumentUnused, at: .poolFee)) }
        if inputs.approves { problems.append(Problem(RequestRule.argumentUnused, at: .approve)) }
        if let all = ProblemList(problems) { throw all }
        if let named = call.function {
            guard (try? named.function.decodeCall(call.data)) == named.arguments else {
                throw ProblemList(Problem(RequestRule.otherCall))
            }
        }
        let rules = inputs.rules as? CallRules
        let decoded = call.decoded(by: rules)
        var members: [(name: String, value: JSONOutput)] = []
        if let decoded {
            members.append(("function", .string(decoded.function.signature)))
            let arguments = zip(decoded.function.inputs.elements, decoded.arguments).map { parameter, value in
                JSONOutput.object([("type", .string("\(parameter.type)")), ("value", value.json)])
            }
            members.append(("arguments", .array(arguments)))
        }
        let findings = decoded == nil ? [] : ["the call data, taken apart again, say the same"]
        let shown = members
        return .call(
            Call(
                to: call.to, value: call.value, data: call.data, takes: takes(of: inputs.payer, rules),
                method: UnverifiedCall.kind, findings: findings, members: shown))
    }

    /// The token amounts that the call spends, or lets others spend. For a known function of a token, Airlock reads
    /// them from the arguments. In addition, a policy can define that certain arguments of a function are such amounts.
    private func takes(of payer: Address, _ rules: CallRules?) -> [TokenOutflow] {
        let known = (try? call.tokenFunction(of: payer)).flatMap(\.self)?.takes ?? []
        guard let listed = rules?.function(of: call.data, at: call.to),
            let arguments = try? listed.function.decodeCall(call.data)
        else { return known }
        // If the known function itself shows that the call spends a token, ignore the amount that the policy defines
        // for this token. If both amounts counted, the token would be counted twice.
        let told = listed.spends.filter { spend in !known.contains { $0.token == spend.token } }
        return known
            + told.compactMap { spend in
                guard case .uint(let amount) = spend.argument.value(in: arguments), !amount.isZero else { return nil }
                return TokenOutflow(
                    token: spend.token, amount: amount, .used(by: call.to),
                    at: call.place(of: spend.argument.description))
            }
    }
}
