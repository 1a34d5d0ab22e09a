import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockStrictJSON
public import AirlockTypedData

/// A Safe transaction whose Safe, chain and version are known, so that its hash can be computed. The proposal also
/// lists the problems of the transaction. The amounts that the calls transfer are not checked here.
public struct SafeProposal: Sendable {
    /// Values from the user, for a file that does not contain them.
    public struct Given: Sendable {
        public var chain: Chain?
        public var safe: Address?
        public var nonce: UInt64?
        public var version: SafeVersion?
        /// A proof of the Safe's state, if the caller has one.
        public var proof: SafeProof?
        /// Whether a batch with a wrong checksum is accepted with a warning. If not, such a batch is refused.
        public var takesAnyChecksum = false

        public init() {}

        /// Returns the proof if it is for this Safe on this chain. If the chain is not known, it may be for any chain.
        public func proof(of safe: Address?, on chain: Chain?) -> SafeProof? {
            guard let own = proof, own.safe == safe, chain == nil || own.chain == chain else { return nil }
            return own
        }
    }

    /// A call that the Safe makes, with the location of each field of the call. Error messages use these locations.
    public struct PlacedCall: Sendable {
        public let call: SafeCall
        /// The position of the call in its batch, such as `call 1 of 3`. Empty if the call is not part of a batch.
        public let name: String
        private let whole: String?
        private let pointers: (to: String, value: String, data: String)

        init(_ call: SafeCall, name: String, in whole: String) {
            self.call = call
            self.name = name
            self.whole = whole
            pointers = (whole, whole, whole)
        }

        init(_ call: SafeCall, name: String, to: String, value: String, data: String) {
            self.call = call
            self.name = name
            whole = nil
            pointers = (to, value, data)
        }

        /// Returns the location of a field of the call, for error messages. `field` is the name of the field as a JSON
        /// pointer: `/to`, `/value` or `/data`.
        public func place(_ field: String?) -> String {
            switch field {
            case "/to": pointers.to
            case "/value": pointers.value
            default: pointers.data
            }
        }
    }

    /// A call that changes the Safe itself, for example its owners.
    public struct Change: Sendable {
        public let place: String
        /// The signature of the called function. `nil` if the function is not one of the known functions that change a
        /// Safe.
        public let signature: String?
        /// A description of the change, with the arguments of the call.
        public let words: String
    }

    public let request: SafeRequest
    public let domain: SafeDomain
    public let transaction: SafeTransaction
    /// The policy's rules for the Safe. `nil` if the policy does not list the Safe.
    public let rules: SafeRules.Safe?
    /// The proof of the Safe's state. `nil` if the caller gave no proof, or the proof of another Safe.
    public let proof: SafeProof?
    /// The owners of the Safe. If the policy lists the Safe, they come from the policy. If not, they come from the
    /// proof. `nil` if the policy does not list the Safe and there is no proof.
    public let owners: Set<Address>?
    /// The calls to other contracts and accounts. Empty if the transaction makes no such call, or if the calls could
    /// not be decoded from its data.
    public let calls: [PlacedCall]
    /// The calls that the Safe makes to itself. Such a call changes the Safe, for example its owners.
    public let changes: [Change]
    /// Whether the transaction does nothing except increase the Safe's nonce. Owners sign such a transaction to reject
    /// another transaction with the same nonce.
    public let isRejection: Bool
    /// The owners who confirmed the transaction, each with the result of checking the signature.
    public let confirmed: [(owner: Address, standing: Confirmation.Standing)]
    public let findings: [String]
    public let warnings: [String]
    /// All problems of the transaction. Problems with what the transaction would do, such as a delegate call, come
    /// first.
    public let problems: [Problem]

    public var messageHash: Hash { transaction.messageHash(domain.version) }
    /// The hash of the transaction (`safeTxHash`), which the owners sign.
    public var hash: Hash { transaction.hash(in: domain) }

    /// Makes the proposal and collects its problems.
    ///
    /// - Parameters:
    ///   - request: the transaction as it was read.
    ///   - given: the values from the user.
    ///   - listed: the policy's rules for the Safes on each chain.
    public init(
        _ request: SafeRequest, _ given: Given = Given(), listed: [Chain: SafeRules]
    ) throws(ProblemList) {
        let found = Self.find(request, given, listed)
        guard let chain = found.chain, let safe = found.safe, let version = found.version,
            let transaction = found.transaction
        else {
            // The hash of the transaction cannot be computed. Some problems of the transaction can still be found, and
            // they are reported first. The reasons why the hash cannot be computed follow.
            let known = found.transaction.map { transaction in
                IntendedEffects(request, transaction, safe: found.safe ?? .zero, found.rules).problems
            }
            let unlisted = found.safe.flatMap { safe in
                found.isListed ? nil : Self.unlisted(request, safe, found.chain)
            }
            let others = found.problems + [found.otherProof].compactMap(\.self)
            throw ProblemList((known ?? []) + [unlisted].compactMap(\.self) + others)
                ?? ProblemList(Problem(SafeRule.noVersion))
        }
        let domain = SafeDomain(chain: chain, safe: safe, version: version)
        let effects = IntendedEffects(request, transaction, safe: safe, found.rules)
        self.request = request
        self.domain = domain
        self.transaction = transaction
        rules = found.rules
        proof = found.proof
        calls = effects.calls
        changes = effects.changes
        isRejection = effects.isRejection
        var findings = effects.findings
        var warnings = request.warnings + effects.warnings
        var problems = effects.problems
        let hash = transaction.hash(in: domain)
        if let stated = request.statedHash {
            if stated == hash {
                findings.append("the hash in the file is the transaction's")
            } else {
                problems.append(
                    Problem(
                        SafeRule.otherHash, at: request.place("safeTxHash"), saw: "\(stated)",
                        expected: "\(hash), of version \(version) on \(chain)"))
            }
        }
        problems += found.problems
        if let wrong = request.wrongChecksum {
            if given.takesAnyChecksum {
                warnings.append("the batch was changed after it was made: its checksum does not match")
            } else {
                problems.append(wrong)
            }
        }
        if let rules = found.rules {
            findings.append("the Safe and its version are listed")
            if let first = rules.firstNonce, transaction.nonce < first {
                problems.append(
                    Problem(
                        SafeRule.nonceUsed, at: request.place("nonce"), saw: "\(transaction.nonce)",
                        expected: "\(first) or more"))
            }
            if let stated = request.statedThreshold, stated != rules.threshold {
                warnings.append(
                    "the service says that \(stated) owners must sign, and the policy says \(rules.threshold)")
            }
        } else {
            problems.append(Self.unlisted(request, safe, chain))
        }
        if let other = found.otherProof { problems.append(other) }
        if let proof = found.proof {
            let refused = proof.problems(of: transaction.nonce, in: domain, found.rules)
            if refused.isEmpty { findings.append("version, owners, threshold and nonce are proved") }
            problems += refused
            warnings += proof.warnings
            warnings.append("the header of the proof is believed: compare its block's hash with another source")
        }
        owners = found.rules.map { Set($0.owners.keys) } ?? found.proof.map { Set($0.owners) }
        confirmed = Self.check(request.confirmations, of: hash, by: owners, &problems)
        if !transaction.safeTxGas.isZero {
            warnings.append("safeTxGas is not zero: where the call fails, the nonce is used up nevertheless")
        } else if !version.namesChain {
            warnings.append("before version 1.3.0 the nonce is used up where the call fails")
        }
        if !version.namesChain {
            warnings.append(
                "before version 1.3.0 the hash names no chain: a signature is valid on every chain with this Safe")
        }
        self.findings = findings
        self.warnings = warnings
        self.problems = problems
    }

    private static func unlisted(_ request: SafeRequest, _ safe: Address, _ chain: Chain?) -> Problem {
        unlisted(at: request.place("safe"), safe, chain)
    }

    static func unlisted(at place: String, _ safe: Address, _ chain: Chain?) -> Problem {
        Problem(
            SafePolicyRule.safe, at: place, saw: "\(safe)",
            expected: chain.map { "/chains/\($0.id)/safes in the policy" } ?? "a chain's safes in the policy")
    }

    // MARK: Safe, chain and version

    private struct Found {
        var chain: Chain?
        var safe: Address?
        var version: SafeVersion?
        var rules: SafeRules.Safe?
        /// Whether the policy lists the Safe on its chain. If the chain of the Safe is not known, this is true if the
        /// policy lists the Safe on any chain.
        var isListed = false
        /// The proof, if it is for the Safe on its chain.
        var proof: SafeProof?
        /// The problem to report if the caller gave the proof of another Safe.
        var otherProof: Problem?
        var transaction: SafeTransaction?
        var problems: [Problem] = []
    }

    /// Finds the chain, the Safe, the version and the nonce. Each of them is taken from the file, the policy, the
    /// values from the user, or the proof.
    private static func find(_ request: SafeRequest, _ given: Given, _ listed: [Chain: SafeRules]) -> Found {
        var found = Found()
        found.safe = request.safe ?? given.safe
        if let own = request.safe, let other = given.safe, own != other {
            found.problems.append(
                Problem(SafeRule.otherSafe, at: request.place("safe"), saw: "\(own)", expected: "\(other)"))
        }
        if found.safe == nil {
            found.problems.append(Problem(SafeRule.noSafe, at: .safe, detail: "a batch does not say whose it is"))
        }
        let chains = listed.keys.filter { chain in found.safe.map { listed[chain]?.safes[$0] != nil } ?? false }
        found.chain =
            request.chain ?? given.chain ?? (chains.count == 1 ? chains.first : nil)
            ?? (chains.isEmpty ? given.proof(of: found.safe, on: nil)?.chain : nil)
        if found.chain == nil {
            let named = chains.map(\.description).sorted().joined(separator: ", ")
            found.problems.append(
                Problem(
                    SafeRule.noChain, at: .chain, saw: named.isEmpty ? nil : "the Safe in the policy on \(named)",
                    expected: "the Safe's chain"))
        }
        found.rules = found.chain.flatMap { chain in found.safe.flatMap { listed[chain]?.safes[$0] } }
        found.isListed = found.chain == nil ? !chains.isEmpty : found.rules != nil
        found.proof = given.proof(of: found.safe, on: found.chain)
        if let proof = given.proof, found.proof == nil, let safe = found.safe {
            found.otherProof = proof.problem(ofOther: safe, on: found.chain)
        }
        found.version = found.rules?.version ?? given.version ?? found.proof?.version
        if let pinned = found.rules?.version, let typed = given.version, pinned != typed {
            found.problems.append(
                Problem(
                    SafeRule.otherVersion, at: .safeVersion, saw: "\(typed)", expected: "\(pinned), as the policy says")
            )
        }
        if let version = found.version, let typed = request.typed,
            version.namesChain != typed.namesChain || version.hasDataGas != typed.hasDataGas
        {
            found.problems.append(
                Problem(
                    SafeRule.otherVersion, at: "/domain",
                    saw: typed.namesChain ? "a domain with a chain" : "a domain without a chain",
                    expected: "that of version \(version)"))
        }
        if found.version == nil {
            found.problems.append(
                Problem(SafeRule.noVersion, at: .safeVersion, expected: "a Safe that the policy lists"))
        }
        switch request.content {
        case .transaction(let transaction):
            found.transaction = transaction
            if let typed = given.nonce, typed != transaction.nonce {
                found.problems.append(
                    Problem(
                        SafeRule.otherNonce, at: request.place("nonce"), saw: "\(transaction.nonce)",
                        expected: "\(typed)"))
            }
        case .calls(let calls):
            guard let nonce = given.nonce else {
                found.problems.append(
                    Problem(SafeRule.noNonce, at: .safeNonce, detail: "a batch does not say when it is executed"))
                break
            }
            if calls.count == 1, let call = calls.first?.call {
                found.transaction = SafeTransaction(to: call.to, value: call.value, data: call.data, nonce: nonce)
            } else if let contract = found.rules?.multiSend {
                found.transaction = SafeTransaction(
                    to: contract, value: .zero, data: MultiSend.data(calls.map(\.call)), operation: .delegateCall,
                    nonce: nonce)
            } else {
                found.problems.append(
                    Problem(SafeRule.noMultiSend, at: request.place("safe"), expected: "delegateCalls in the policy"))
            }
        }
        return found
    }

    // MARK: Checks of the confirmations

    private static func check(
        _ confirmations: [Confirmation], of hash: Hash, by owners: Set<Address>?, _ problems: inout [Problem]
    ) -> [(owner: Address, standing: Confirmation.Standing)] {
        var confirmed: [(owner: Address, standing: Confirmation.Standing)] = []
        for confirmation in confirmations {
            if confirmed.contains(where: { $0.owner == confirmation.owner }) {
                problems.append(
                    Problem(
                        SafeRule.confirmedTwice, at: "\(confirmation.place)/owner", saw: "\(confirmation.owner)"))
                continue
            }
            if let owners, !owners.contains(confirmation.owner) {
                problems.append(
                    Problem(
                        SafeRule.confirmingStranger, at: "\(confirmation.place)/owner", saw: "\(confirmation.owner)"))
            }
            do throws(ProblemList) {
                confirmed.append((confirmation.owner, try confirmation.standing(hash)))
            } catch { problems += error.problems }
        }
        return confirmed
    }

    // MARK: Conversion to typed data

    /// Returns the transaction as typed data (EIP-712). The digest of the typed data is the hash that the owners sign.
    public func typedData() throws(ProblemList) -> TypedData {
        func member(_ type: String, _ name: String) -> JSONOutput { ["name": .string(name), "type": .string(type)] }
        let open = SafeTransaction.type.split(separator: "(")[1].dropLast()
        var names: [String] = []
        let members = open.split(separator: ",").map { part -> JSONOutput in
            let words = part.split(separator: " ").map(String.init)
            let name = words[1] == "baseGas" && domain.version.hasDataGas ? "dataGas" : words[1]
            names.append(name)
            return member(words[0], name)
        }
        let ofDomain =
            (domain.version.namesChain ? [member("uint256", "chainId")] : [])
            + [member("address", "verifyingContract")]
        var values: [(String, JSONOutput)] = [("verifyingContract", .string("\(domain.safe)"))]
        if domain.version.namesChain { values.insert(("chainId", .string("\(domain.chain.id)")), at: 0) }
        let message = zip(names, transaction.fields).map { ($0, JSONOutput.string($1.value)) }
        let json = JSONOutput.object([
            ("types", ["EIP712Domain": .array(ofDomain), "SafeTx": .array(members)]), ("primaryType", "SafeTx"),
            ("domain", .object(values)), ("message", .object(message)),
        ])
        let data = try TypedData(json.bytes)
        guard data.digest == hash else { throw ProblemList(Problem(SafeRule.otherHash)) }
        return data
    }
}

/// What a transaction would do if the Safe executed it: the calls that it makes, the changes to the Safe, and the
/// problems with these calls and changes.
private struct IntendedEffects {
    var calls: [SafeProposal.PlacedCall] = []
    var changes: [SafeProposal.Change] = []
    var isRejection = false
    var findings: [String] = []
    var warnings: [String] = []
    var problems: [Problem] = []

    init(_ request: SafeRequest, _ transaction: SafeTransaction, safe: Address, _ rules: SafeRules.Safe?) {
        let dataPlace = request.place("data")
        switch transaction.operation {
        case .create:
            problems.append(Problem(SafeRule.create, at: request.place("operation"), saw: "2", expected: "0 or 1"))
        case .call:
            let call = SafeCall(to: transaction.to, value: transaction.value, data: transaction.data)
            var placed = SafeProposal.PlacedCall(
                call, name: "", to: request.place("to"), value: request.place("value"), data: dataPlace)
            if case .calls(let calls) = request.content, let first = calls.first {
                placed = Self.placed(call, first.dataPlace, at: 0, name: "")
            }
            if transaction.to.isZero {
                problems.append(Problem(SafeRule.nullRecipient, at: placed.place("/to")))
            } else {
                take(placed, safe: safe, rules)
            }
            isRejection = calls.isEmpty && changes.isEmpty && problems.isEmpty
        case .delegateCall: batch(request, transaction, safe: safe, rules)
        }
        refuseRefund(request, transaction)
    }

    /// Reads a delegate call. A policy cannot allow any delegate call except a batch of calls.
    private mutating func batch(
        _ request: SafeRequest, _ transaction: SafeTransaction, safe: Address, _ rules: SafeRules.Safe?
    ) {
        let name = SafeDeployment.name(of: transaction.to).map { ", \($0)" } ?? ""
        if rules?.delegateCalls.contains(transaction.to) != true {
            let listed = rules?.delegateCalls.map(\.description).joined(separator: ", ") ?? ""
            problems.append(
                Problem(
                    SafeRule.delegateCall, at: request.place("to"), saw: "\(transaction.to)\(name)",
                    expected: listed.isEmpty ? "none: the policy lists none" : listed))
        }
        if !transaction.value.isZero {
            problems.append(
                Problem(
                    SafeRule.multiSendValue, at: request.place("value"), saw: "\(transaction.value) wei", expected: "0")
            )
        }
        do throws(ProblemList) {
            let calls = try MultiSend.calls(of: transaction.data)
            for (index, call) in calls.enumerated() {
                let name = "call \(index + 1) of \(calls.count)"
                if case .calls(let own) = request.content {
                    take(Self.placed(call, own[index].dataPlace, at: index, name: name), safe: safe, rules)
                } else {
                    let place = "\(request.place("data")) (call \(index + 1))"
                    take(SafeProposal.PlacedCall(call, name: name, in: place), safe: safe, rules)
                }
            }
            findings.append("a batch of \(calls.count) calls, read to its last byte")
        } catch {
            // The call data is not a valid batch. This problem is reported if the policy lists the called contract, or
            // if the call data begins with the selector of `multiSend`. In any other case, it is not reported, because
            // the delegate call was already refused above.
            if rules?.delegateCalls.contains(transaction.to) == true || MultiSend.isCall(transaction.data) {
                problems += error.problems.map { $0.at(request.place("data")) }
            }
        }
    }

    private static func placed(
        _ call: SafeCall, _ dataPlace: String, at index: Int, name: String
    ) -> SafeProposal.PlacedCall {
        let place = "/transactions/\(index)"
        return SafeProposal.PlacedCall(call, name: name, to: "\(place)/to", value: "\(place)/value", data: dataPlace)
    }

    /// Adds a call of the Safe to another account to `calls`. Adds a call of the Safe to itself to `changes`, and
    /// checks whether the policy allows it. A call of the Safe to itself without data and value does nothing, so it is
    /// left out. A call to the zero address counts as a call of the Safe to itself, because in some versions of the
    /// Safe, the zero address in a batch stands for the Safe.
    private mutating func take(_ placed: SafeProposal.PlacedCall, safe: Address, _ rules: SafeRules.Safe?) {
        let call = placed.call
        guard call.to == safe || call.to.isZero else {
            calls.append(placed)
            return
        }
        if call.data.isEmpty, call.value.isZero { return }
        let known = SafeAdministration.reading(call.data)
        let selector = Selector(of: call.data.span).map { "selector \($0)" } ?? "\(call.data.count) bytes of data"
        let arguments = known.map { zip($0.function.inputs.elements, $0.arguments).map { "\($1.json.printable)" } }
        var words =
            known.map { "\($0.function.signature), which \($0.meaning)" } ?? "a function that is not known, \(selector)"
        if let arguments, !arguments.isEmpty { words += ": " + escaped(arguments.joined(separator: ", "), limit: 1000) }
        if !call.value.isZero { words += ", with \(call.value) wei" }
        let signature = known?.function.signature
        changes.append(.init(place: placed.place("/data"), signature: signature, words: words))
        guard let signature, rules?.administration.contains(signature) == true, call.value.isZero else {
            let listed = rules.map { $0.administration.sorted().joined(separator: ", ") } ?? ""
            problems.append(
                Problem(
                    SafeRule.administration, at: placed.place("/data"), saw: words,
                    expected: listed.isEmpty ? "none: the policy lists none" : "one of \(listed)"))
            return
        }
        findings.append("the change of the Safe is listed: \(signature)")
    }

    /// Refuses gas refunds. If one of the fields for a refund is not zero, the account that executes the transaction
    /// can influence how much the Safe pays to it.
    private mutating func refuseRefund(_ request: SafeRequest, _ transaction: SafeTransaction) {
        let fields: [(SafeRule, String, String, Bool)] = [
            (.gasPrice, "gasPrice", "\(transaction.gasPrice)", transaction.gasPrice.isZero),
            (.baseGas, "baseGas", "\(transaction.baseGas)", transaction.baseGas.isZero),
            (.gasToken, "gasToken", "\(transaction.gasToken)", transaction.gasToken.isZero),
            (.refundReceiver, "refundReceiver", "\(transaction.refundReceiver)", transaction.refundReceiver.isZero),
        ]
        for (rule, field, saw, isZero) in fields where !isZero {
            problems.append(Problem(rule, at: request.place(field), saw: saw, expected: "0"))
        }
    }
}
