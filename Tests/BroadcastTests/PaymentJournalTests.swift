import AirlockCharges
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockSamples
import AirlockStrictJSON
import AirlockTransactions
import Synchronization
import Testing
import AirlockTestSupport

@testable import AirlockBroadcast

/// Tests that every kind of database must pass that stores a journal.
@Suite("A journal")
struct PaymentJournalTests {
    private let folder: Scratch
    private let clock = Shared<UInt64>(0)

    init() throws { folder = try Scratch() }

    private func journal(_ store: JournalStore) async throws -> any PaymentJournal {
        let clock = clock
        return try await store.open(folder) { Timestamp(seconds: clock.value.withLock { $0 }) }
    }

    private static func signedPayment(nonce: UInt64) throws -> SignedPayment {
        let charge = try SamplePayment.nativeCharge()
        return try SignedPayment(SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge, nonce: nonce))]))
    }

    private static func raw(_ nonce: UInt64) throws -> SignedPayment {
        try SignedPayment(raw: [SamplePayment.signed(nonce: nonce, to: .zero).raw])
    }

    /// Returns a receipt that was read from the answer of a node.
    private static func receipt(of hash: Hash, inBlock number: UInt64 = 100) async throws -> Receipt {
        let text = BroadcastTests.receipt(of: hash).replacing("0x64", with: UInt256(number).quantity)
            .replacing("\(Hash { _ in 0xAA })", with: "\(Hash { _ in UInt8(number) })")
        return try #require(await ScriptedChain(receipts: ["\(hash)": text]).node().node.receipt(of: hash))
    }

    @Test("keeps a payment with its transactions, once", arguments: JournalStore.all)
    func record(store: JournalStore) async throws {
        let charge = try SamplePayment.nativeCharge()
        let signedPayment = try Self.signedPayment(nonce: 7)
        let journal = try await journal(store)
        let number = try await journal.record(signedPayment)
        #expect(try await self.journal(store).record(signedPayment) == number)
        // If the raw transaction is recorded again without the payment file, the journal recognises the same payment.
        #expect(try await journal.record(SignedPayment(raw: [signedPayment.steps[0].raw])) == number)
        let all = try await journal.payments()
        #expect(all.count == 1)
        #expect(all[0].state == .recorded)
        #expect(all[0].code == signedPayment.code)
        #expect(all[0].chargeID == charge.contents.id)
        #expect(all[0].intentID == "\(charge.contents.intent.id)")
        #expect(all[0].method == "transferNative")
        #expect(all[0].expires == "2026-03-11T08:30:49Z")
        #expect(all[0].recordedAt == "1970-01-01T00:00:00Z")
        #expect(all[0].transactions.map(\.hash) == ["\(signedPayment.steps[0].hash)"])
    }

    @Test("keeps what it was given when it is opened again, and is read by others", arguments: JournalStore.all)
    func reopened(store: JournalStore) async throws {
        let first = try await journal(store)
        let numbers = try await first.record([Self.raw(1), Self.raw(2)])
        #expect(numbers.count == 2 && numbers[0] < numbers[1])
        try await first.move(numbers[0], to: .sent)
        let second = try await journal(store)
        #expect(try await second.state(of: numbers[0]) == .sent)
        let reader = try #require(try await store.read(folder))
        #expect(try await reader.payments().map(\.state) == [.recorded, .sent])
        #expect(await refusals { _ = try await reader.record(Self.raw(3)) }.map(\.code) == ["journal.failed"])
        await first.close()
        #expect(await refusals { _ = try await first.payments() } == [Refusal("journal.failed", first.place)])
        #expect(try await second.payments().count == 2)
    }

    @Test("is written by many at the same time, and each payment is kept once", arguments: JournalStore.all)
    func together(store: JournalStore) async throws {
        let journals = [try await journal(store), try await journal(store)]
        let numbers = try await withThrowingTaskGroup(of: (UInt64, Int64).self) { group in
            for journal in journals {
                for nonce in 0..<20 as Range<UInt64> {
                    group.addTask {
                        let number = try await journal.record(Self.raw(nonce))
                        try await journal.move(number, to: .sent)
                        return (nonce, number)
                    }
                }
            }
            var numbers: [UInt64: Set<Int64>] = [:]
            for try await (nonce, number) in group { numbers[nonce, default: []].insert(number) }
            return numbers
        }
        #expect(numbers.count == 20 && numbers.values.allSatisfy { $0.count == 1 })
        #expect(try await journals[0].payments().map(\.state) == Array(repeating: .sent, count: 20))
        #expect(try await journals[1].rows(of: "transitions").count == 40)
    }

    @Test(
        "finds a payment by its code, charge, intent or hash, and says when there is none",
        arguments: JournalStore.all)
    func find(store: JournalStore) async throws {
        let charge = try SamplePayment.nativeCharge()
        let signedPayment = try Self.signedPayment(nonce: 7)
        let journal = try await journal(store)
        _ = try await journal.record([signedPayment, Self.raw(9)])
        let hash = "\(signedPayment.steps[0].hash)"
        for name in [
            signedPayment.code, charge.contents.id, "\(charge.contents.intent.id)", hash,
            "0x" + hash.dropFirst(2).uppercased(),
        ] {
            #expect(try await journal.payments(name).map(\.code) == [signedPayment.code])
        }
        #expect(try await journal.payments().count == 2)
        let unknown = [Refusal("journal.unknown-payment", journal.place)]
        #expect(await refusals { _ = try await journal.payments("nothing") } == unknown)
        #expect(await refusals { try await journal.payments(JournalFilter(name: "nothing")) { _ in } } == unknown)
        #expect(await refusals { _ = try await journal.signedPayment("nothing") } == unknown)
    }

    @Test(
        "gives the one payment that a name means, or the codes of those that it could mean",
        arguments: JournalStore.all)
    func named(store: JournalStore) async throws {
        let (first, second) = (try Self.signedPayment(nonce: 7), try Self.signedPayment(nonce: 8))
        let journal = try await journal(store)
        _ = try await journal.record([first, second])
        #expect(try await journal.signedPayment("\(first.steps[0].hash)").code == first.code)
        #expect(try await journal.signedPayment(second.code).steps == second.steps)
        let intent = try #require(first.charge?.intent.id).description
        let found = await problems { _ = try await journal.signedPayment(intent) }
        #expect(found.map { Refusal($0) } == [Refusal("journal.several-payments", intent)])
        #expect(found.first?.message.contains("\(second.code), \(first.code)") == true)
    }

    @Test("brings back the ledger's head that came last for an account of a chain", arguments: JournalStore.all)
    func ledgerHead(store: JournalStore) async throws {
        let journal = try await journal(store)
        let (first, second) = (Hash { _ in 1 }, Hash { _ in 2 })
        for (nonce, head) in [(7, first), (8, second)] {
            let charge = try SamplePayment.nativeCharge()
            let file = try SamplePayment.file(
                charge, [(.pay, SamplePayment.pay(charge, nonce: UInt64(nonce)))], ledgerHead: head)
            _ = try await journal.record(SignedPayment(file))
        }
        #expect(try await journal.ledgerHead(of: SampleKey.payer.address, on: .base) == second)
        #expect(try await journal.ledgerHead(of: SampleKey.payer.address, on: .ethereum) == nil)
        #expect(try await journal.ledgerHead(of: SampleKey.stranger.address, on: .base) == nil)
    }

    @Test("knows which nonces are held", arguments: JournalStore.all)
    func heldNonces(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try SamplePayment.signedPayment()
        let payer = SampleKey.payer.address
        let payment = try await journal.record(signedPayment)
        let intent = try SamplePayment.nativeCharge().contents.intent
        let held = [HeldNonce(nonce: 7, code: signedPayment.code, intentID: "\(intent.id)")]
        #expect(try await journal.heldNonces(of: payer, on: .base) == held)
        #expect(try await journal.heldNonces(of: payer, on: .ethereum).isEmpty)
        #expect(try await journal.heldNonces(of: SampleKey.stranger.address, on: .base).isEmpty)
        try await journal.move(payment, to: .sent)
        #expect(try await journal.heldNonces(of: payer, on: .base) == held)
        for state in [PaymentState.mined, .settled, .reverted, .replaced, .expired, .cancelled] {
            try await journal.move(payment, to: state)
            #expect(try await journal.heldNonces(of: payer, on: .base).isEmpty)
        }
    }

    @Test("keeps every transition with its time, and none twice", arguments: JournalStore.all)
    func transitions(store: JournalStore) async throws {
        let journal = try await journal(store)
        let number = try await journal.record(SamplePayment.signedPayment())
        try await journal.move(number, to: .sent)
        try await journal.move(number, to: .sent)
        clock.value.withLock { $0 = 1 }
        try await journal.move(number, to: .expired, "too late")
        let rows = try await journal.rows(of: "transitions")
        #expect(
            rows == [
                #"{"table":"transitions","id":1,"payment":1,"state":"recorded","at":"1970-01-01T00:00:00Z"}"#,
                #"{"table":"transitions","id":2,"payment":1,"state":"sent","at":"1970-01-01T00:00:00Z"}"#,
                #"{"table":"transitions","id":3,"payment":1,"state":"expired","at":"1970-01-01T00:00:01Z","#
                    + #""detail":"too late"}"#,
            ])
        #expect(try await journal.state(of: number) == .expired)
        #expect(try await journal.payments()[0].endedAt == "1970-01-01T00:00:01Z")
    }

    @Test("keeps what each node was asked and what it said", arguments: JournalStore.all)
    func attempts(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try SamplePayment.signedPayment()
        let hash = signedPayment.steps[0].hash
        let payment = try await journal.record(signedPayment)
        func given(asked: Set<Hash> = [], left: Set<Hash> = [], taken: Set<Hash> = []) -> SubmissionRecord {
            var given = SubmissionRecord()
            (given.asked, given.left, given.taken) = (asked, left, taken)
            return given
        }
        func reply(_ number: Int64, _ answer: NodeAnswer, _ code: String, _ words: String? = nil) -> JournalReply {
            JournalReply(number: number, answer: answer, code: code, words: words)
        }
        #expect(try await journal.submissions(of: [hash]) == given())
        let numbers = try await journal.beginAttempts(hash, of: payment, ["a", "b"])
        #expect(try await journal.submissions(of: [hash]) == given(asked: [hash], left: [hash]))
        try await journal.endAttempts(
            [reply(numbers[0], .refused, "node.other", "odd words"), reply(numbers[1], .unknown, "http.cut-off")],
            by: payment, isTaken: false)
        #expect(try await journal.submissions(of: [hash]) == given(asked: [hash], left: [hash]))
        let cheap = [reply(numbers[1], .feeTooLow, "node.fee-too-low")]
        try await journal.endAttempts(cheap, by: payment, isTaken: false)
        #expect(try await journal.submissions(of: [hash]) == given(asked: [hash]))
        #expect(try await journal.state(of: payment) == .recorded)
        // The error code says that the node refused the transaction, but the recorded meaning of the answer is `taken`.
        // The journal must use the meaning.
        try await journal.endAttempts([reply(numbers[1], .taken, "node.fee-too-low")], by: payment, isTaken: true)
        #expect(try await journal.submissions(of: [.zero, hash]) == given(asked: [hash], left: [hash], taken: [hash]))
        #expect(try await journal.state(of: payment) == .sent)
        let at = "1970-01-01T00:00:00Z"
        #expect(
            try await journal.rows(of: "attempts") == [
                #"{"table":"attempts","id":1,"hash":"\#(hash)","node":"a","asked_at":"\#(at)","answered_at":"\#(at)","#
                    + #""answer":"node.other","words":"odd words","meaning":"refused"}"#,
                #"{"table":"attempts","id":2,"hash":"\#(hash)","node":"b","asked_at":"\#(at)","answered_at":"\#(at)","#
                    + #""answer":"node.fee-too-low","meaning":"taken"}"#,
            ])
    }

    @Test(
        "lets a receipt of another block take the place of the one before, and forgets one that is gone",
        arguments: JournalStore.all)
    func receipts(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try SamplePayment.signedPayment()
        let hash = signedPayment.steps[0].hash
        let payment = try await journal.record(signedPayment)
        for number in [100, 101, 100] as [UInt64] {
            try await journal.mined(payment, Self.receipt(of: hash, inBlock: number))
            #expect(try await journal.payments()[0].transactions[0].block == "\(number)")
        }
        #expect(try await journal.spreadsheet().split(separator: "\r\n").count == 2)
        #expect(try await journal.rows(of: "receipts").count == 2)
        #expect(try await journal.vanished(payment, [hash]))
        #expect(try await !journal.vanished(payment, [hash]))
        #expect(try await journal.state(of: payment) == .sent)
        #expect(try await journal.payments()[0].transactions[0].block == nil)
        #expect(try await !journal.isMined([hash]))
        try await journal.ended(payment, .mined, Self.receipt(of: hash, inBlock: 102))
        #expect(try await journal.unfinished().isEmpty)
        #expect(try await journal.state(of: payment) == .mined)
        #expect(try await journal.isMined([.zero, hash]))
        // The journal now gets two more receipts of the settled transaction. A receipt from the same block does not
        // change the final state of the payment. A receipt from another block makes the payment open again.
        try await journal.ended(payment, .settled, Self.receipt(of: hash, inBlock: 102))
        try await journal.mined(payment, Self.receipt(of: hash, inBlock: 102))
        #expect(try await journal.state(of: payment) == .settled)
        #expect(try await journal.unfinished().isEmpty)
        try await journal.mined(payment, Self.receipt(of: hash, inBlock: 103))
        #expect(try await journal.state(of: payment) == .mined)
        #expect(try await journal.unfinished().count == 1)
    }

    @Test(
        "gives back the payments that have not ended, the first one first, as they were sent",
        arguments: JournalStore.all)
    func unfinished(store: JournalStore) async throws {
        let journal = try await journal(store)
        var open: [SignedPayment] = []
        for (nonce, state) in PaymentState.allCases.enumerated() {
            let signedPayment = try Self.signedPayment(nonce: UInt64(nonce))
            try await journal.move(journal.record(signedPayment), to: state)
            if [.recorded, .sent, .mined].contains(state) { open.append(signedPayment) }
        }
        let found = try await journal.unfinished()
        #expect(found.map(\.steps) == open.map(\.steps))
        #expect(found.map(\.code) == open.map(\.code))
        #expect(found.map(\.charge) == open.map(\.charge))
    }

    /// Transactions whose roles and rungs cannot be derived from their bytes.
    static let shapes: [[(Payment.Role, UInt64?)]] = [
        // The bytes of a transaction that resets an allowance to zero look like those of an approval.
        [(.reset, 0), (.approve, 0)], [(.reset, nil), (.approve, 3), (.approve, 5)],
        // A cancel transaction without the payment's other transactions looks like a transfer from the sender to
        // itself.
        [(.cancel, nil)],
    ]

    @Test(
        "gives back roles and rungs as they were written down, whatever the bytes look like",
        arguments: JournalStore.all, shapes.indices)
    func roles(store: JournalStore, number: Int) async throws {
        let journal = try await journal(store)
        let payer = SampleKey.payer.address
        let approval = try Hex.decode("0x095ea7b3" + String(repeating: "00", count: 64))
        let shape = Self.shapes[number]
        var raws: [[UInt8]] = []
        for (role, _) in shape {
            let isCancel = role == .cancel
            let fee = UInt256(30_000_000 + UInt64(raws.count))
            raws.append(
                try SamplePayment.signed(
                    nonce: 7, to: isCancel ? payer : .zero, data: isCancel ? [] : approval, fee: fee
                ).raw)
        }
        let signedPayment = try SignedPayment(raw: raws, of: nil) { steps, _ in
            zip(steps, shape).map { step, said in
                SignedPayment.Step(role: said.0, rung: said.1, signed: step.signed, hash: step.hash, raw: step.raw)
            }
        }
        _ = try await journal.record(signedPayment)
        let found = try #require(try await journal.unfinished().first)
        #expect(found.steps.map(\.role) == shape.map(\.0))
        #expect(found.steps.map(\.rung) == shape.map(\.1))
        #expect(found == signedPayment)
        #expect(try await journal.signedPayment(signedPayment.code) == signedPayment)
    }

    @Test("does not take a payment with a cancel for one that holds a transaction twice", arguments: JournalStore.all)
    func twice(store: JournalStore) async throws {
        let journal = try await journal(store)
        let charge = try SamplePayment.nativeCharge()
        let pay = try SamplePayment.pay(charge)
        let cancel = try SamplePayment.signed(to: SampleKey.payer.address, fee: 90_000_000)
        // Earlier versions recorded a raw transaction twice if it stood on two lines.
        let doubled = try SignedPayment(raw: [pay.raw, pay.raw], of: nil) { steps, _ in steps }
        let number = try await journal.record(doubled)
        #expect(try await journal.record(doubled) == number)
        let signedPayment = try SignedPayment(SamplePayment.file(charge, [(.pay, pay), (.cancel, cancel)]))
        let other = try await journal.record(signedPayment)
        #expect(other != number)
        #expect(try await journal.record(signedPayment) == other)
    }

    @Test("takes only the last of several transfers that were recorded as one for it", arguments: JournalStore.all)
    func several(store: JournalStore) async throws {
        let journal = try await journal(store)
        let two = try [7, 8].map { try Self.raw($0) }
        let one = try SignedPayment(raw: two.flatMap(\.steps).map(\.raw), of: nil) { steps, _ in steps }
        let number = try await journal.record(one)
        #expect(try await journal.record(two[1]) == number)
        #expect(try await journal.record(two[0]) != number)
    }

    @Test("gives back a transfer with its kind and its expiry", arguments: JournalStore.all)
    func transfer(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try SamplePayment.transfer(expires: Timestamp(seconds: 1_800_000_000))
        _ = try await journal.record(signedPayment)
        let found = try #require(try await journal.unfinished().first)
        #expect(found.request == signedPayment.request && found.request != nil)
        #expect(found.steps == signedPayment.steps)
    }

    @Test("keeps the last receipt of a block, since the one before may be damaged", arguments: JournalStore.all)
    func damagedReceipt(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try Self.signedPayment(nonce: 7)
        let (payment, hash) = (try await journal.record(signedPayment), signedPayment.steps[0].hash)
        for number in ["0x65", "0x64"] {
            let text = BroadcastTests.receipt(of: hash).replacing("\"0x64\"", with: "\"\(number)\"")
            let node = try ScriptedChain(receipts: ["\(hash)": text]).node().node
            try await journal.mined(payment, #require(try await node.receipt(of: hash)))
        }
        let rows = try await journal.rows(of: "receipts")
        #expect(rows.count == 1 && rows[0].contains(/"block_number":"?100\b/), "\(rows)")
    }

    @Test("hands over every row of every table, and nothing that is null", arguments: JournalStore.all)
    func rows(store: JournalStore) async throws {
        let journal = try await journal(store)
        let signedPayment = try Self.signedPayment(nonce: 7)
        let payment = try await journal.record(signedPayment)
        let hash = signedPayment.steps[0].hash
        _ = try await journal.beginAttempts(hash, of: payment, ["http://node"])
        try await journal.move(payment, to: .sent)
        let rows = try await journal.rows().map(\.text)
        #expect(rows.count == 6)
        #expect(
            rows[2] == #"{"table":"steps","payment":1,"position":0,"role":"pay","rung":"0","hash":"\#(hash)"}"#)
        let at = "1970-01-01T00:00:00Z"
        #expect(
            rows[3]
                == #"{"table":"attempts","id":1,"hash":"\#(hash)","node":"http://node","asked_at":"\#(at)"}"#)
        #expect(rows[5] == #"{"table":"transitions","id":2,"payment":1,"state":"sent","at":"\#(at)"}"#)
    }

    /// The error that the test throws when it receives a row from the journal. A real consumer of the rows can fail in
    /// the same way.
    private struct Full: Error {}

    @Test("stops handing over when nobody takes it, and goes on working", arguments: JournalStore.all)
    func stopped(store: JournalStore) async throws {
        let journal = try await journal(store)
        _ = try await journal.record([Self.raw(1), Self.raw(2)])
        let count = Shared(0)
        await #expect(throws: Full.self) {
            try await journal.rows { _ in
                count.value.withLock { $0 += 1 }
                throw Full()
            }
        }
        await #expect(throws: Full.self) { try await journal.spreadsheet { _ in throw Full() } }
        #expect(count.value.withLock { $0 } == 1)
        #expect(try await journal.record(Self.raw(3)) == 3)
    }

    static let cells = [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("=1+1", "\"'=1+1\""), ("@x", "\"'@x\""),
        ("say \"it\"", "\"say \"\"it\"\"\""),
    ]

    @Test(
        "hands over a sheet with a line for each transaction, which no spreadsheet takes for a formula",
        arguments: JournalStore.all, cells)
    func spreadsheet(store: JournalStore, cell: (charge: String, text: String)) async throws {
        let journal = try await journal(store)
        let plain = try Self.signedPayment(nonce: 7)
        let charged = try SamplePayment.charge {
            $0.id = quoted(cell.charge.replacing("\"", with: "\\\""))
            $0["recipient_currency"] = quoted(Address.zero)
        }
        let signedPayment = try SignedPayment(SamplePayment.file(charged, [(.pay, SamplePayment.pay(charged))]))
        _ = try await journal.record(signedPayment)
        let lines = try await journal.spreadsheet().split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("code,state,chain_id,charge_id,intent_id,method,"))
        let intent = "0x00112233445566778899aabbccddeeff"
        #expect(lines[1].hasPrefix("\(plain.code),recorded,8453,\(cell.text),\(intent),transferNative,"))
        #expect(lines[1].contains(",pay,0,7,\(signedPayment.steps[0].hash),,"))
    }

    private func nonces(
        _ journal: any PaymentJournal, _ change: (inout JournalFilter) -> Void
    ) async throws -> [String] {
        var filter = JournalFilter()
        change(&filter)
        var found: [String] = []
        try await journal.payments(filter) { found.append($0.transactions[0].nonce) }
        return found
    }

    @Test("finds the latest first: as many as wanted, in these states, changed since then", arguments: JournalStore.all)
    func filtered(store: JournalStore) async throws {
        let journal = try await journal(store)
        for (number, state) in [PaymentState.settled, .sent, .expired, .sent].enumerated() {
            clock.value.withLock { $0 = UInt64(number) }
            try await journal.move(journal.record(Self.raw(UInt64(number))), to: state)
        }
        #expect(try await nonces(journal) { _ in } == ["3", "2", "1", "0"])
        #expect(try await nonces(journal) { $0.limit = 2 } == ["3", "2"])
        #expect(try await nonces(journal) { $0.limit = 0 } == [])
        #expect(try await nonces(journal) { $0.states = [.sent] } == ["3", "1"])
        #expect(
            try await nonces(journal) {
                $0.states = [.sent, .settled]; $0.limit = 2
            } == ["3", "1"])
        #expect(try await nonces(journal) { $0.since = Timestamp(seconds: 2) } == ["3", "2"])
        #expect(try await nonces(journal) { $0.since = Timestamp(seconds: 9) } == [])
        #expect(try await nonces(journal) { $0.states = [.reverted] } == [])
    }

    @Test("gives payments in pages, each once", arguments: JournalStore.all)
    func pages(store: JournalStore) async throws {
        let journal = try await journal(store)
        _ = try await journal.record((0..<1203 as Range<UInt64>).map { try Self.raw($0) })
        #expect(try await nonces(journal) { _ in } == (0..<1203).reversed().map(String.init))
        #expect(try await nonces(journal) { $0.limit = 501 }.count == 501)
        #expect(try await journal.payments().count == 1203)
        #expect(try await journal.unfinished().map(\.target) == Array(0..<1203))
    }

    @Test("says whom payments pay how much, and what each rung offers", arguments: JournalStore.all)
    func summary(store: JournalStore) async throws {
        let journal = try await journal(store)
        let charge = try SamplePayment.charge()
        let (low, high) = (
            try SamplePayment.pay(charge, nonce: 50), try SamplePayment.pay(charge, nonce: 50, fee: 40_000_000)
        )
        _ = try await journal.record(SignedPayment(raw: [low.raw, high.raw]))
        let payment = try #require(try await journal.payments("\(low.hash)").first)
        #expect(payment.summary?.text == "1.05 USDC to \(charge.contents.intent.recipient)")
        #expect(payment.transactions.map(\.rung) == ["0", "1"])
        #expect(
            payment.transactions.map(\.fees) == [
                "at most 0.03 gwei, tip 0.000000001 gwei", "at most 0.04 gwei, tip 0.000000001 gwei",
            ])
        #expect(payment.json.text.contains(#""amount":"1050000","currency":"\#(SamplePayment.usdc)""#))
        _ = try await journal.record(
            SignedPayment(raw: [SamplePayment.signed(nonce: 51, to: .zero, value: 5, data: [1]).raw]))
        let unknown = try #require(try await journal.payments().first?.summary?.text)
        #expect(unknown == "0.000000000000000005 ETH to \(Address.zero), with a call of a function that is not known")
    }
}
