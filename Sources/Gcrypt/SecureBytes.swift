internal import AirlockCGcrypt
import Glibc

/// Secret bytes in memory that the kernel never swaps out. The bytes are wiped when this value's lifetime ends.
///
/// A value of this type cannot be copied, printed, hashed or compared by accident. `withBytes` gives temporary access
/// to the bytes. If its closure makes copies, they are not wiped.
@safe public struct SecureBytes: ~Copyable, @unchecked Sendable {
    /// The address of the secure memory. No other value has this address, and only `mutating` functions write to the
    /// memory.
    private let memory: UnsafeMutableBufferPointer<UInt8>

    /// Allocates secure memory for `count` bytes, all zero.
    public init(count: Int) throws(GcryptError) {
        try GcryptLibrary.start()
        // gcry_malloc_secure never falls back to ordinary memory. If the pool is full, it returns nil.
        guard count >= 0, let start = unsafe gcry_malloc_secure(max(count, 1)) else {
            throw GcryptError(.secureMemoryExhausted)
        }
        let bytes = unsafe start.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        unsafe memory = UnsafeMutableBufferPointer(start: bytes, count: count)
    }

    /// Copies `bytes` into secure memory. The owner of `bytes` must still wipe them.
    public init(copying bytes: Span<UInt8>) throws(GcryptError) {
        try self.init(count: bytes.count)
        _ = unsafe bytes.withUnsafeBufferPointer { unsafe memory.update(fromContentsOf: $0) }
        airlock_clear_vector_registers()
    }

    /// Makes random bytes. The kernel writes them directly into secure memory.
    public static func random(count: Int) throws(GcryptError) -> SecureBytes {
        var secret = try SecureBytes(count: count)
        try secret.withMutableBytes { bytes throws(GcryptError) in try Randomness.fill(&bytes) }
        return secret
    }

    deinit {
        guard let start = unsafe memory.baseAddress else { return }
        // gcry_free wipes secure memory too, but its manual does not promise that. So the bytes are wiped here first.
        unsafe explicit_bzero(start, memory.count)
        unsafe gcry_free(start)
    }

    public var count: Int { unsafe memory.count }

    /// Calls `body` with the bytes, and then clears the vector registers, because they can still hold parts of the
    /// secret.
    public borrowing func withBytes<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        defer { airlock_clear_vector_registers() }
        return try unsafe body(memory.span)
    }

    /// Calls `body` with the bytes. `body` can change them. Then clears the vector registers, because they can still
    /// hold parts of the secret.
    public mutating func withMutableBytes<Value: ~Copyable, Failure: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        defer { airlock_clear_vector_registers() }
        var span = unsafe memory.mutableSpan
        return try body(&span)
    }

    /// Whether both values hold the same bytes. The time of the comparison depends only on the numbers of bytes, and
    /// not on the bytes themselves.
    public borrowing func isEqual(to other: borrowing SecureBytes) -> Bool {
        guard count == other.count else { return false }
        return unsafe zip(memory, other.memory).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// Fills memory with random bytes from the kernel.
///
/// libgcrypt's own generator is not used, because its state could be swapped out or be shared after a fork. That
/// generator also cannot report a failure. getentropy waits at boot until the kernel's generator is seeded. getentropy
/// has no state in this process.
public enum Randomness {
    /// Overwrites all of `bytes` with random bytes. Throws if the kernel provides none.
    public static func fill(_ bytes: inout MutableSpan<UInt8>) throws(GcryptError) {
        try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(GcryptError) in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                // One call of getentropy(3) returns at most 256 bytes, and never fewer than requested.
                let piece = unsafe UnsafeMutableBufferPointer(rebasing: rest.prefix(256))
                guard unsafe getentropy(piece.baseAddress, piece.count) == 0 else { throw GcryptError(.noRandomness) }
                unsafe rest = rest.dropFirst(256)
            }
        }
    }
}
