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
