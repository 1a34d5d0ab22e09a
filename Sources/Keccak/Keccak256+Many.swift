internal import AirlockCKeccak

extension Keccak256 {
    /// The digests of many messages, in their order: as many at once as this CPU has room for.
    public static func hash(many messages: [[UInt8]]) -> [Digest] { hash(many: messages, by: Kernel.best) }

    /// - Parameter kernels: the widest first; the last takes one message.
    @_spi(Kernels)
    public static func hash(many messages: [[UInt8]], by kernels: [Kernel]) -> [Digest] {
        // Sooner made than an array without values.
        var digests = messages.map { _ in Digest(0, 0, 0, 0) }
        unsafe digests.withUnsafeMutableBufferPointer { digests in
            unsafe messages.withUnsafeBufferPointer { messages in
                unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: messages.count) { order in
                    unsafe sort(messages, into: order)
                    var count = 0
                    while count < messages.count {
                        let rest = messages.count - count
                        // What does not fill the widest goes to the narrowest that holds it.
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

    /// The places of the messages, those of as many blocks together, so that none has to wait for another.
    private static func sort(_ messages: UnsafeBufferPointer<[UInt8]>, into order: UnsafeMutableBufferPointer<Int>) {
        var order = unsafe order
        var isSorted = true
        for index in messages.indices {
            unsafe order.initializeElement(at: index, to: index)
            isSorted = unsafe isSorted && (index == 0 || messages[index - 1].count <= messages[index].count)
        }
        if !isSorted { unsafe order.sort { unsafe messages[$0].count < messages[$1].count } }
    }

    /// Puts the digest of each message of the group, of which there are no more than the kernel takes in at once, into
    /// its place.
    private static func hash(
        _ group: UnsafeBufferPointer<Int>, of messages: UnsafeBufferPointer<[UInt8]>, by kernel: Kernel,
        into digests: UnsafeMutableBufferPointer<Digest>
    ) {
        if kernel.width == 1 {
            let message = unsafe messages[group[0]]
            unsafe digests[group[0]] = hash(message.span, by: kernel)
        } else {
            unsafe Team.hash(group, of: messages, by: kernel, into: digests)
        }
    }
}

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
