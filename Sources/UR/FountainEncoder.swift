/// Makes the parts of a uniform resource, as many as are asked for: first each fragment by itself, then mixes, of which a
/// receiver can take any to make up for those that it missed.
public struct FountainEncoder: Sendable {
    public let ur: UR
    /// How many fragments the message has: so many parts are enough where none is lost.
    public let count: Int
    private let fragments: [[UInt8]]
    private let checksum: UInt32
    private let chooser: FragmentChooser

    /// - Parameters:
    ///   - ur: what is sent.
    ///   - maximumFragment: how many bytes of the message a part may hold, from 10 up.
    public init(_ ur: UR, maximumFragment: Int) {
        let message = ur.message
        let length = Self.fragmentLength(message.count, maximum: maximumFragment)
        fragments = stride(from: 0, to: message.count, by: length).map { start in
            let fragment = message[start..<min(start + length, message.count)]
            return fragment + Array(repeating: 0, count: length - fragment.count)
        }
        self.ur = ur
        count = fragments.count
        checksum = CRC32.checksum(message)
        chooser = FragmentChooser(count: count, checksum: checksum)
    }

    /// The parts are as few as the limit allows, and equally long. A limit below 10 is none.
    static func fragmentLength(_ length: Int, minimum: Int = 10, maximum: Int) -> Int {
        let most = max(1, length / minimum)
        let count = min(most, (length + maximum - 1) / max(1, maximum))
        return max(1, (length + count - 1) / max(1, count))
    }

    /// The part with this number, from 1 up.
    public func part(_ sequence: UInt32) -> URPart {
        precondition(sequence >= 1, "the parts count from 1")
        let mixed = chooser.fragments(in: sequence).map { fragments[$0] }
        let data = mixed.dropFirst().reduce(into: mixed[0]) { data, fragment in
            for index in data.indices { data[index] ^= fragment[index] }
        }
        return URPart(
            type: ur.type, sequence: sequence, count: count, length: ur.message.count, checksum: checksum, data: data)
    }
}
