import AirlockCHex
import Testing

/// Compares every kernel of this architecture with a simple conversion that handles one digit at a time. The inputs
/// have many different lengths.
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
        // The lengths go up to 140 bytes, which is more than four groups of the widest kernel. One group has 32 bytes.
        for count in 0...140 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 73 &+ count) }
            let expected = bytes.flatMap { [Self.digits[Int($0 >> 4)], Self.digits[Int($0 & 15)]] }
            // The buffer is one byte longer than the kernel is allowed to write. The kernel must not change the last
            // byte.
            var text = [UInt8](repeating: 0xaa, count: count * 2 + 1)
            unsafe kernel.encode(bytes, count, &text)
            #expect(text == expected + [0xaa])
            for text in [expected, Array(String(decoding: expected, as: UTF8.self).uppercased().utf8)] {
                var read = [UInt8](repeating: 0xaa, count: count + 1)
                #expect(unsafe kernel.decode(text, count, &read) != 0)
                #expect(read == bytes + [0xaa])
            }
        }
    }

    /// The numbers of bytes are chosen so that the bytes fill less than one group, one group, or several groups. The
    /// kernel must find a wrong character in any group, even if all later groups are correct.
    @Test("take the digits of both cases and nothing else, at every place", arguments: names, [1, 15, 16, 31, 33, 70])
    func others(name: String, count: Int) throws {
        let index = try #require(Self.names.firstIndex(of: name))
        let kernel = unsafe try #require(unsafe airlock_hex_kernel_at(index)).pointee
        guard unsafe kernel.is_supported() != 0 else { return }
        let accepted = Set("0123456789abcdefABCDEF".utf8)
        for place in 0..<count * 2 {
            for character in 0...UInt8.max {
                var text = [UInt8](repeating: UInt8(ascii: "7"), count: count * 2)
                text[place] = character
                var bytes = [UInt8](repeating: 0, count: count)
                let areDigits = unsafe kernel.decode(text, count, &bytes) != 0
                if areDigits != accepted.contains(character) { Issue.record("\(character) at \(place) of \(count)") }
            }
        }
    }
}
