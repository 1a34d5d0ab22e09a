internal import AirlockCKeccak

/// An implementation of the Keccak permutation. It is written in portable Swift, or in C with instructions that not
/// every CPU supports. All kernels give the same digests. Only tests and benchmarks choose a kernel. All other callers
/// get the fastest kernel.
@_spi(Kernels)
@safe
public struct Kernel: Sendable {
    /// A pointer to the C kernel, which is a constant in the C module. `nil` for the portable kernel.
    private nonisolated(unsafe) let native: UnsafePointer<airlock_keccak_kernel>?

    public static let portable = unsafe Kernel(native: nil)

    /// All kernels for this architecture, including kernels that this CPU does not support. The widest kernels come
    /// first. Among kernels of the same width, the fastest comes first. The portable kernel is the last.
    public static let all: [Kernel] =
        (0..<airlock_keccak_kernel_count()).map { unsafe Kernel(native: airlock_keccak_kernel_at($0)) } + [portable]

    /// For each width, the fastest kernel that this CPU supports. The widest kernel comes first. The last kernel hashes
    /// one message at a time.
    public static let best: [Kernel] = all.filter { $0.isSupported }.reduce(into: []) { best, kernel in
        if best.last?.width != kernel.width { best.append(kernel) }
    }

    /// The fastest kernel for one message.
    static let single = best.last ?? portable

    /// The number of messages that the kernel hashes at once.
    public var width: Int { unsafe native?.pointee.width ?? 1 }

    /// Whether this CPU supports the instructions of the kernel.
    public var isSupported: Bool { unsafe native.map { unsafe $0.pointee.is_supported() != 0 } ?? true }

    /// Absorbs `blocks` blocks of one message. If `end` is not `nil`, then also absorbs the last block, which is at the
    /// address `end`. Call this function only if ``width`` is 1.
    @inline(__always)
    func absorb(
        _ state: UnsafeMutableBufferPointer<UInt64>, _ bytes: UnsafeRawPointer?, blocks: Int, end: UnsafeRawPointer?
    ) {
        if let native = unsafe native {
            unsafe native.pointee.absorb(state.baseAddress, bytes, blocks, end)
        } else {
            unsafe Lanes.absorb(state, bytes, blocks: blocks, end: end)
        }
    }

    /// Hashes several messages at once. The number of messages must be ``width``. Call this function only if ``width``
    /// is greater than 1.
    @inline(__always)
    func hash(_ messages: UnsafeMutableBufferPointer<airlock_keccak_message>) {
        unsafe native?.pointee.hash(messages.baseAddress)
    }
}

@_spi(Kernels)
extension Kernel: CustomStringConvertible {
    public var description: String { unsafe native.map { unsafe String(cString: $0.pointee.name) } ?? "portable" }
}
