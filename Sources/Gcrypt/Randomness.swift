import Glibc

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
