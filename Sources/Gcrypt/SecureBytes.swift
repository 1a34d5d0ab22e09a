internal import AirlockCGcrypt
import Glibc

/// Secret bytes: the one owner of memory that the kernel never swaps out, wiped when the owner ends.
///
/// It is not copied, printed, hashed or compared by chance. `withBytes` lends what is in it; what a borrower copies
/// out of it is no longer looked after.
@safe public struct SecureBytes: ~Copyable, @unchecked Sendable {
    /// Nobody else has this address, and it is written only through `mutating` functions.
    private let memory: UnsafeMutableBufferPointer<UInt8>

    /// Zeros.
    public init(count: Int) throws(GcryptError) {
        try GcryptLibrary.start()
        // gcry_malloc_secure never falls back to common memory: without room it answers nil.
        guard count >= 0, let start = unsafe gcry_malloc_secure(max(count, 1)) else {
            throw GcryptError(.secureMemoryExhausted)
        }
        let bytes = unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        unsafe memory = UnsafeMutableBufferPointer(start: bytes, count: count)
    }

    /// A copy of `bytes`, whose owner still has to wipe its own.
    public init(copying bytes: Span<UInt8>) throws(GcryptError) {
        try self.init(count: bytes.count)
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe memory.update(fromContentsOf: $0) }
        airlock_clear_vector_registers()
    }

    /// Fresh random bytes, written by the kernel straight into secure memory.
    public static func random(count: Int) throws(GcryptError) -> SecureBytes {
        var secret = try SecureBytes(count: count)
        try secret.withMutableBytes { bytes throws(GcryptError) in try Randomness.fill(&bytes) }
        return secret
    }

    deinit {
        guard let start = unsafe memory.baseAddress else { return }
        // gcry_free wipes secure memory too, but its manual does not promise so.
        unsafe explicit_bzero(start, memory.count)
        unsafe gcry_free(start)
    }

    public var count: Int { unsafe memory.count }

    /// Lends the bytes for the length of `body`, and leaves none of them in a register.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        defer { airlock_clear_vector_registers() }
        return try unsafe body(memory.span)
    }

    /// Lends the bytes for writing, for the length of `body`.
    public mutating func withMutableBytes<Value: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        defer { airlock_clear_vector_registers() }
        var span = unsafe memory.mutableSpan
        return try body(&span)
    }

    /// Whether both hold the same bytes, in a time that depends on their count alone.
    public borrowing func isEqual(to other: borrowing SecureBytes) -> Bool {
        guard count == other.count else { return false }
        return unsafe zip(memory, other.memory).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The kernel's random bytes.
///
/// Not libgcrypt's generator: that one keeps a state in memory that could be swapped out or shared after a fork,
/// and cannot say that it failed. getentropy waits at boot until the kernel's generator is seeded, and keeps nothing.
public enum Randomness {
    /// Overwrites all of `bytes`, or throws.
    public static func fill(_ bytes: inout MutableSpan<UInt8>) throws(GcryptError) {
        try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(GcryptError) in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                // getentropy(3): at most 256 bytes a call, and never fewer than asked.
                let piece = unsafe UnsafeMutableBufferPointer(rebasing: rest.prefix(256))
                guard unsafe getentropy(piece.baseAddress, piece.count) == 0 else { throw GcryptError(.noRandomness) }
                unsafe rest = rest.dropFirst(256)
            }
        }
    }
}
