import AirlockCHex
import Testing

/// Every kernel of this architecture against the digits one by one.
@Suite("The kernels of hexadecimal text")
struct HexKernelTests {
    private static let digits = Array("0123456789abcdef".utf8)
    private static let names = (0..<airlock_hex_kernel_count()).map(name)

    private static func name(_ index: Int) -> String {
        unsafe airlock_hex_kernel_at(index).map { unsafe String(cString: $0.pointee.name) } ?? ""
    }

    @Test("give what one by one gives", arguments: names)
    func all(name: String) throws {
        let index = try #require(Self.names.firstIndex(of: name))
        let kernel = unsafe try #require(unsafe airlock_hex_kernel_at(index)).pointee
        guard unsafe kernel.is_supported() != 0 else {
            return print("note: this CPU cannot run the kernel \(name), which was not tested")
        }
        for groups in 0...16 {
            let bytes = (0..<groups * 16).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ groups) }
            let expected = bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
            // One more than is written, which stays as it was.
            var text = [UInt8](repeating: 0xaa, count: groups * 32 + 1)
            unsafe kernel.encode(bytes, groups, &text)
            #expect(text == expected + [0xaa])
            for text in [expected, Array(String(decoding: expected, as: UTF8.self).uppercased().utf8)] {
                var read = [UInt8](repeating: 0xaa, count: groups * 16 + 1)
                #expect(unsafe kernel.decode(text, groups, &read) != 0)
                #expect(read == bytes + [0xaa])
            }
        }
        // In two groups, so that the second does not make good what the first says.
        let accepted = Set("0123456789abcdefABCDEF".utf8)
        for place in 0..<64 {
            for character in 0...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "7"), count: 64)
                text[place] = character
                var bytes = [UInt8](repeating: 0, count: 32)
                let areDigits = unsafe kernel.decode(text, 2, &bytes) != 0
                #expect(areDigits == accepted.contains(character), "\(character) at \(place)")
            }
        }
    }
}
