internal import AirlockCKeccak

extension Keccak256 {
    /// Computes the digests of many messages, in the order of the messages. Several messages are hashed at once if the
    /// CPU supports it.
    public static func hash(many messages: [[UInt8]]) -> [Digest] { hash(many: messages, by: Kernel.best) }

    /// Computes the digests of many messages, in the order of the messages.
    ///
    /// - Parameter kernels: the kernels to use, the widest first. The last kernel must hash one message at a time.
    @_spi(Kernels)
    public static func hash(many messages: [[UInt8]], by kernels: [Kernel]) -> [Digest] {
        // It is faster to fill the array with zeros first than to use an array of uninitialized elements.
        var digests = messages.map { _ in Digest(0, 0, 0, 0) }
        unsafe digests.withUnsafeMutableBufferPointer { digests in
            unsafe messages.withUnsafeBufferPointer { messages in
                unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: messages.count) { order in
                    unsafe sort(messages, into: order)
                    var count = 0
                    while count < messages.count {
                        let rest = messages.count - count
                        // If there are fewer remaining messages than the widest kernel hashes at once, use the
                        // narrowest kernel that can hash all of them at once.
                        let kernel = kernels.last { $0.width >= rest } ?? kernels[0]
                        let group = unsafe UnsafeBufferPointer(rebasing: order[count..<count + min(rest, kernel.width)])
                        unsafe hash(group, of: messages, by: kernel, into: digests)
                        count += group.count
                    }
                }
            }
        }
        return digests
    }

    /// Fills `order` with the indices of the messages, sorted by the length of the messages. As a result, messages that
    /// are hashed together have about the same number of blocks.
    private static func sort(_ messages: UnsafeBufferPointer<[UInt8]>, into order: UnsafeMutableBufferPointer<Int>) {
        var order = unsafe order
        var isSorted = true
        for index in messages.indices {
            unsafe order.initializeElement(at: index, to: index)
            isSorted = unsafe isSorted && (index == 0 || messages[index - 1].count <= messages[index].count)
        }
        if !isSorted { unsafe order.sort { unsafe messages[$0].count < messages[$1].count } }
    }

    /// Hashes the messages of a group, and writes each digest to the index of its message. The group must not be larger
    /// than the kernel's width.
    private static func hash(
        _ group: UnsafeBufferPointer<Int>, of messages: UnsafeBufferPointer<[UInt8]>, by kernel: Kernel,
        into digests: UnsafeMutableBufferPointer<Digest>
    ) {
        if kernel.width == 1 {
            let message = unsafe messages[group[0]]
            unsafe digests[group[0]] = hash(message.span, by: kernel)
        } else {
            unsafe MessageGroup.hash(group, of: messages, by: kernel, into: digests)
        }
    }
}

/// A group of messages that one kernel hashes at once.
enum MessageGroup {
    /// Hashes the messages of a group, and writes each digest to the index of its message.
    ///
    /// - Parameters:
    ///   - group: the indices of the messages. There is at least one, and at most the kernel's width.
    ///   - all: all messages.
    ///   - kernel: a kernel that hashes more than one message at once.
    ///   - digests: the memory for the digests of all messages.
    static func hash(
        _ group: UnsafeBufferPointer<Int>, of all: UnsafeBufferPointer<[UInt8]>, by kernel: Kernel,
        into digests: UnsafeMutableBufferPointer<Keccak256.Digest>
    ) {
        // A buffer for the last blocks of eight messages, because no kernel hashes more than eight messages at once.
        var lastBlocks = InlineArray<136, UInt64>(repeating: 0)
        var words = lastBlocks.mutableSpan
        unsafe words.withUnsafeMutableBufferPointer { words in
            unsafe withUnsafeTemporaryAllocation(
                of: airlock_keccak_message.self, capacity: kernel.width
            ) { messages in
                for slot in group.indices {
                    let place = unsafe group[slot]
                    let lastBlock = words.extracting(slot * LastBlock.words..<(slot + 1) * LastBlock.words)
                    // The pointer stays valid after the closure, because `all` owns the array and nothing changes the
                    // array.
                    let bytes = unsafe all[place].withUnsafeBytes { unsafe $0 }
                    var end = unsafe lastBlock.mutableSpan
                    unsafe LastBlock.write(of: bytes.bytes, to: &end)
                    unsafe messages.initializeElement(
                        at: slot,
                        to: airlock_keccak_message(
                            bytes: bytes.baseAddress, blocks: bytes.count / State.rate, end: lastBlock.baseAddress,
                            digest: digests.baseAddress?.advanced(by: place)))
                }
                // If the group is smaller than the kernel's width, fill the free slots with the last message of the
                // group. The kernel then writes the digest of this message several times, which does no harm.
                for slot in group.count..<kernel.width {
                    unsafe messages.initializeElement(at: slot, to: messages[group.count - 1])
                }
                unsafe kernel.hash(messages)
            }
        }
    }
}
