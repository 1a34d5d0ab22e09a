extension Keccak256 {
    /// 32 bytes, held as the four lanes they come from so that returning them costs no allocation.
    public struct Digest: Hashable, Sendable {
        private let lanes: InlineArrayOfFour

        init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
            lanes = InlineArrayOfFour(first, second, third, fourth)
        }

        /// The bytes in order.
        public var inline: InlineArray<32, UInt8> {
            unsafe unsafeBitCast(lanes, to: InlineArray<32, UInt8>.self)
        }

        /// The bytes in order, as an array.
        public var bytes: [UInt8] {
            unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
                let inline = self.inline
                for index in 0..<32 { unsafe buffer.initializeElement(at: index, to: inline[index]) }
                count = 32
            }
        }
    }

    /// `InlineArray` is not `Hashable`.
    private struct InlineArrayOfFour: Hashable, Sendable {
        let first, second, third, fourth: UInt64

        init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
            self.first = first.littleEndian
            self.second = second.littleEndian
            self.third = third.littleEndian
            self.fourth = fourth.littleEndian
        }
    }
}
