import AirlockEthereumTypes
import AirlockRLP
import AirlockSecp256k1
import Testing
import AirlockTransactions

@Suite("Transactions")
struct TransactionTests {
    @Test("is equal to another only if every field is, whatever the length of the data")
    func equality() {
        let data = (0..<21).map { UInt8($0) }
        let base = UnsignedTransaction(
            nonce: 1, gas: 2, to: .zero, value: 3, data: data, form: .legacy(chainID: 1, gasPrice: 4))
        // If a field is added to the transaction, this test must compare it too.
        #expect(Mirror(reflecting: base).children.map(\.label) == ["nonce", "gas", "to", "value", "data", "form"])
        var others = Array(repeating: base, count: 6)
        others[0].nonce = 2
        others[1].gas = 3
        others[2].to = nil
        others[3].value = 4
        others[4].data = Array(data.dropLast())
        others[5].form = .legacy(chainID: 2, gasPrice: 4)
        for index in data.indices {
            var other = base
            other.data[index] ^= 0x80
            others.append(other)
        }
        for other in others { #expect(other != base) }
        #expect(base == base)
    }

    @Test("costs 4 gas for each zero byte and 16 for any other, whatever their number and place")
    func dataGas() {
        for count in 0..<40 {
            // The data contains zero bytes, 0x80 (only the highest bit is set), 0x01 (only the lowest bit is set), 0x7F
            // and 0xFF.
            let data = (0..<count).map { [0, 0x80, 1, 0, 0x7F, 0xFF, 0][$0 % 7] as UInt8 }
            let transaction = UnsignedTransaction(
                nonce: 0, gas: 0, to: .zero, value: 0, data: data, form: .legacy(chainID: 1, gasPrice: 0))
            #expect(transaction.intrinsicGas == 21_000 + data.reduce(0) { $0 + ($1 == 0 ? 4 : 16) })
        }
    }

    @Test("encode to the bytes that are signed, and decode from them", arguments: Fixture.all)
    func unsigned(fixture: Fixture) throws {
        #expect(Hex.encode(fixture.transaction.encoded, prefix: false) == fixture.unsigned)
        #expect(fixture.transaction.signingHash.description == "0x" + fixture.signingHash)
        #expect(try UnsignedTransaction(encoded: bytes(fixture.unsigned)) == fixture.transaction)
    }

    @Test("decode from the bytes that are sent, and encode to them again", arguments: Fixture.all)
    func signed(fixture: Fixture) throws {
        let signed = try SignedTransaction(raw: bytes(fixture.raw))
        #expect(signed.transaction == fixture.transaction)
        #expect(signed.hash.description == "0x" + fixture.hash)
        #expect(try signed.sender.description == Fixture.sender)
        #expect(signed.signingHash.description == "0x" + fixture.signingHash)
        #expect(Hex.encode(signed.content.raw, prefix: false) == fixture.raw)
        var buffer: [UInt8] = [1, 2, 3]
        signed.content.encode(into: &buffer)
        #expect(buffer == signed.raw)
        #expect(try SignedTransaction(fixture.transaction, signed.signature) == signed)
    }

    @Test("decode many as one by one, and one that is refused stops no other")
    func many() throws {
        var raw = Fixture.all.map { bytes($0.raw) }
        raw.insert([0x02, 0xc0], at: 1)
        let read = SignedTransaction.read(raw: raw)
        #expect(read.count == raw.count)
        for (read, raw) in zip(read, raw) {
            #expect(read == Result { () throws(TransactionError) in try SignedTransaction(raw: raw) })
        }
        #expect(throws: TransactionError.self) { try read[1].get() }
        #expect(SignedTransaction.read(raw: []).isEmpty)
    }

    @Test("say the fields that their form has, and what stands for those that it lacks")
    func accessors() {
        let entry = AccessListEntry(address: .zero, storageKeys: [])
        func transaction(_ form: UnsignedTransaction.Form) -> UnsignedTransaction {
            UnsignedTransaction(nonce: 0, gas: 10, to: nil, value: 0, data: [], form: form)
        }
        let before155 = transaction(.legacy(chainID: nil, gasPrice: 5))
        #expect((before155.type, before155.chainID) == (0, nil))
        #expect((before155.maxFeePerGas, before155.maxPriorityFeePerGas) == (5, 5))
        #expect(before155.accessList == [])
        let legacy = transaction(.legacy(chainID: 7, gasPrice: 5))
        #expect((legacy.type, legacy.chainID) == (0, 7))
        let accessList = transaction(.accessList(chainID: 7, gasPrice: 5, accessList: [entry]))
        #expect((accessList.type, accessList.chainID) == (1, 7))
        #expect((accessList.maxFeePerGas, accessList.maxPriorityFeePerGas) == (5, 5))
        #expect(accessList.accessList == [entry])
        let dynamicFee = transaction(
            .dynamicFee(chainID: 7, maxPriorityFeePerGas: 3, maxFeePerGas: 5, accessList: [entry]))
        #expect((dynamicFee.type, dynamicFee.chainID) == (2, 7))
        #expect((dynamicFee.maxFeePerGas, dynamicFee.maxPriorityFeePerGas) == (5, 3))
        #expect(dynamicFee.accessList == [entry])
        #expect(dynamicFee.maxNetworkFee == 50)
    }

    @Test(
        "write v as their form wants it",
        arguments: [
            (nil, 0, "27"), (nil, 1, "28"), (1, 0, "37"), (1, 1, "38"), (137, 1, "310"),
            (UInt64.max, 1, "36893488147419103266"),
        ] as [(UInt64?, UInt8, String)])
    func v(chainID: UInt64?, parity: UInt8, v: String) throws {
        let one = (1 as UInt256).word
        let signature = try Signature(r: one, s: one, yParity: parity)
        let legacy = UnsignedTransaction(
            nonce: 0, gas: 0, to: nil, value: 0, data: [], form: .legacy(chainID: chainID, gasPrice: 0))
        let signed = try SignedTransaction(legacy, signature)
        #expect(signed.v.description == v)
        #expect(try SignedTransaction(raw: signed.raw) == signed)
        var typed = legacy
        typed.form = .accessList(chainID: chainID ?? 1, gasPrice: 0, accessList: [])
        #expect(try SignedTransaction(typed, signature).v == UInt256(UInt64(parity)))
    }

    @Test("take no high s, however they are made")
    func highS() throws {
        let fixture = Fixture.all[0]
        let low = try SignedTransaction(raw: bytes(fixture.raw)).signature
        let order = try UInt256(quantity: "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")
        let mirrored = try Signature(
            r: low.r, s: #require(order.subtracting(UInt256(low.s))).word, yParity: 1 - low.yParity)
        let error = #expect(throws: SignatureError.self) { try SignedTransaction(fixture.transaction, mirrored) }
        #expect(error?.rule == .highS)
    }

    @Test("say when no account can have signed")
    func noSender() throws {
        // No point of the curve has x = 5, so no sender can be recovered from a signature with r = 5.
        let signature = try Signature(r: (5 as UInt256).word, s: (1 as UInt256).word, yParity: 0)
        let signed = try SignedTransaction(Fixture.all[0].transaction, signature)
        let error = #expect(throws: SignatureError.self) { try signed.sender }
        #expect(error?.rule == .unrecoverable)
    }
}
