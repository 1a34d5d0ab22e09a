/// The random number generator of the fountain code. The algorithm is xoshiro256**. The seed is the SHA-256 hash of a
/// few bytes (BCR-2020-005).
struct Xoshiro256 {
    private var state: [UInt64]

    init(seed: [UInt8]) {
        let digest = SHA256.hash(seed)
        state = stride(from: 0, to: 32, by: 8).map { start in
            digest[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
    }

    mutating func next() -> UInt64 {
        let result = Self.rotate(state[1] &* 5, 7) &* 9
        let shifted = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= shifted
        state[3] = Self.rotate(state[3], 45)
        return result
    }

    /// A random number from 0 to 1. It can be exactly 1, because a number near 2^64 is rounded up.
    mutating func nextDouble() -> Double { Double(next()) / 0x1p64 }

    /// A random index in `0..<bound`.
    mutating func nextIndex(below bound: Int) -> Int { min(Int(nextDouble() * Double(bound)), bound - 1) }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
}

/// Chooses a random index. The probability of each index is proportional to its weight. The method is Walker's alias
/// method, in the form that Keith Schwarz describes in "Darts, Dice, and Coins". It takes constant time.
struct AliasSampler {
    private var probabilities: [Double]
    private var aliases: [Int]

    init(_ weights: [Double]) {
        let sum = weights.reduce(0, +)
        var scaled = weights.map { $0 * Double(weights.count) / sum }
        probabilities = Array(repeating: 1, count: weights.count)
        aliases = Array(0..<weights.count)
        // The indices are listed from the last to the first, in contrast to Schwarz's description. Senders and
        // receivers must use the same order, because they must choose the same fragments.
        var small = scaled.indices.reversed().filter { scaled[$0] < 1 }
        var large = scaled.indices.reversed().filter { scaled[$0] >= 1 }
        while let light = small.last, let heavy = large.last {
            small.removeLast()
            large.removeLast()
            probabilities[light] = scaled[light]
            aliases[light] = heavy
            scaled[heavy] += scaled[light] - 1
            if scaled[heavy] < 1 { small.append(heavy) } else { large.append(heavy) }
        }
    }

    func next(_ generator: inout Xoshiro256) -> Int {
        let index = generator.nextIndex(below: probabilities.count)
        return generator.nextDouble() < probabilities[index] ? index : aliases[index]
    }
}

/// Chooses the fragments that each part of a message contains. If a part contains several fragments, it contains their
/// XOR.
struct FragmentChooser {
    let count: Int
    let checksum: UInt32
    private let degrees: AliasSampler

    init(count: Int, checksum: UInt32) {
        self.count = count
        self.checksum = checksum
        degrees = AliasSampler((1...count).map { 1 / Double($0) })
    }

    /// The indices of the fragments that a part contains, in no particular order.
    func fragments(in sequence: UInt32) -> [Int] {
        if sequence <= count { return [Int(sequence) - 1] }
        var generator = Xoshiro256(seed: bigEndian(sequence) + bigEndian(checksum))
        let degree = Self.degree(degrees, &generator)
        return Self.shuffled(Array(0..<count), first: degree, &generator)
    }

    static func degree(_ sampler: AliasSampler, _ generator: inout Xoshiro256) -> Int { sampler.next(&generator) + 1 }

    /// Returns the first values of a random permutation, by the algorithm of Fisher and Yates. The usual form of this
    /// algorithm swaps values. This function removes each chosen value from the list instead.
    static func shuffled(_ values: [Int], first count: Int, _ generator: inout Xoshiro256) -> [Int] {
        var left = values
        return (0..<count).map { _ in left.remove(at: generator.nextIndex(below: left.count)) }
    }
}

/// SHA-256 (FIPS 180-4) for the few public bytes that seed the generator. This implementation is slow, and it is not
/// safe for secrets.
enum SHA256 {
    /// The first 64 primes. The constants of SHA-256 are computed from them.
    private static let primes: [UInt64] = (2...311).filter { candidate in
        (2..<candidate).allSatisfy { candidate % $0 != 0 }
    }

    /// Returns the first 32 bits after the binary point of a prime's square root or cube root.
    private static func fraction(_ prime: UInt64, root: Int) -> UInt32 {
        // x becomes the largest number for which x^root is at most prime * 2^(32 * root). It is found bit by bit. The
        // low 32 bits of x are the result.
        var x: UInt64 = 0
        for bit in (0..<36).reversed() {
            let candidate = x | 1 << UInt64(bit)
            let square = UInt128(candidate) * UInt128(candidate)
            let isBelow =
                root == 2
                ? square <= UInt128(prime) << 64
                : square * UInt128(candidate) <= UInt128(prime) << 96
            if isBelow { x = candidate }
        }
        return UInt32(truncatingIfNeeded: x)
    }

    private static let roundConstants = primes.map { fraction($0, root: 3) }
    private static let initial = primes.prefix(8).map { fraction($0, root: 2) }

    static func hash(_ message: [UInt8]) -> [UInt8] {
        var padded = message + [0x80]
        while padded.count % 64 != 56 { padded.append(0) }
        padded += bigEndian(UInt64(message.count) * 8)
        var state = initial
        for block in stride(from: 0, to: padded.count, by: 64) {
            compress(padded[block..<block + 64], into: &state)
        }
        return state.flatMap { bigEndian($0) }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = stride(from: block.startIndex, to: block.endIndex, by: 4).map { start in
            block[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        for index in 16..<64 {
            let (near, far) = (words[index - 2], words[index - 15])
            let first = rotate(far, 7) ^ rotate(far, 18) ^ (far >> 3)
            let second = rotate(near, 17) ^ rotate(near, 19) ^ (near >> 10)
            words.append(words[index - 16] &+ first &+ words[index - 7] &+ second)
        }
        var v = state
        for index in 0..<64 {
            let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
            let upper = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)
            let lower = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)
            let first = v[7] &+ upper &+ choice &+ roundConstants[index] &+ words[index]
            v = [first &+ lower &+ majority, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
        }
        for index in 0..<8 { state[index] &+= v[index] }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}

/// Makes an endless sequence of parts of a Uniform Resource (UR, BCR-2020-005). Each of the first parts holds a
/// different fragment of the message. Each later part holds one fragment or the XOR of several fragments. These
/// fragments are chosen at random. A receiver that missed fragments can recover them from the later parts.
public struct FountainEncoder: Sendable {
    public let ur: UR
    /// The number of fragments. This many parts are enough if none of them is lost.
    public let count: Int
    private let fragments: [[UInt8]]
    private let checksum: UInt32
    private let chooser: FragmentChooser

    /// Divides the message of a resource into fragments. ``URDecoder`` refuses the parts of a message that is longer
    /// than ``UR/maximumSize`` or has more than ``URPart/maximumCount`` fragments. The caller must check both.
    ///
    /// - Parameters:
    ///   - ur: the resource to send.
    ///   - maximumFragment: the maximum length of a fragment in bytes, at least 10. A fragment can be longer than this
    ///     if it would otherwise be shorter than 10 bytes. There are then fewer fragments.
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

    /// The length of each fragment in bytes. All fragments have the same length. The message is divided into as few
    /// fragments of at most `maximum` bytes as possible. If these fragments would be shorter than `minimum` bytes,
    /// there are fewer and longer fragments. A message shorter than `minimum` bytes is a single fragment.
    static func fragmentLength(_ length: Int, minimum: Int = 10, maximum: Int) -> Int {
        let most = max(1, length / minimum)
        let count = min(most, (length + maximum - 1) / max(1, maximum))
        return max(1, (length + count - 1) / max(1, count))
    }

    /// The part with this number. Part numbers count from 1.
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
