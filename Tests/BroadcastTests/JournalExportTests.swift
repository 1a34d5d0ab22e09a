import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockSamples
import AirlockStrictJSON
import Testing
import AirlockCharges

@testable import AirlockBroadcast

@Suite("What the journal gives back")
struct JournalExportTests {
    private let folder = Folder()
    private let journal: Journal

    init() throws { journal = try Journal(folder.path + "/journal.sqlite", now: { Timestamp(seconds: 0) }) }

    private func shipment(nonce: UInt64) throws -> Shipment {
        let charge = try SamplePayment.nativeCharge()
        return try Shipment(SamplePayment.file(charge, [(.pay, SamplePayment.pay(charge, nonce: nonce))]))
    }

    @Test("are the payments that have not ended, the first one first, as they were sent")
    func unfinished() throws {
        let states = PaymentState.allCases
        var open: [Shipment] = []
        for (nonce, state) in states.enumerated() {
            let shipment = try shipment(nonce: UInt64(nonce))
            try journal.move(journal.record(shipment), to: state)
            if [.recorded, .sent, .mined].contains(state) { open.append(shipment) }
        }
        let found = try journal.unfinished()
        #expect(found.map(\.steps) == open.map(\.steps))
        #expect(found.map(\.code) == open.map(\.code))
        #expect(found.map(\.expectation) == open.map(\.expectation))
    }

    @Test("is the one payment that a name means, or the codes of those that it could mean")
    func named() throws {
        let (first, second) = (try shipment(nonce: 7), try shipment(nonce: 8))
        for one in [first, second] { _ = try journal.record(one) }
        #expect(try journal.shipment("\(first.steps[0].hash)").code == first.code)
        #expect(try journal.shipment(second.code).steps == second.steps)
        let intent = try #require(first.expectation?.intent.id).description
        let found = problems { _ = try journal.shipment(intent) }
        #expect(found.map { Refusal($0) } == [Refusal("journal.several-payments", intent)])
        #expect(found.first?.message.contains("\(second.code), \(first.code)") == true)
        #expect(refusals { _ = try journal.shipment("nothing") }.map(\.code) == ["journal.unknown-payment"])
    }

    @Test("is every row of every table, and nothing that is null")
    func rows() throws {
        let payment = try journal.record(shipment(nonce: 7))
        let hash = try shipment(nonce: 7).steps[0].hash
        _ = try journal.asking(hash, ["http://node"])
        try journal.move(payment, to: .sent)
        let rows = try journal.rows().map(\.text)
        #expect(rows.count == 6)
        #expect(
            rows[2] == #"{"table":"steps","payment":1,"position":0,"role":"pay","rung":"0","hash":"\#(hash)"}"#)
        let at = "1970-01-01T00:00:00Z"
        #expect(
            rows[3]
                == #"{"table":"attempts","id":1,"hash":"\#(hash)","node":"http://node","asked_at":"\#(at)"}"#)
        #expect(rows[5] == #"{"table":"transitions","id":2,"payment":1,"state":"sent","at":"\#(at)"}"#)
    }

    static let cells = [
        ("plain", "plain"), ("a,b", "\"a,b\""), ("=1+1", "\"'=1+1\""), ("@x", "\"'@x\""),
        ("say \"it\"", "\"say \"\"it\"\"\""),
    ]

    @Test("is a sheet with a line for each transaction, which no spreadsheet takes for a formula", arguments: cells)
    func sheet(charge: String, cell: String) throws {
        let plain = try shipment(nonce: 7)
        let charged = try SamplePayment.charge {
            $0.id = quoted(charge.replacing("\"", with: "\\\""))
            $0["recipient_currency"] = quoted(Address.zero)
        }
        let shipment = try Shipment(SamplePayment.file(charged, [(.pay, SamplePayment.pay(charged))]))
        _ = try journal.record(shipment)
        let lines = try journal.sheet().split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("code,state,chain_id,charge_id,intent_id,method,"))
        #expect(
            lines[1].hasPrefix("\(plain.code),recorded,8453,\(cell),0x00112233445566778899aabbccddeeff,transferNative,")
        )
        #expect(lines[1].contains(",pay,0,7,\(shipment.steps[0].hash),,"))
    }
}
