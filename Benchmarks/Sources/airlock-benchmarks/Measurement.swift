import CBenchmarks
import Glibc
import Operations

/// The medians of many rounds, in which ours, the peers and the yardstick take turns, so that what slows the machine
/// down slows all of them.
struct Measurement {
    let name: String
    let nanoseconds: Double
    let peers: [(name: String, nanoseconds: Double)]
    /// How many times longer than where the goals were set this machine takes for a signature.
    let slowness: Double

    private static let rounds = 301
    /// What one turn should take: long beside the clock's resolution, short beside the scheduler's slices.
    private static let turn = 100_000.0
    /// The same for processes: some in a row, since the first one finds the caches full of the peer's.
    private static let turnElsewhere = 50_000_000.0
    /// What takes long is done less often, but never seldom.
    private static let budget = 3e9
    private static let fewestRounds = 11

    /// - Parameters:
    ///   - yardstick: one signature.
    ///   - others: peers that have timed themselves.
    init(_ benchmark: Benchmark, yardstick: Operation, others: [(name: String, nanoseconds: Double)]) {
        let operations = [benchmark.operation] + benchmark.peers
        name = benchmark.name
        let medians: [Double]
        if operations.contains(where: \.isElsewhere) {
            // After another process the caches are cold, and the yardstick would be longer than it is.
            slowness = Self.medians([yardstick], rounds: Self.fewestRounds)[0] / Goals.signature
            medians = Self.medians(operations, rounds: Self.rounds)
        } else {
            let all = Self.medians(operations + [yardstick], rounds: Self.rounds)
            slowness = all[operations.count] / Goals.signature
            medians = Array(all.dropLast())
        }
        nanoseconds = medians[0]
        peers = zip(benchmark.peers.map(\.name), medians[1...]).map { (name: $0, nanoseconds: $1) } + others
    }

    /// The goals of this row and what stands against them.
    var goals: [(limit: Double, actual: Double, of: String?)] {
        Goals.table.filter { $0.row == name }.compactMap { row in
            switch row.goal {
            case .nanoseconds(let limit): return (limit * slowness, nanoseconds, nil)
            case .share(let limit, let name):
                return peers.first { $0.name == name }.map { (limit, nanoseconds / $0.nanoseconds, name) }
            }
        }
    }

    /// The medians of so many rounds, or fewer where they take long. All of them are told by one clock.
    static func medians(_ operations: [Operation], rounds: Int) -> [Double] {
        let clock = operations.contains(where: \.isElsewhere) ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID
        let turns = operations.map { count(for: $0.work, clock) }
        let fitting = Int(budget / turns.map(\.nanoseconds).reduce(0, +))
        let rounds = max(min(fewestRounds, rounds), min(rounds, fitting))
        var times = operations.map { _ in [Double]() }
        for _ in 0..<rounds {
            for (index, operation) in operations.enumerated() {
                let count = turns[index].count
                times[index].append(time(operation.work, count, clock) / Double(count))
            }
        }
        return times.map { $0.sorted()[rounds / 2] }
    }

    /// How many repetitions fill a turn, and how long they take; finding out warms the caches too.
    private static func count(for work: (Int) -> Void, _ clock: clockid_t) -> (count: Int, nanoseconds: Double) {
        let turn = clock == CLOCK_MONOTONIC ? turnElsewhere : turn
        var count = 1
        while true {
            let elapsed = time(work, count, clock)
            if elapsed >= turn {
                let fitting = max(1, Int(turn / elapsed * Double(count)))
                return (fitting, elapsed / Double(count) * Double(fitting))
            }
            count *= 2
        }
    }

    private static func time(_ work: (Int) -> Void, _ count: Int, _ clock: clockid_t) -> Double {
        let begin = nanoseconds(clock)
        work(count)
        return nanoseconds(clock) - begin
    }

    private static func nanoseconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
    }
}

/// On which processors this process, and those it starts from then on, may run.
enum Processors {
    /// Keeps the process on the processor it is on, so that caches and clock rates stay its own.
    static func pin() { restrict(to: [Int(sched_getcpu())]) }

    /// How many this machine has.
    static let count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    static func restrict(to processors: [Int]) {
        var mask = [UInt](repeating: 0, count: (processors.max() ?? 0) / UInt.bitWidth + 1)
        for processor in processors { mask[processor / UInt.bitWidth] |= 1 << UInt(processor % UInt.bitWidth) }
        // When the machine does not allow it the medians are only less steady.
        _ = unsafe sched_setaffinity(0, mask.count * MemoryLayout<UInt>.size, mask)
    }
}
