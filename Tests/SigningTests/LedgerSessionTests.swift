import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockSamples
import AirlockTransactions
import Glibc
import Testing

@testable import AirlockSigning

@Suite("A ledger that is held, and let go while there is nothing to sign")
struct LedgerSessionTests {
    @Test("has what others have written meanwhile")
    func released() throws {
        let workspace = try SigningWorkspace()
        var session = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
        session.release()
        try workspace.sign(workspace.request(1, nonce: 7))
        #expect(session.ledger.isEmpty)
        try session.hold()
        #expect(session.ledger.count == 1)
        let held = LedgerFile(workspace.ledger.path, LockWait(seconds: 0))
        #expect(throws: FileError.self) { _ = try held.read() }
        session.release()
        #expect(try held.read()?.count == 1)
        try session.hold()
        #expect(session.ledger.count == 1)
    }

    @Test("signs nothing when it lost entries that were read or written", arguments: LedgerChange.all)
    func lost(change: LedgerChange) throws {
        for hasWritten in [false, true] {
            let workspace = try LedgerChange.workspace(payments: hasWritten ? 2 : 3)
            // The review comes first, because it reads the ledger, which the session locks.
            let third = try hasWritten ? LedgerChange.consented(workspace.request(3, nonce: 9)) : nil
            var session = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
            if let third {
                _ = try third.sign(with: SampleKey.payer.secret, recordingIn: &session)
                try session.sync()
            }
            session.release()
            try change.apply(workspace)
            var found: [Refusal] = []
            do { try session.hold() } catch { found = ((error as? any RuleBroken)?.problems ?? []).map { Refusal($0) } }
            #expect(found == change.refusals(workspace))
            #expect(workspace.hasLedger == change.leavesFile)
        }
    }

    @Test("is begun where none was read, whatever is there now", arguments: [nil, Hash.zero] as [Hash?])
    func begun(head: Hash?) throws {
        let workspace = try SigningWorkspace()
        for payments: UInt8 in 0...1 {
            if payments == 1 { try workspace.sign(workspace.request(1, nonce: 7)) }
            let ledger = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: head).ledger
            #expect(ledger.count == Int(payments))
        }
    }

    @Test("keeps an entry that could not be written apart from those that it has read")
    func unwritten() throws {
        let workspace = try LedgerChange.workspace(payments: 1)
        let second = try LedgerChange.consented(workspace.request(2, nonce: 8))
        var session = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
        _ = try second.sign(with: SampleKey.payer.secret, recordingIn: &session)
        // The new entry is only in memory, and not in the file. Another process then signs.
        session.release()
        try workspace.sign(workspace.request(3, nonce: 9))
        try session.hold()
        #expect(session.ledger.count == 2)
    }
}

@Suite("A ledger that changes after the review")
struct LedgerAfterReviewTests {
    /// A way to sign.
    struct Way: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Reads the ledger for a review. Returns a function that signs what was reviewed.
        let review: @Sendable (SigningWorkspace) throws -> () throws -> Void
    }

    private static let ways = [
        Way(testDescription: "a payment") { workspace in
            let consented = try LedgerChange.consented(workspace.request(4, nonce: 10))
            return { _ = try consented.sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger) }
        },
        Way(testDescription: "the second payment of several") { workspace in
            let series = try PaymentSeries([
                ("a", workspace.request(4, nonce: 10)), ("b", workspace.request(5, nonce: 10)),
            ])
            let consented = try series.reviews.map { _, review in try LedgerChange.consented(review) }
            try #require(consented.count == 2)
            return { _ = try consented[1].sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger) }
        },
        Way(testDescription: "a message") { workspace in
            let ledger = try workspace.ledger.read()
            let review = try MessageDraft.review {
                $0.value = "1"
                $0.edits.append { $0.ledger = ledger }
            }
            let consented = try ConsentedMessage.ofPolicy(for: try #require(review.reviewed))
            return { _ = try consented.sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger) }
        },
        Way(testDescription: "a transaction, blind") { workspace in
            let transaction = UnsignedTransaction(
                nonce: 10, gas: 21_000, to: SampleCharge.recipient, value: 3, data: [],
                form: .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 2, accessList: []))
            var signing = BlindSigning(.transaction(transaction), clock: SigningWorkspace.start)
            signing.reviewedHead = try workspace.ledger.read()?.head
            let consented = ConsentedBlindSigning.ofScript(for: signing)
            return { _ = try consented.sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger) }
        },
    ]

    @Test("must still have the entries that were read; if not, nothing is signed", arguments: ways, LedgerChange.all)
    func lost(way: Way, change: LedgerChange) throws {
        let workspace = try LedgerChange.workspace(payments: 3)
        let sign = try way.review(workspace)
        try change.apply(workspace)
        let before = try change.leavesFile ? workspace.text : nil
        #expect(refusals(sign) == change.refusals(workspace))
        #expect(workspace.hasLedger == change.leavesFile)
        if change.code != nil, let before { #expect(try workspace.text == before) }
    }
}

/// A change of a ledger file with three entries, after a process has read them.
struct LedgerChange: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The rule that is then broken. `nil` if the ledger still has the three entries.
    let code: LedgerRule?
    let apply: @Sendable (SigningWorkspace) throws -> Void

    private init(_ name: String, _ code: LedgerRule?, _ apply: @escaping @Sendable (SigningWorkspace) throws -> Void) {
        testDescription = name
        self.code = code
        self.apply = apply
    }

    static let all = [
        LedgerChange("moved away", .missing) { $0.move() },
        LedgerChange("gone with its folder", .missing) { workspace in
            #expect(unsafe rename(workspace.path("state"), workspace.path("other")) == 0)
        },
        LedgerChange("emptied", .missing) { $0.shorten(to: 0) },
        LedgerChange("shortened by the last line", .headUnknown) { workspace in
            let size = try workspace.lines[..<2].reduce(0) { $0 + $1.utf8.count + 1 }
            workspace.shorten(to: size)
        },
        LedgerChange("an older copy", .headUnknown) { workspace in
            let older = try workspace.lines[..<2].map { $0 + "\n" }.joined()
            workspace.move()
            workspace.write(older)
        },
        LedgerChange("begun anew by another process", .headUnknown) { workspace in
            workspace.move()
            try workspace.sign(workspace.request(9, nonce: 20))
        },
        LedgerChange("a copy with all entries", nil) { workspace in
            let text = try workspace.text
            workspace.move()
            workspace.write(text)
        },
        LedgerChange("continued by another process", nil) { workspace in
            try workspace.sign(workspace.request(9, nonce: 20))
        },
        LedgerChange("continued after its loss", nil) { workspace in
            let head = try #require(try workspace.ledger.read()).head
            workspace.move()
            let time = SigningWorkspace.start
            try workspace.ledger.create(accepting: head, time: time, claimedTime: time)
        },
    ]

    /// Whether there is a ledger file after the change.
    var leavesFile: Bool { !["moved away", "gone with its folder"].contains(testDescription) }

    func refusals(_ workspace: SigningWorkspace) -> [Refusal] {
        code.map { [Refusal($0.rawValue, workspace.ledger.path)] } ?? []
    }

    /// Returns a workspace with a ledger of payments. The payments have the numbers from 1 on, and the nonces from 7
    /// on.
    static func workspace(payments: UInt8) throws -> SigningWorkspace {
        let workspace = try SigningWorkspace()
        for number in 1...payments { try workspace.sign(workspace.request(number, nonce: 6 + UInt64(number))) }
        return workspace
    }

    static func consented(_ request: PaymentRequest) throws -> ConsentedPayment { try consented(Review(request)) }

    static func consented(_ review: Review) throws -> ConsentedPayment {
        let payment = try #require(review.payment)
        return try .typed(payment.expectedAnswer, for: payment)
    }
}

extension SigningWorkspace {
    fileprivate var hasLedger: Bool { unsafe access(ledger.path, F_OK) == 0 }

    fileprivate func move() { #expect(unsafe rename(ledger.path, path("moved.jsonl")) == 0) }

    fileprivate func shorten(to size: Int) { #expect(unsafe truncate(ledger.path, size) == 0) }
}
