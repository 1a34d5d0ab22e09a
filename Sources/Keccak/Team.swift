internal import AirlockCKeccak

/// Messages that one kernel takes in at once.
enum Team {
    /// Puts the digest of each message of the group into its place.
    ///
    /// - Parameters:
    ///   - group: the places of the messages, at least one and no more than the kernel is wide.
    ///   - all: all messages.
    ///   - kernel: one for more than one message.
    ///   - digests: all digests.
    static func hash(
        _ group: UnsafeBufferPointer<Int>, of all: UnsafeBufferPointer<[UInt8]>, by kernel: Kernel,
        into digests: UnsafeMutableBufferPointer<Keccak256.Digest>
    ) {
        // Eight of them: no kernel is wider.
        var lastBlocks = InlineArray<136, UInt64>(repeating: 0)
        var words = lastBlocks.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe withUnsafeTemporaryAllocation(
                of: airlock_keccak_message.self, capacity: kernel.width
            ) { messages in
                for slot in group.indices {
                    let place = unsafe group[slot]
                    let lastBlock = words.extracting(slot * LastBlock.words..<(slot + 1) * LastBlock.words)
                    // The bytes lie where they are as long as nobody changes the arrays, and `all` is only read.
                    let bytes = unsafe all[place].withUnsafeBytes { unsafe $0 }
                    var end = unsafe lastBlock.mutableSpan
                    unsafe LastBlock.write(of: bytes.bytes, to: &end)
                    unsafe messages.initializeElement(
                        at: slot,
                        to: airlock_keccak_message(
                            bytes: bytes.baseAddress, blocks: bytes.count / State.rate, end: lastBlock.baseAddress,
                            digest: digests.baseAddress?.advanced(by: place)))
                }
                // Who is missing is the last one once more, and gives the same digest.
                for slot in group.count..<kernel.width {
                    unsafe messages.initializeElement(at: slot, to: messages[group.count - 1])
                }
                unsafe kernel.hash(messages)
            }
        }
    }
}
