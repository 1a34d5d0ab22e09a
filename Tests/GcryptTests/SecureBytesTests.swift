import AirlockGcrypt
import Testing

extension SecureBytes {
    fileprivate borrowing func copied() -> [UInt8] { withBytes { bytes in bytes.indices.map { bytes[$0] } } }
}

@Suite("Secure bytes")
struct SecureBytesTests {
    @Test("begin as zeros", arguments: [0, 1, 32, 4096])
    func zeros(count: Int) throws {
        let bytes = try SecureBytes(count: count)
        #expect(bytes.count == count)
        #expect(bytes.copied() == Array(repeating: 0, count: count))
    }

    @Test("hold a copy, and what is written to them")
    func copy() throws {
        let original: [UInt8] = [1, 2, 3, 4]
        var bytes = try SecureBytes(copying: original.span)
        #expect(bytes.copied() == [1, 2, 3, 4])
        bytes.withMutableBytes { $0[2] = 9 }
        #expect(bytes.copied() == [1, 2, 9, 4])
        #expect(original == [1, 2, 3, 4])
    }

    @Test("lie in memory that the kernel has locked, all of them")
    func locked() throws {
        let bytes = try SecureBytes(count: 64)
        let address = bytes.withBytes { unsafe $0.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) } }
        #expect(try lockedMappings().contains { $0.contains(address) && $0.contains(address + 63) })
    }

    @Test("are wiped when their owner ends")
    func wiped() throws {
        var address: UnsafePointer<UInt8>?
        do {
            let bytes = try SecureBytes(copying: Array(repeating: UInt8(0xA5), count: 64).span)
            unsafe address = bytes.withBytes { unsafe $0.withUnsafeBufferPointer { $0.baseAddress } }
            #expect(unsafe UnsafeBufferPointer(start: address, count: 64).allSatisfy { $0 == 0xA5 })
        }
        // The pool stays mapped after the block was returned to it, so the test can still read this memory.
        #expect(unsafe UnsafeBufferPointer(start: address, count: 64).allSatisfy { $0 != 0xA5 })
    }

    @Test(
        "are equal when all their bytes are",
        arguments: [
            ([], [], true), ([1], [], false), ([1, 2, 3], [1, 2, 3], true), ([1, 2, 3], [1, 2, 4], false),
            ([0, 2, 3], [1, 2, 3], false), ([1, 2], [1, 2, 0], false), ([0x80], [0x00], false),
        ] as [([UInt8], [UInt8], Bool)])
    func equality(left: [UInt8], right: [UInt8], equal: Bool) throws {
        let left = try SecureBytes(copying: left.span)
        let right = try SecureBytes(copying: right.span)
        let (there, back) = (left.isEqual(to: right), right.isEqual(to: left))
        #expect(there == equal)
        #expect(back == equal)
    }

    @Test("are refused when the pool has no room, and never taken from common memory", arguments: [-1, 1 << 17])
    func exhausted(count: Int) {
        let error = #expect(throws: GcryptError.self) { _ = try SecureBytes(count: count).count }
        #expect(error?.rule == .secureMemoryExhausted)
    }
}
