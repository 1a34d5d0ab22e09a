import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequests
import AirlockSamples
import AirlockSecp256k1
import AirlockSecretKeys
import AirlockTransactions
import Foundation
import Synchronization
import Testing

@testable import AirlockSigning

/// A signer that signs with a key and records the tasks that it got. It can also sign a hash that is not the one in the
/// task.
private final class RecordingSigner: Signer, Sendable {
    let publicKey = SampleKey.payer.secret.publicKey
    private let key: SampleKey
    private let alter: @Sendable (SigningTask) -> Hash
    private let asked = Mutex<[SigningTask]>([])

    var tasks: [SigningTask] { asked.withLock { $0 } }

    init(_ key: SampleKey = .payer, signing alter: @escaping @Sendable (SigningTask) -> Hash = \.digest) {
        self.key = key
        self.alter = alter
    }

    func sign(_ task: SigningTask) throws -> Signature {
        asked.withLock { $0.append(task) }
        return try key.secret.sign(alter(task))
    }
}

@Suite("Signing in stages")
struct StagedSigningTests {
    private static func consented(_ change: (inout Draft) -> Void = { _ in }) throws -> ConsentedPayment {
        let payment = try #require(try Draft.review(change).payment)
        return try .typed(payment.expectedAnswer, for: payment)
    }

    private static func permitted(_ draft: inout Draft) {
        draft.conditions?.approval = nil
        draft.edit {
            $0.method = "transferToken"
            $0.rungs = 2
            $0.cancel = true
        }
    }

    @Test("asks for all transactions at once, in the order of the plan")
    func transactions() throws {
        let consented = try Self.consented { $0.edit { $0.rungs = 3 } }
        let signer = RecordingSigner()
        let parts = try consented.signed(with: signer, secondEngine: true)
        let plan = consented.payment.plan
        #expect(signer.tasks.map(\.digest) == plan.map(\.signingHash))
        #expect(signer.tasks.map(\.purpose) == plan.map { _ in .transaction(.pay, nonce: 7) })
        #expect(parts.map(\.signingHash) == plan.map(\.signingHash))
    }

    @Test("asks for a message first, and then for the transactions that hold its signature")
    func messageInCall() throws {
        let consented = try Self.consented(Self.permitted)
        let signer = RecordingSigner()
        let parts = try consented.signed(with: signer, secondEngine: true)
        #expect(
            signer.tasks.map(\.purpose) == [
                .message, .transaction(.pay, nonce: 7), .transaction(.pay, nonce: 7), .transaction(.cancel, nonce: 7),
            ])
        #expect(signer.tasks[0].digest == consented.payment.action.message?.digest)
        for (part, task) in zip(parts, signer.tasks.dropFirst()) {
            let signed = try SignedTransaction(raw: try #require(part.transaction.raw))
            #expect(task.digest == signed.signingHash && part.signingHash == signed.signingHash)
            #expect(part.transaction.hash == signed.hash)
        }
        // The reviewed transaction contained a placeholder instead of the permit's signature. So its signing hash
        // differs from that of the signed transaction.
        #expect(parts[0].signingHash != consented.payment.plan[0].signingHash)
    }

    @Test("takes no other number of signatures than there are tasks")
    func count() throws {
        var staged = try StagedSigning(Self.consented { $0.edit { $0.rungs = 2 } }, secondEngine: false)
        let signature = try SampleKey.payer.secret.sign(staged.tasks[0].digest)
        for count in [0, 1, 3] {
            let found = problems {
                try staged.answer(
                    Array(repeating: signature, count: count), by: SampleKey.payer.secret.publicKey)
            }
            #expect(found.map(\.code) == ["self-check.other-transaction"])
        }
        #expect(staged.parts.isEmpty && staged.tasks.count == 2)
    }

    @Test("takes no signature of another key or of something else, at any stage", arguments: 0..<4)
    func wrong(stage: Int) throws {
        let consented = try Self.consented(Self.permitted)
        let digests = RecordingSigner()
        _ = try consented.signed(with: digests, secondEngine: false)
        let wrong = digests.tasks[stage].digest
        let signer = RecordingSigner { $0.digest == wrong ? .keccak([1]) : $0.digest }
        #expect(
            problems { _ = try consented.signed(with: signer, secondEngine: false) }.map(\.code) == [
                "self-check.other-sender"
            ])
        #expect(
            problems { _ = try consented.signed(with: RecordingSigner(.stranger), secondEngine: false) }.map(\.code)
                == ["self-check.other-sender"])
    }

    @Test("signs several payments as it signs each, and one that fails stops no other")
    func several() throws {
        let all = [
            try Self.consented(), try Self.consented(Self.permitted), try Self.consented { $0.edit { $0.rungs = 3 } },
        ]
        // The signing hash of a transaction that only the third payment contains: the last transaction of its plan.
        let wrong = try #require(all[2].payment.plan.last).signingHash
        let signer = RecordingSigner()
        let alone = try all.map { try $0.signed(with: signer, secondEngine: false) }
        let together = ConsentedPayment.signed(all, with: signer, secondEngine: true)
        #expect(try together.map { try $0.get().map(\.transaction) } == alone.map { $0.map(\.transaction) })
        #expect(try together.map { try $0.get().map(\.signingHash) } == alone.map { $0.map(\.signingHash) })
        let failing = RecordingSigner { $0.digest == wrong ? .keccak([1]) : $0.digest }
        let results = ConsentedPayment.signed(all, with: failing, secondEngine: false)
        #expect(problems { _ = try results[2].get() }.map(\.code) == ["self-check.other-sender"])
        #expect(try results[..<2].map { try $0.get().map(\.signingHash) } == alone[..<2].map { $0.map(\.signingHash) })
        #expect(ConsentedPayment.signed([], with: signer, secondEngine: false).isEmpty)
    }

    @Test("computes each pending hash once, by itself or with others")
    func pendingHashes() {
        let messages = (0..<9).map { [UInt8](repeating: UInt8($0), count: $0 * 100) }
        let hashes = messages.map { PendingHash(of: $0) }
        #expect(hashes[3].value == .keccak(messages[3]))
        PendingHash.compute(hashes)
        PendingHash.compute(hashes)
        #expect(hashes.map(\.value) == messages.map { .keccak($0) })
    }
}

@Suite("The ledger's record of a payment by a permit that stands in its transaction")
struct PermitRecordTests {
    private let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private func request(_ number: UInt8 = 1, nonce: UInt64 = 7, after seconds: UInt64 = 0) throws -> PaymentRequest {
        var request = try workspace.request(number, nonce: nonce, after: seconds)
        request.method = "transferToken"
        request.rungs = 2
        request.cancel = true
        return request
    }

    @Test("has the hashes that were really signed, and knows the payment again by those that were reviewed")
    func hashes() throws {
        let payment = try workspace.sign(request())
        let entry = try #require(try workspace.ledger.read()?.entries.first)
        let signed = try payment.transactions.map { try SignedTransaction(raw: try #require($0.raw)) }
        #expect(entry.transactions.map(\.signingHash) == signed.map(\.signingHash))
        #expect(entry.transactions.map(\.hash) == signed.map(\.hash))
        let plan = try #require(Review(request()).payment).plan
        #expect(entry.transactions.map(\.reviewedHash) == plan.map(\.signingHash))
        // A transaction that contains no permit has only one hash, so its entry has no `reviewedHash`.
        #expect(try workspace.text.components(separatedBy: "reviewedHash").count == 3)

        let again = Review(try request(after: 60))
        #expect(again.payment?.isRecorded == true)
        #expect(try workspace.sign(request(after: 60)) == payment)
        #expect(try workspace.lines.count == 1)
    }

    @Test("is known again where an earlier version has written it, by the hashes that were reviewed alone")
    func earlier() throws {
        let payment = try workspace.sign(request())
        let old = try workspace.text.replacing(
            /"signingHash":"0x[0-9a-f]{64}","reviewedHash":/, with: "\"signingHash\":")
        #expect(!old.contains("reviewedHash"))
        workspace.write(old)
        #expect(Review(try request(after: 60)).payment?.isRecorded == true)
        let again = try workspace.sign(request(after: 60))
        #expect(again.transactions == payment.transactions)
        #expect(try workspace.text == old)
        #expect(Review(try request(2)).refusals(.ledger) == [Refusal("ledger.nonce-already-signed", "nonce:")])
    }

    @Test("is not given for a signature that is another than the recorded one")
    func otherSignature() throws {
        let payment = try #require(Review(request()).payment)
        let consented = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
        _ = try workspace.sign(request())
        var session = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
        let parts = try consented.signed(with: SampleKey.payer.secret, secondEngine: false)
        let others = parts.map { part in
            SignedPart(
                transaction: .init(
                    role: part.transaction.role, rung: part.transaction.rung, nonce: part.transaction.nonce,
                    hash: .keccak([1]), raw: []),
                signingHash: part.signingHash)
        }
        do {
            try session.record(payment, others)
            Issue.record("it was taken for the recorded one")
        } catch { #expect(error.problems.map(\.code) == ["self-check.other-transaction"]) }
        try session.record(payment, parts)
        #expect(session.ledger.count == 1)
    }
}
