import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockRequests
public import AirlockStrictJSON
import AirlockTokens

/// The changes that a call makes for its payer, as a node's simulation reports them. They are only shown to the user,
/// and no check depends on them. A contract can log changes that it did not make, and make changes that it does not
/// log.
public struct PayerChanges: Sendable {
    /// The amounts of one currency that the payer receives and sends.
    struct Amounts: Hashable {
        var received = UInt256.zero
        var sent = UInt256.zero
    }

    /// An allowance that the payer has granted. The amount is the allowance after the call.
    struct Approval: Hashable {
        let token: Address
        let spender: Address
        var amount: UInt256
    }

    /// A transfer of a non-fungible token (ERC-721).
    struct Item: Hashable {
        let token: Address
        let number: UInt256
        let isReceived: Bool
    }

    /// A change by `setApprovalForAll`: an account gains or loses the right to move all of the payer's NFTs in one
    /// contract.
    struct Manager: Hashable {
        let token: Address
        let manager: Address
        let isAllowed: Bool
    }

    private(set) var native = Amounts()
    /// The received and sent amounts of each token. The tokens are in the order in which they first occur in the trace.
    /// The elements of `approvals`, `items` and `managers` are ordered in the same way.
    private(set) var tokens: [(token: Address, amounts: Amounts)] = []
    private(set) var approvals: [Approval] = []
    private(set) var items: [Item] = []
    private(set) var managers: [Manager] = []
    /// The error that the node reports if its simulation of the call failed. `nil` if the simulation succeeded. The
    /// simulation can fail even if the node has estimated the gas of the same call without an error.
    let failure: String?
    /// The symbols and decimals that the tokens themselves report.
    private(set) var units: [Address: (symbol: String, decimals: Int)] = [:]

    private let payer: Address
    private let chain: Chain
    private var places: [Address: Int] = [:]
    private var approved: [Approval: Int] = [:]

    init(_ trace: CallTrace, of payer: Address, on chain: Chain) {
        (self.payer, self.chain) = (payer, chain)
        failure = trace.failure.map { escaped($0, limit: 200) }
        for transfer in trace.transfers where transfer.from != transfer.to {
            if transfer.from == payer { native.sent.add(transfer.amount) }
            if transfer.to == payer { native.received.add(transfer.amount) }
        }
        for log in trace.logs { take(log) }
    }

    // MARK: Events

    private static let transfer = topic("Transfer(address,address,uint256)")
    private static let approval = topic("Approval(address,address,uint256)")
    private static let approvalForAll = topic("ApprovalForAll(address,address,bool)")
    /// The topics of the events by which the contract for wrapped native currency reports wrapping and unwrapping. The
    /// contract logs no Transfer event for these.
    private static let deposit = topic("Deposit(address,uint256)")
    private static let withdrawal = topic("Withdrawal(address,uint256)")

    private static func topic(_ event: String) -> Hash { Hash.keccak(Array(event.utf8)) }

    private mutating func take(_ log: CallTrace.Log) {
        let parties = log.topics.dropFirst().prefix(2).map { Address(word: $0) }
        guard let event = log.topics.first, let first = parties.first.flatMap(\.self) else { return }
        let second = parties.count == 2 ? parties[1] : nil
        let word = FixedBytes<32>(log.data).map { UInt256($0) }
        switch (event, log.topics.count) {
        case (Self.transfer, 3):
            if let word, let second { move(word, of: log.address, from: first, to: second) }
        case (Self.transfer, 4):
            guard let second, first != second, first == payer || second == payer else { return }
            items.append(Item(token: log.address, number: UInt256(log.topics[3]), isReceived: second == payer))
        case (Self.approval, 3):
            if let word, let second, first == payer { approve(log.address, second, word) }
        case (Self.approvalForAll, 3):
            guard let word, let second, first == payer else { return }
            managers.append(Manager(token: log.address, manager: second, isAllowed: !word.isZero))
        case (Self.deposit, 2) where isWrapped(log.address):
            if let word { move(word, of: log.address, from: .zero, to: first) }
        case (Self.withdrawal, 2) where isWrapped(log.address):
            if let word { move(word, of: log.address, from: first, to: .zero) }
        default: break
        }
    }

    private func isWrapped(_ token: Address) -> Bool { KnownTokens.on(chain)?.wrappedNative == token }

    private mutating func move(_ amount: UInt256, of token: Address, from: Address, to: Address) {
        guard from != to, from == payer || to == payer else { return }
        let place = places[token] ?? tokens.count
        if place == tokens.count {
            places[token] = place
            tokens.append((token, Amounts()))
        }
        if from == payer { tokens[place].amounts.sent.add(amount) } else { tokens[place].amounts.received.add(amount) }
    }

    /// Records an approval. If a trace contains several approvals for the same token and spender, only the last
    /// approval is kept.
    private mutating func approve(_ token: Address, _ spender: Address, _ amount: UInt256) {
        let key = Approval(token: token, spender: spender, amount: .zero)
        if let place = approved[key] {
            approvals[place].amount = amount
        } else {
            approved[key] = approvals.count
            approvals.append(Approval(token: token, spender: spender, amount: amount))
        }
    }

    // MARK: Simulation by a node

    /// The largest number of changes that are shown as text. The JSON contains all changes.
    static let mostSaid = 20

    /// Queries one node after another for a trace of the call, until a node returns one. If no node returns a trace,
    /// the result contains a note with the error of the first node.
    static func ask(
        _ call: CallRequest, of payer: Address, on chain: Chain, _ nodes: Nodes
    ) async -> (changes: PayerChanges?, notes: [String]) {
        var reason: String?
        for node in nodes.all {
            do throws(NodeError) {
                var changes = PayerChanges(try await node.ask(.trace(call)), of: payer, on: chain)
                let named = changes.tokens.map(\.token) + changes.approvals.map(\.token)
                changes.units = await TokenReader.units(of: Array(named.prefix(mostSaid)), node)
                return (changes, changes.notes)
            } catch {
                let isMissing = error.refusal?.rule == .methodMissing
                reason = reason ?? (isMissing ? "it has no debug_traceCall" : error.problems.first?.message)
            }
        }
        return (nil, ["the node does not say what changes for the payer: \(reason ?? "there is none")"])
    }

    // MARK: Text for the user

    /// The notes that describe the simulated changes to the user.
    var notes: [String] {
        if let failure {
            return ["the node says that the call fails, with \"\(failure)\", and has measured its gas"]
        }
        let all = words
        if all.isEmpty { return ["simulated: the payer gets, sends and allows nothing"] }
        let left = all.count - Self.mostSaid
        return all.prefix(Self.mostSaid).map { "simulated: the payer \($0)" }
            + (left > 0 ? ["simulated: \(left) more changes are not shown"] : [])
            + ["the node reports this, and nothing proves it: what is signed is what the offline review shows"]
    }

    private var words: [String] {
        var words: [String] = []
        func say(_ verb: String, _ amount: UInt256, _ text: (UInt256) -> String) {
            if !amount.isZero { words.append("\(verb) \(text(amount))") }
        }
        let inNative: (UInt256) -> String = { "\(Amount.format($0, decimals: 18)) \(chain.nativeSymbol)" }
        say("sends", native.sent, inNative)
        say("gets", native.received, inNative)
        for (token, amounts) in tokens {
            say("sends", amounts.sent) { text($0, of: token) }
            say("gets", amounts.received) { text($0, of: token) }
        }
        words += items.map { "\($0.isReceived ? "gets" : "sends") item \($0.number) of \($0.token)" }
        for approval in approvals {
            let most =
                approval.amount.leadingZeroBitCount == 0
                ? "any amount of \(name(of: approval.token))" : "up to \(text(approval.amount, of: approval.token))"
            words.append("lets \(approval.spender) take \(most)")
        }
        words += managers.map {
            "\($0.isAllowed ? "lets" : "no longer lets") \($0.manager) move every item of \($0.token)"
        }
        return words
    }

    private func text(_ amount: UInt256, of token: Address) -> String {
        guard let unit = units[token] else { return "\(amount) atomic units of \(token)" }
        return "\(Amount.format(amount, decimals: unit.decimals)) \(name(of: token))"
    }

    /// The token's symbol together with its address, because a token can choose any symbol.
    private func name(of token: Address) -> String {
        units[token].map { "\(escaped($0.symbol, limit: 16)) (\(token))" } ?? "\(token)"
    }

    // MARK: JSON

    public var json: JSONOutput {
        func amounts(_ amounts: Amounts) -> [(String, JSONOutput)] {
            [("in", .string("\(amounts.received)")), ("out", .string("\(amounts.sent)"))]
        }
        let tokens = tokens.map { token, moved in
            let unit = units[token].map { unit in
                [("symbol", JSONOutput.string(unit.symbol)), ("decimals", JSONOutput.string("\(unit.decimals)"))]
            }
            return JSONOutput.object([("token", .string("\(token)"))] + (unit ?? []) + amounts(moved))
        }
        let approvals = approvals.map {
            JSONOutput.object([
                ("token", .string("\($0.token)")), ("spender", .string("\($0.spender)")),
                ("amount", .string("\($0.amount)")),
            ])
        }
        let items = items.map {
            JSONOutput.object([
                ("token", .string("\($0.token)")), ("number", .string("\($0.number)")),
                ("way", .string($0.isReceived ? "in" : "out")),
            ])
        }
        let managers = managers.map {
            JSONOutput.object([
                ("token", .string("\($0.token)")), ("manager", .string("\($0.manager)")),
                ("allowed", .boolean($0.isAllowed)),
            ])
        }
        let all: [(String, JSONOutput)] = [
            ("native", .object(amounts(native))), ("tokens", .array(tokens)), ("approvals", .array(approvals)),
            ("items", .array(items)), ("managers", .array(managers)),
        ]
        return .object(all + (failure.map { [("fails", .string($0))] } ?? []))
    }
}

extension UInt256 {
    /// Adds another number to this number. If the sum overflows, this number becomes the largest 256-bit number.
    fileprivate mutating func add(_ other: UInt256) { self = adding(other) ?? .max }
}

extension Address {
    /// Reads an address from a topic of an event. The first 12 bytes of the topic must be zero.
    fileprivate init?(word: Hash) {
        guard (0..<12).allSatisfy({ word[$0] == 0 }) else { return nil }
        self.init(lowBytesOf: word)
    }
}
