import AirlockABI
import AirlockEthereumTypes
import Testing

@Suite("The writer of known calls")
struct ABIWriterTests {
    @Test("writes words, tuples, arrays and bytes where the specification puts them")
    func headAndTail() throws {
        let address = try Address("0x0102030405060708090a0b0c0d0e0f1011121314")
        let id = FixedBytes<16> { UInt8(0xa0 + $0) }
        let data = ABIWriter.encode(Selector(signature: "f((uint256,bytes16,bytes),address,bool,uint24[])"), words: 4) {
            $0.tuple(words: 3) {
                $0.append(UInt256.max)
                $0.append(id)
                $0.append(bytes: ([1, 2, 3] as [UInt8]).span)
            }
            $0.append(address)
            $0.append(true)
            $0.array(count: 2, words: 1) {
                $0.append(500 as UInt64)
                $0.append(3000 as UInt64)
            }
        }
        let expected = [
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0000000000000000000000000102030405060708090a0b0c0d0e0f1011121314",
            "0000000000000000000000000000000000000000000000000000000000000001",
            "0000000000000000000000000000000000000000000000000000000000000120",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf00000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000060",
            "0000000000000000000000000000000000000000000000000000000000000003",
            "0102030000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000002",
            "00000000000000000000000000000000000000000000000000000000000001f4",
            "0000000000000000000000000000000000000000000000000000000000000bb8",
        ]
        #expect(Hex.encode(Array(data.dropFirst(4)), prefix: false) == expected.joined())
        #expect(data.count == 4 + 32 * expected.count)
    }

    @Test("pads bytes to whole words", arguments: [0, 1, 31, 32, 33, 63, 64, 65])
    func padding(length: Int) {
        let value = [UInt8](repeating: 0xff, count: length)
        let data = ABIWriter.encode(words: 1) { $0.append(bytes: value.span) }
        #expect(data.count == 64 + (length + 31) / 32 * 32)
        #expect(data.dropFirst(64).prefix(length).allSatisfy { $0 == 0xff })
        #expect(data.dropFirst(64 + length).allSatisfy { $0 == 0 })
        #expect(data[63] == UInt8(length))
    }

    @Test("writes nothing for nothing")
    func nothing() {
        #expect(ABIWriter.encode(words: 0) { _ in } == [])
        #expect(ABIWriter.encode(Selector(signature: "f()"), words: 0) { _ in } == [0x26, 0x12, 0x1f, 0xf0])
    }
}

@Suite("Selectors")
struct SelectorTests {
    @Test(
        "are the first four bytes of the signature's hash",
        arguments: [
            ("transfer(address,uint256)", "0xa9059cbb"), ("approve(address,uint256)", "0x095ea7b3"),
            ("Error(string)", "0x08c379a0"), ("Panic(uint256)", "0x4e487b71"),
        ])
    func known(signature: String, selector: String) {
        #expect(Selector(signature: signature).description == selector)
    }

    @Test("are read from the start of call data")
    func read() {
        #expect(Selector(of: ([0xa9, 0x05, 0x9c, 0xbb, 0] as [UInt8]).span)?.description == "0xa9059cbb")
        #expect(Selector(of: ([0xa9, 0x05, 0x9c] as [UInt8]).span) == nil)
    }

    @Test("an event's topic is the whole hash")
    func topic() {
        let signature = "Transferred(address,bytes16,address,address,uint256,address)"
        #expect(
            Hash.topic(signature: signature).description
                == "0xb7ee4fafa10d16ee883a136a3dcc9179d8e6041ba71cc29c2b0bce4f7bdd6e86")
    }
}
