@_spi(Kernels) import AirlockKeccak
import Testing

/// Compares every kernel that this CPU supports with the portable kernel. `Keccak256Tests` compares Keccak-256 with
/// digests of other implementations. For each kernel that this CPU does not support, a note says that it was not
/// tested.
@Suite("The kernels of Keccak")
struct KernelTests {
    private static let longest = 1_100
    /// The bytes of which the messages consist. A message of n bytes is the first n of these bytes.
    private static let bytes = (0..<longest + 8).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ $0 >> 8) }

    /// The digests that the portable kernel computes. The element at index n is the digest of the first n bytes.
    private static let digests = (0...longest).map { length in
        Keccak256.hash(bytes.span.extracting(first: length), by: .portable)
    }

    static let kernels = Kernel.all.filter { kernel in
        if !kernel.isSupported { print("note: this CPU cannot run the kernel \(kernel), which was not tested") }
        return kernel.isSupported
    }
    static let singles = kernels.filter { $0.width == 1 }

    @Test("are the widest first, and one of them takes a single message on any CPU")
    func best() {
        let widths = Kernel.best.map(\.width)
        #expect(widths == widths.sorted(by: >) && Set(widths).count == widths.count)
        #expect(widths.last == 1)
        #expect(Kernel.best.allSatisfy { $0.isSupported })
        #expect(Kernel.portable.isSupported && "\(Kernel.portable)" == "portable")
    }

    @Test("give the portable digests, at every length and from every place in a word", arguments: singles)
    func single(kernel: Kernel) {
        for length in 0...Self.longest {
            for start in 0..<8 {
                let memory = [UInt8](repeating: 0xff, count: start) + Self.bytes[..<length] + [0xff]
                let digest = Keccak256.hash(memory.span.extracting(start..<start + length), by: kernel)
                #expect(digest == Self.digests[length], "\(length) bytes from \(start)")
            }
        }
    }

    @Test("give the portable digests piece by piece", arguments: singles)
    func stream(kernel: Kernel) {
        for piece in 1...300 {
            var hasher = Keccak256(by: kernel)
            for start in stride(from: 0, to: Self.longest, by: piece) {
                hasher.update(Self.bytes.span.extracting(start..<min(start + piece, Self.longest)))
            }
            #expect(hasher.finish() == Self.digests[Self.longest], "pieces of \(piece)")
        }
    }

    @Test("give the portable digests in order, of 1 to 20 messages of any length", arguments: kernels)
    func many(kernel: Kernel) {
        for count in 1...20 {
            for first in stride(from: 0, through: Self.longest, by: count) {
                // `check` is called twice, with the same number of messages. In the first call, each message is one
                // byte longer than the message before. In the second call, the lengths are far apart and in no order.
                let near = (first..<first + count).map { min($0, Self.longest) }
                check(near, by: [kernel])
                check(near.map { ($0 * 211) % (Self.longest + 1) }, by: [kernel])
            }
            check([Int](repeating: count * 51, count: count), by: [kernel])
        }
    }

    @Test("share out what does not fill the widest")
    func shares() {
        for count in 0...40 { check((0..<count).map { $0 * 59 % (Self.longest + 1) }, by: Kernel.best) }
    }

    private func check(_ lengths: [Int], by kernels: [Kernel]) {
        let messages = lengths.map { Array(Self.bytes[..<$0]) }
        let digests = lengths.map { Self.digests[$0] }
        #expect(Keccak256.hash(many: messages, by: kernels) == digests, "lengths \(lengths)")
    }
}
