internal import CKeccak

/// A way to do the permutation: in portable Swift, or by instructions that not every CPU has. All come to the same; the
/// functions that take one are for tests and measurements, and everybody else gets the best.
@_spi(Kernels)
@safe
public struct Kernel: Sendable {
    /// Nothing for the portable one. What it points to is constant.
    private nonisolated(unsafe) let native: UnsafePointer<airlock_keccak_kernel>?

    public static let portable = unsafe Kernel(native: nil)

    /// All there are for this architecture, whether or not this CPU has the instructions: the widest first, of one
    /// width the fastest first, and the portable one last.
    public static let all: [Kernel] =
        (0..<airlock_keccak_kernel_count()).map { unsafe Kernel(native: airlock_keccak_kernel_at($0)) } + [portable]

    /// The fastest of each width for this CPU, the widest first. The last takes one message.
    public static let best: [Kernel] = all.filter(\.isSupported).reduce(into: []) { best, kernel in
        if best.last?.width != kernel.width { best.append(kernel) }
    }

    /// The fastest for one message.
    static let single = best.last ?? portable

    /// How many messages it takes in at once.
    public var width: Int { unsafe native?.pointee.width ?? 1 }

    /// Whether this CPU has the instructions.
    public var isSupported: Bool { unsafe native.map { unsafe $0.pointee.is_supported() != 0 } ?? true }

    /// Takes in whole blocks, as many from each message. The states lie in one another: lane 0 of each message first.
    @inline(__always)
    func absorb(
        _ states: UnsafeMutableBufferPointer<UInt64>, _ messages: UnsafeBufferPointer<UnsafePointer<UInt8>?>,
        blocks: Int
    ) {
        if let native = unsafe native {
            unsafe native.pointee.absorb(states.baseAddress, messages.baseAddress, blocks)
        } else {
            unsafe Lanes.absorb(states, messages[0], blocks: blocks)
        }
    }
}

@_spi(Kernels)
extension Kernel: CustomStringConvertible {
    public var description: String { unsafe native.map { unsafe String(cString: $0.pointee.name) } ?? "portable" }
}
