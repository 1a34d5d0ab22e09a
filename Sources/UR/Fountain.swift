/// The generator of the fountain code: xoshiro256**, seeded with the SHA-256 of a few bytes (BCR-2020-005).
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

    /// In 0...1: a number near 2^64 is rounded up.
    mutating func nextDouble() -> Double { Double(next()) / 0x1p64 }

    /// In `0..<bound`.
    mutating func nextIndex(below bound: Int) -> Int { min(Int(nextDouble() * Double(bound)), bound - 1) }

    private static func rotate(_ word: UInt64, _ count: UInt64) -> UInt64 { word << count | word >> (64 - count) }
}

/// Draws an index with given weights in constant time (Walker's alias method, as Schwarz describes it).
struct AliasSampler {
    private var probabilities: [Double]
    private var aliases: [Int]

    init(_ weights: [Double]) {
        let sum = weights.reduce(0, +)
        var scaled = weights.map { $0 * Double(weights.count) / sum }
        probabilities = Array(repeating: 1, count: weights.count)
        aliases = Array(0..<weights.count)
        // From the last to the first, at variance from Schwarz: senders and receivers must do the same.
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

/// Which fragments are in which part of a message.
struct FragmentChooser {
    let count: Int
    let checksum: UInt32
    private let degrees: AliasSampler

    init(count: Int, checksum: UInt32) {
        self.count = count
        self.checksum = checksum
        degrees = AliasSampler((1...count).map { 1 / Double($0) })
    }

    /// The indexes of the fragments in a part, in no order.
    func fragments(in sequence: UInt32) -> [Int] {
        if sequence <= count { return [Int(sequence) - 1] }
        var generator = Xoshiro256(seed: bigEndian(sequence) + bigEndian(checksum))
        let degree = Self.degree(degrees, &generator)
        return Self.shuffled(Array(0..<count), first: degree, &generator)
    }

    static func degree(_ sampler: AliasSampler, _ generator: inout Xoshiro256) -> Int { sampler.next(&generator) + 1 }

    /// The first of the values in an order by chance (Fisher and Yates, without swapping).
    static func shuffled(_ values: [Int], first count: Int, _ generator: inout Xoshiro256) -> [Int] {
        var left = values
        return (0..<count).map { _ in left.remove(at: generator.nextIndex(below: left.count)) }
    }
}
