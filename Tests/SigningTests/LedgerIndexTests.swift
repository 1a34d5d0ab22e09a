import AirlockEthereumTypes
import AirlockFiles
import Foundation
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockTestSupport
import Testing
import AirlockTransactions

@testable import AirlockSigning

@Suite("The index beside a ledger")
struct LedgerIndexTests {
    private let workspace: SigningWorkspace

    init() throws { workspace = try SigningWorkspace() }

    private static func transaction(_ nonce: UInt64, value: UInt256 = 3) -> UnsignedTransaction {
        UnsignedTransaction(
            nonce: nonce, gas: 21_000, to: SampleCharge.recipient, value: value, data: [],
            form: .dynamicFee(chainID: 8453, maxPriorityFeePerGas: 1, maxFeePerGas: 2, accessList: []))
    }

    /// For each nonce, signs one transaction that belongs to no request. The signing times are one second apart.
    private func sign(_ nonces: Range<UInt64>) throws {
        var session = try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
        for nonce in nonces {
            let clock = Timestamp(seconds: SigningWorkspace.start.seconds + nonce)
            let signing = BlindSigning(.transaction(Self.transaction(nonce)), clock: clock)
            _ = try ConsentedBlindSigning.ofScript(for: signing)
                .sign(with: SampleKey.payer.secret, recordingIn: &session)
        }
        try session.sync()
    }

    private var folder: String { workspace.ledger.path + ".index" }

    private var files: [String] { get throws { try Folder.names(in: folder) } }

    private func session() throws -> LedgerSession {
        try LedgerSession(workspace.ledger, for: SampleKey.payer.secret, after: nil)
    }

    /// Returns the answers of a ledger to all questions that a check can ask about these nonces.
    private func answers(_ ledger: Ledger, _ nonces: some Sequence<UInt64>) throws -> [String] {
        let payer = SampleKey.payer.address
        return try nonces.flatMap { nonce in
            let entries = try ledger.entries(with: LedgerNonce(token: nil, number: nonce), chain: .base, from: payer)
            let moment = Timestamp(seconds: SigningWorkspace.start.seconds + nonce)
            return [
                "\(entries)", "\(try entries.map { try ledger.knows($0.hash) })",
                "\(try ledger.hasBlind(Self.transaction(nonce).signingHash, from: payer))",
                "\(String(describing: try ledger.spent(.zero, on: .base, since: moment)))",
            ]
        } + [
            "\(ledger.head) \(ledger.count) \(ledger.latest)",
            "\(String(describing: try ledger.lastNonce(of: nil, chain: .base, from: payer)))",
            "\(try ledger.knows(.keccak([1])))",
        ]
    }

    @Test(
        "answers as the whole ledger does, whatever was entered when", arguments: [[500], [65, 66, 200, 3, 70, 130]])
    func same(parts: [UInt64]) throws {
        var count: UInt64 = 0
        for part in parts {
            try sign(count..<count + part)
            count += part
            let whole = try Ledger(Array(workspace.text.utf8))
            let session = try session()
            #expect(session.ledger.index != nil && session.ledger.entries.count <= 64)
            let nonces = [0, 1, 63, 64, 65, count / 2, count - 1, count, count + 5]
            #expect(try answers(session.ledger, nonces) == answers(whole, nonces))
        }
        // The index has few segment files, and no file that is no longer used.
        #expect(try files.count < 8)
        let read = try #require(try workspace.ledger.read(for: SampleKey.payer.address))
        #expect(try answers(read, [0, count]) == answers(Ledger(Array(workspace.text.utf8)), [0, count]))
        #expect(read.index != nil)
    }

    @Test("is not made for a short ledger")
    func short() throws {
        try sign(0..<60)
        try sign(60..<61)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    /// Tries to sign a payment with a nonce that was signed long ago. Returns the codes of all problems.
    private func refused() throws -> [String] {
        // The review reads the ledger through the existing index, as it does in the tool.
        var request = try SigningWorkspace().request(1, nonce: 3, after: 1_000)
        request.ledger = try workspace.ledger.read(for: SampleKey.payer.address)
        var problems = Review(request).problems
        // The second review gets no ledger, so it cannot find the old entry. The step that signs reads the ledger
        // again, and must find the entry.
        request.ledger = nil
        let payment = try #require(Review(request).payment)
        do {
            _ = try ConsentedPayment.typed(payment.expectedAnswer, for: payment)
                .sign(with: SampleKey.payer.secret, recordingIn: workspace.ledger)
            Issue.record("it was signed")
        } catch let broken as any RuleBroken { problems += broken.problems }
        return problems.map(\.code)
    }

    @Test("never lets a nonce be used twice, whichever of its bytes is altered")
    func altered() throws {
        try sign(0..<130)
        _ = try session()
        let text = try workspace.text
        for name in try files {
            let path = "\(folder)/\(name)"
            let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
            for position in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 16)) {
                var other = bytes
                other[position] ^= 0x41
                try Data(other).write(to: URL(filePath: path))
                let codes = try refused()
                #expect(codes.contains { ["ledger.nonce-already-signed", "ledger.index"].contains($0) }, "\(position)")
                try? FileManager.default.removeItem(atPath: folder)
                _ = try session()
            }
            try Data(bytes).write(to: URL(filePath: path))
            try? FileManager.default.removeItem(atPath: folder)
            _ = try session()
        }
        #expect(try workspace.text == text)
    }

    @Test("is not believed when another has made it, of a ledger in which an entry is missing")
    func forged() throws {
        // Nobody can make another ledger whose last line has the same hash. But anyone can make an index that states
        // this hash and leaves out an entry.
        try sign(0..<200)
        _ = try session()
        let place = LedgerIndex.Place(ledger: workspace.ledger.path, address: SampleKey.payer.address)
        let whole = try Ledger(Array(workspace.text.utf8))
        var findings = LedgerFindings()
        var offset = 0
        for (number, entry) in whole.entries.enumerated() {
            if number != 3 { findings.add(entry, entry.hash, latest: entry.time, at: offset) }
            offset += entry.line.count + 1
        }
        let identity = try #require(FileIdentity(of: workspace.ledger.path))
        let index = try LedgerIndex.extending(nil, at: place, to: whole.indexHead, with: findings, identity)
        try index.write(LedgerSeal(SampleKey.stranger.secret))
        // The review has no key to verify the index, so it believes the forged index.
        let read = try #require(try workspace.ledger.read(for: SampleKey.payer.address))
        let third = LedgerNonce(token: nil, number: 3)
        #expect(try read.entries(with: third, chain: .base, from: SampleKey.payer.address) == [])
        #expect(try refused() == ["ledger.nonce-already-signed"])
        // The step that signs has replaced the forged index, so the review now finds the entry too.
        #expect(try refused() == ["ledger.nonce-already-signed", "ledger.nonce-already-signed"])
    }

    @Test("is left aside where the ledger is another, shorter or altered at its end")
    func otherLedger() throws {
        try sign(0..<200)
        _ = try session()
        let text = try workspace.text
        let lines = try workspace.lines
        let shorter = lines[..<100].map { $0 + "\n" }.joined()
        workspace.write(shorter)
        #expect(try session().ledger.count == 100)
        workspace.write(text.replacingOccurrences(of: lines[199] + "\n", with: ""))
        #expect(try session().ledger.count == 199)
        let nonsense = String(repeating: "x", count: lines[199].utf8.count)
        workspace.write(text.replacingOccurrences(of: lines[199], with: nonsense))
        #expect(throws: ProblemList.self) { _ = try session() }
    }

    @Test("finds that an entry was altered in the ledger, and nothing is signed")
    func ledgerAltered() throws {
        try sign(0..<200)
        _ = try session()
        let lines = try workspace.lines
        // Changes nonce 3 to nonce 9 in a line. The line keeps its length.
        let other = lines[3].replacingOccurrences(of: "\"nonce\":\"3\"", with: "\"nonce\":\"9\"")
        #expect(other != lines[3])
        workspace.write(try workspace.text.replacingOccurrences(of: lines[3], with: other))
        #expect(try refused().contains("ledger.altered"))
    }

    @Test("is each key's own, and what others signed meanwhile is read from the ledger")
    func keys() throws {
        try sign(0..<100)
        _ = try session()
        var other = try LedgerSession(workspace.ledger, for: SampleKey.stranger.secret, after: nil)
        let clock = Timestamp(seconds: SigningWorkspace.start.seconds + 500)
        for nonce in 0..<70 as Range<UInt64> {
            let signing = BlindSigning(.transaction(Self.transaction(nonce)), clock: clock)
            _ = try ConsentedBlindSigning.ofScript(for: signing)
                .sign(with: SampleKey.stranger.secret, recordingIn: &other)
        }
        try other.sync()
        other.release()
        let ledger = try session().ledger
        #expect(ledger.count == 170)
        #expect(try answers(ledger, [0, 69, 99]) == answers(Ledger(Array(workspace.text.utf8)), [0, 69, 99]))
    }

    @Test("counts what was spent on both sides of it, and says when that is too much to count")
    func overflow() throws {
        var session = try session()
        for nonce in 0..<70 as Range<UInt64> {
            let value: UInt256 = nonce == 2 || nonce == 66 ? .max : 1
            let signing = BlindSigning(
                .transaction(Self.transaction(nonce, value: value)),
                clock: Timestamp(seconds: SigningWorkspace.start.seconds + nonce))
            _ = try ConsentedBlindSigning.ofScript(for: signing)
                .sign(with: SampleKey.payer.secret, recordingIn: &session)
        }
        try session.sync()
        session.release()
        let whole = try Ledger(Array(workspace.text.utf8))
        let ledger = try self.session().ledger
        for nonce in 0..<72 as Range<UInt64> {
            let since = Timestamp(seconds: SigningWorkspace.start.seconds + nonce)
            #expect(
                try ledger.spent(.zero, on: .base, since: since) == whole.spent(.zero, on: .base, since: since))
        }
    }
}
