import AirlockEthereumTypes
import Testing

@Suite("Addresses")
struct AddressTests {
    /// The examples of EIP-55 (some have letters of only one case), the highest address, and two addresses without
    /// letters.
    static let checksummed = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
        "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF", "0x0000000000000000000000000000000000000000",
        "0x1212121212121212121212121212121212121212",
    ]

    @Test("are read with their checksum, in lower case and in upper case, and shown with it", arguments: checksummed)
    func forms(text: String) throws {
        let address = try Address(text)
        #expect(address.description == text)
        #expect(try Address(text.lowercased()) == address)
        #expect(try Address("0x" + text.dropFirst(2).uppercased()) == address)
        #expect(try Address("to \(text)".dropFirst(3)) == address)
        #expect(address.isZero == (address == .zero))
    }

    @Test("are refused when the case of any one letter is wrong")
    func wrongCase() throws {
        let text = Self.checksummed[0]
        for (index, character) in text.enumerated() where index > 1 && character.isLetter {
            let other = character.isUppercase ? character.lowercased() : character.uppercased()
            let altered = text.prefix(index) + other + text.dropFirst(index + 1)
            let error = #expect(throws: ValueError.self) { try Address(altered) }
            #expect(error == ValueError(.wrongChecksum, saw: altered, expected: text))
        }
    }

    @Test("are read in whatever case where that is asked for")
    func anyCase() throws {
        let address = try Address(Self.checksummed[0])
        #expect(try Address(anyCase: "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") == address)
        let error = #expect(throws: ValueError.self) { try Address(anyCase: String(Self.checksummed[0].dropFirst(2))) }
        #expect(error?.rule == .notAddress)
    }

    @Test("are refused when a digit is wrong and the case is that of the right one")
    func wrongDigit() {
        let error = #expect(throws: ValueError.self) { try Address("0x6aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed") }
        #expect(error?.rule == .wrongChecksum)
    }

    @Test(
        "are refused when they are none",
        arguments: [
            "", "0x", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed0", "0X5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", " 0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed ", "vitalik.eth",
            // An address in ICAP form, which begins with XE.
            "XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS",
        ])
    func refused(text: String) {
        let error = #expect(throws: ValueError.self) { try Address(text) }
        #expect(error == ValueError(.notAddress, saw: text, expected: "0x and 40 hexadecimal digits"))
    }

    @Test("are the low bytes of a hash")
    func lowBytes() throws {
        let hash = try Hash(hex: "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        #expect(Address(lowBytesOf: hash).bytes.description == "0x0c0d0e0f101112131415161718191a1b1c1d1e1f")
    }

    @Test("that the program knows are checked when they are first met")
    func known() async {
        #expect(Address(known: "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").description == Self.checksummed[0])
        await #expect(processExitsWith: .failure) {
            _ = Address(known: "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
        }
    }
}
