import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockSamples
import AirlockSecp256k1
import AirlockTransactions
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

@Suite("Sending many payments")
struct PendingPaymentsTests {
    private func payment(_ nonce: UInt64, by key: SampleKey = .payer, value: UInt256 = 1) throws -> SignedPayment {
        try SignedPayment(raw: [
            SamplePayment.signed(nonce: nonce, to: SampleCharge.recipient, value: value, by: key).raw
        ])
    }

    /// Sends payments with a new journal. Returns how each payment ended, and the journal.
    private func run(
        _ signedPayments: [SignedPayment], on chain: MiningChain, timeout: Duration = .seconds(120),
        isWaiting: Bool = true,
        confirmations: UInt64 = 1, report: @escaping @Sendable (Broadcaster.Progress) -> Void = { _ in }
    ) async throws -> (endings: [Broadcaster.Ending], journal: SQLJournal) {
        let folder = try Scratch()
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 1_773_200_000) })
        var waitPolicy = Broadcaster.WaitPolicy()
        waitPolicy.timeout = timeout
        waitPolicy.shortestPause = .milliseconds(1)
        waitPolicy.longestPause = .milliseconds(5)
        waitPolicy.isWaiting = isWaiting
        waitPolicy.confirmations = confirmations
        let node = try chain.node()
        let broadcaster = Broadcaster(Nodes(node.node), journal, waitPolicy, report: report)
        return (try await broadcaster.send(signedPayments), journal)
    }

    @Test("goes out in the order of the nonces, 16 transactions at a time, with one look for all of them")
    func window() async throws {
        let chain = MiningChain()
        // The payments are deliberately not sorted by nonce.
        let signedPayments = try (0..<100).map { try payment(7 + ($0 * 37) % 100) }
        let (endings, _) = try await run(signedPayments, on: chain)
        #expect(endings.map(\.index) == Array(0..<100))
        #expect(endings.allSatisfy { $0.problems.isEmpty && $0.outcome?.state == .mined && $0.state == .mined })
        let (sent, most, requests) = chain.facts.value.withLock { ($0.sent, $0.mostWaiting, $0.requiredSightings) }
        #expect(sent == Array(7..<107))
        #expect(most == SenderQueue.window)
        // Each poll requests the latest block only once, even if there are many payments.
        #expect(requests < 60)
    }

    @Test("serves senders side by side")
    func senders() async throws {
        let chain = MiningChain(perBlock: 1)
        let signedPayments = try (0..<10).flatMap { [try payment(7 + $0), try payment(7 + $0, by: .stranger)] }
        let (endings, _) = try await run(signedPayments, on: chain)
        #expect(endings.allSatisfy { $0.problems.isEmpty })
        // Each block contains at most one transaction of each sender.
        #expect(Set(endings.compactMap { $0.outcome?.receipt.blockNumber }).count <= 12)
    }

    @Test("writes all of them down before the first is sent")
    func recordedFirst() async throws {
        let chain = MiningChain()
        let recorded = Shared(0)
        let before = Shared(-1)
        _ = try await run((0..<20).map { try payment(7 + $0) }, on: chain) { progress in
            switch progress {
            case .recorded: recorded.value.withLock { $0 += 1 }
            case .taken:
                let count = recorded.value.withLock { $0 }
                before.value.withLock { $0 = $0 < 0 ? count : $0 }
            default: break
            }
        }
        #expect(before.value.withLock { $0 } == 20)
    }

    @Test("sends again what the node had no room for, once those before it are mined")
    func overshot() async throws {
        let chain = MiningChain(room: 3)
        let (endings, _) = try await run((0..<20).map { try payment(7 + $0) }, on: chain)
        #expect(endings.allSatisfy { $0.problems.isEmpty })
        #expect(chain.facts.value.withLock { $0.mostWaiting } == 3)
    }

    @Test("sends nothing behind a payment that the node refuses, says so, and goes on with the other senders")
    func refused() async throws {
        let chain = MiningChain(refusing: 9)
        let signedPayments =
            try (0..<5).map { try payment(7 + $0) } + (0..<5).map { try payment(7 + $0, by: .stranger) }
        let (endings, journal) = try await run(signedPayments, on: chain)
        let codes = endings.map { $0.problems.first?.code }
        #expect(
            codes == [nil, nil, "node.insufficient-funds", "send.held-back", "send.held-back"]
                + Array(repeating: nil, count: 5))
        #expect(endings[3].problems[0].message.contains("nonce 9 "))
        // The refused payment and the sender's two payments with higher nonces stay open, so that a later run can send
        // them.
        #expect(try await journal.unfinished().map(\.target) == [9, 10, 11])
    }

    @Test("says once which nonce is missing and how many wait for it, and ends with 75")
    func gap() async throws {
        let said = Shared<[String]>([])
        let (endings, _) = try await run(
            [7, 8, 10, 11].map { try payment($0) }, on: MiningChain(), timeout: .seconds(600)
        ) { progress in
            // Cancels the task when two payments are mined and two others wait. Without the cancellation, the relay
            // would wait until the timeout.
            if case .waiting(_, let wait) = progress, wait.counts.mined == 2, wait.counts.waiting == 2 {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            }
            if case .missingNonce(let nonce, let signedPayment, let waiting) = progress {
                said.value.withLock { $0.append("\(nonce) \(signedPayment.target) \(waiting)") }
            }
        }
        #expect(said.value.withLock { $0 } == ["9 10 2"])
        #expect(endings.map { $0.problems.first?.code } == [nil, nil, "send.pending", "send.pending"])
        #expect(endings.suffix(2).allSatisfy { $0.problems[0].message.contains("nonce 9 of the sender is missing") })
    }

    @Test("says so too where the gap is beyond what is sent at once")
    func farGap() async throws {
        let said = Shared<[UInt64]>([])
        let chain = MiningChain(perBlock: 0)
        let nonces: [UInt64] = Array(7..<47) + Array(50..<60)
        _ = try await run(nonces.map { try payment($0) }, on: chain, timeout: .milliseconds(50)) { progress in
            if case .missingNonce(let nonce, _, _) = progress { said.value.withLock { $0.append(nonce) } }
        }
        #expect(said.value.withLock { $0 } == [47])
    }

    @Test("is refused as a whole where a chain has no node, and nothing is sent")
    func otherChain() async throws {
        let chain = MiningChain()
        let other = try SignedPayment(raw: [SamplePayment.signed(to: SampleCharge.recipient, chainID: 1).raw])
        let (folder, node, own) = (try Scratch(), try chain.node(), try payment(7))
        let journal = try SQLJournal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 0) })
        do throws(ProblemList) {
            _ = try await Broadcaster(Nodes(node.node), journal).send([own, other])
            Issue.record("it was sent")
        } catch { #expect(error.problems.map(\.code) == ["nodes.none-of-the-chain"]) }
        #expect(chain.facts.value.withLock { $0.sent }.isEmpty)
    }

    @Test("ends without waiting for the last ones when it is not to wait")
    func noWait() async throws {
        let (endings, _) = try await run(
            (0..<5).map { try payment(7 + $0) }, on: MiningChain(perBlock: 0), isWaiting: false)
        #expect(endings.allSatisfy { $0.problems.isEmpty && $0.outcome == nil && $0.state == .sent })
    }

    @Test("waits for the confirmations of each")
    func confirmations() async throws {
        let (endings, _) = try await run((0..<40).map { try payment(7 + $0) }, on: MiningChain(), confirmations: 3)
        #expect(endings.allSatisfy { $0.outcome?.confirmations ?? 0 >= 3 })
    }
}

/// A chain that accepts transactions. It mines a block whenever the latest block is requested.
final class MiningChain: Sendable {
    struct Facts {
        /// The next nonce of each sender, which is the number of the sender's mined transactions. It is 7 for a sender
        /// that is not in the dictionary.
        var mined: [String: UInt64] = [:]
        /// The hashes of pending transactions, keyed by sender and nonce.
        var pool: [String: [UInt64: Hash]] = [:]
        var blocks: [Hash: (number: UInt64, from: String)] = [:]
        var head: UInt64 = 100
        var sent: [UInt64] = []
        var mostWaiting = 0
        var requiredSightings = 0
    }

    let facts = Shared(Facts())
    private let perBlock: Int
    private let room: Int
    private let refusing: UInt64?

    /// - Parameters:
    ///   - perBlock: the maximum number of transactions of each sender in one block.
    ///   - room: the maximum number of pending transactions of each sender.
    ///   - refusing: the nonce of the payer's transaction that the node refuses; `nil` if it refuses none.
    init(perBlock: Int = 8, room: Int = 64, refusing: UInt64? = nil) {
        self.perBlock = perBlock
        self.room = room
        self.refusing = refusing
    }

    func node() throws -> ScriptedNode {
        try ScriptedNode { question in self.facts.value.withLock { self.answer(question, &$0) } }
    }

    private func answer(_ question: ScriptedNode.Question, _ facts: inout Facts) -> ScriptedNode.Answer {
        func account() -> String { String(question.parameters.dropFirst(2).prefix(42)).lowercased() }
        switch question.method {
        case "eth_getBlockByNumber":
            if question.parameters.contains("latest") { mine(&facts) }
            let number = question.parameters.contains("latest") ? UInt256(facts.head).quantity : account().quoteless
            return """
                {"number":"\(number)","hash":"\(Hash { _ in 0xAA })","parentHash":"\(Hash.zero)",\
                "timestamp":"0x69b0e5c0","gasLimit":"0x1c9c380","baseFeePerGas":"0x1","transactions":[]}
                """
        case "eth_getTransactionCount":
            var count = facts.mined[account()] ?? 7
            if question.parameters.contains("pending") {
                while facts.pool[account()]?[count] != nil { count += 1 }
            }
            return "\"\(UInt256(count).quantity)\""
        case "eth_sendRawTransaction":
            guard let raw = try? Hex.decode(String(question.parameters.dropFirst(2).dropLast(2))),
                let signed = try? SignedTransaction(raw: raw), let sender = try? signed.sender
            else { return .refused("rlp: what is this") }
            let (from, nonce) = ("\(sender)".lowercased(), signed.transaction.nonce)
            let waiting = facts.pool[from]?.count ?? 0
            guard waiting < room, refusing != nonce || sender != SampleKey.payer.address else {
                return .refused("insufficient funds for gas * price + value")
            }
            facts.pool[from, default: [:]][nonce] = signed.hash
            if sender == SampleKey.payer.address { facts.sent.append(nonce) }
            facts.mostWaiting = max(facts.mostWaiting, waiting + 1)
            return "\"\(signed.hash)\""
        case "eth_getTransactionReceipt":
            guard let hash = try? Hash(hex: String(question.parameters.dropFirst(2).dropLast(2))),
                let (number, from) = facts.blocks[hash], let sender = try? Address(from)
            else { return "null" }
            let text = receipt(of: hash, from: sender)
                .replacing("\"blockNumber\":\"0x64\"", with: "\"blockNumber\":\"\(UInt256(number).quantity)\"")
            return "\(text)"
        default: return ScriptedChain().answer(question)
        }
    }

    private func mine(_ facts: inout Facts) {
        facts.head += 1
        facts.requiredSightings += 1
        for sender in facts.pool.keys {
            for _ in 0..<perBlock {
                let nonce = facts.mined[sender] ?? 7
                guard let hash = facts.pool[sender]?.removeValue(forKey: nonce) else { break }
                facts.blocks[hash] = (facts.head, sender)
                facts.mined[sender] = nonce + 1
            }
        }
    }
}

extension String {
    /// The part of the text before its first quotation mark.
    fileprivate var quoteless: String { String(prefix { $0 != "\"" }) }
}
