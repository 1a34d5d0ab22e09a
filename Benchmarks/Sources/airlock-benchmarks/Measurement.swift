import CBenchmarks

/// The medians of many rounds, in which ours and the peer's take turns, so that what slows the machine down slows both.
struct Measurement {
    let name: String
    let nanoseconds: Double
    let peer: (name: String, nanoseconds: Double)?

    /// How many times longer we take than the peer.
    var ratio: Double? { peer.map { nanoseconds / $0.nanoseconds } }

    private static let rounds = 301
    /// What one turn should take: long beside the clock's resolution, short beside the scheduler's slices.
    private static let turn = 100_000.0

    init(_ benchmark: Benchmark) {
        let works = [benchmark.work] + (benchmark.peer.map { [$0.work] } ?? [])
        let counts = works.map { Self.count(for: $0) }
        var times = works.map { _ in [Double]() }
        for _ in 0..<Self.rounds {
            for (index, work) in works.enumerated() {
                times[index].append(Self.time(work, counts[index]))
            }
        }
        let medians = times.map { $0.sorted()[Self.rounds / 2] }
        name = benchmark.name
        nanoseconds = medians[0]
        peer = benchmark.peer.map { ($0.name, medians[1]) }
    }

    /// How many repetitions fill a turn; finding out warms the caches too.
    private static func count(for work: (Int) -> Void) -> Int {
        var count = 1
        while true {
            let each = time(work, count)
            if each * Double(count) >= turn { return max(1, Int(turn / each)) }
            count *= 2
        }
    }

    /// The nanoseconds of one repetition.
    private static func time(_ work: (Int) -> Void, _ count: Int) -> Double {
        let clock = ContinuousClock()
        let elapsed = clock.measure { work(count) }
        return Double(elapsed.components.attoseconds) / 1e9 / Double(count) + Double(elapsed.components.seconds) * 1e9
            / Double(count)
    }

    /// Keeps the process on the processor it is on, so that caches and clock rates stay its own.
    static func pin() {
        let processor = Int(sched_getcpu())
        var processors = [UInt](repeating: 0, count: processor / UInt.bitWidth + 1)
        processors[processor / UInt.bitWidth] = 1 << UInt(processor % UInt.bitWidth)
        // When the machine does not allow it the medians are only less steady.
        _ = unsafe sched_setaffinity(0, processors.count * MemoryLayout<UInt>.size, processors)
    }
}
