internal import AirlockCKeccak

/// A way to do the permutation: in portable Swift, or by instructions that not every CPU has. All come to the same; the
/// functions that take one are for tests and measurements, and everybody else gets the best.
@_spi(Kernels)
@safe
public struct Kernel: Sendable {
    /// `nil` for the portable one. What it points to is constant.
    private nonisolated(unsafe) let native: UnsafePointer<airlock_keccak_kernel>?

    public static let portable = unsafe Kernel(native: nil)

    /// All there are for this architecture, whether or not this CPU has the instructions: the widest first, of one
    /// width the fastest first, and the portable one last.
    public static let all: [Kernel] =
        (0..<airlock_keccak_kernel_count()).map { unsafe Kernel(native: airlock_keccak_kernel_at($0)) } + [portable]

    /// The fastest of each width for this CPU, the widest first. The last takes one message.
    public static let best: [Kernel] = all.filter { $0.isSupported }.reduce(into: []) { best, kernel in
        if best.last?.width != kernel.width { best.append(kernel) }
    }

    /// The fastest for one message.
    static let single = best.last ?? portable

    /// How many messages it takes in at once.
    public var width: Int { unsafe native?.pointee.width ?? 1 }

    /// Whether this CPU has the instructions.
    public var isSupported: Bool { unsafe native.map { unsafe $0.pointee.is_supported() != 0 } ?? true }

    /// Takes in some blocks of one message, and one more from the end, if there is one; of a kernel for one message.
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

    /// Hashes as many messages as it is wide; of a kernel for more than one.
    @inline(__always)
    func hash(_ messages: UnsafeMutableBufferPointer<airlock_keccak_message>) {
        unsafe native?.pointee.hash(messages.baseAddress)
    }
}

@_spi(Kernels)
extension Kernel: CustomStringConvertible {
    public var description: String { unsafe native.map { unsafe String(cString: $0.pointee.name) } ?? "portable" }
}
