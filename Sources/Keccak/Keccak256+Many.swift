extension Keccak256 {
    /// The digests of many messages, in their order: as many at once as this CPU has room for.
    public static func hash(many messages: [[UInt8]]) -> [Digest] { hash(many: messages, by: Kernel.best) }

    /// - Parameter kernels: the widest first; the last takes one message.
    @_spi(Kernels)
    public static func hash(many messages: [[UInt8]], by kernels: [Kernel]) -> [Digest] {
        unsafe [Digest](unsafeUninitializedCapacity: messages.count) { digests, count in
            unsafe messages.withUnsafeBufferPointer { messages in
                unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: messages.count) { order in
                    unsafe sort(messages, into: order)
                    while count < messages.count {
                        let rest = messages.count - count
                        // What does not fill the widest goes to the narrowest that holds it.
                        let kernel = kernels.last { $0.width >= rest } ?? kernels[0]
                        let group = unsafe UnsafeBufferPointer(rebasing: order[count..<count + min(rest, kernel.width)])
                        unsafe Team.hash(group, of: messages, by: kernel, into: digests)
                        count += group.count
                    }
                }
            }
        }
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
}
