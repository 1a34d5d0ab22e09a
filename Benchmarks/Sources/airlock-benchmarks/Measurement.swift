import CBenchmarks
import Glibc
import Operations

/// The median times of an operation and its peers in many rounds. In each round, the operation, its peers and the
/// yardstick (one signature) take turns. So if the machine becomes slower, all of them become slower.
struct Measurement {
    let name: String
    let nanoseconds: Double
    let peers: [(name: String, nanoseconds: Double)]
    /// The time that this machine takes for a signature, divided by the time on the machine where the goals were set.
    let slowness: Double

    private static let rounds = 301
    /// The time of one turn in nanoseconds. It is long compared with the clock's resolution, and short compared with
    /// the scheduler's time slices.
    private static let turn = 100_000.0
    /// The time of one turn for processes, in nanoseconds. It is long enough for several runs in a row. The first run
    /// is slower, because the caches still contain the peer's data.
    private static let turnElsewhere = 50_000_000.0
    /// The maximum time in nanoseconds for all rounds of a measurement. Slow operations get fewer rounds, but at least
    /// `fewestRounds`.
    private static let budget = 3e9
    private static let fewestRounds = 11

    /// - Parameters:
    ///   - yardstick: one signature.
    ///   - others: peers that have measured their own times.
    init(_ benchmark: Benchmark, yardstick: Operation, others: [(name: String, nanoseconds: Double)]) {
        let operations = [benchmark.operation] + benchmark.peers
        name = benchmark.name
        let medians: [Double]
        if operations.contains(where: \.isElsewhere) {
            // After another process has run, the caches are cold and a signature takes longer than usual. So the
            // yardstick is measured in separate rounds.
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

    /// The goals of this row, each with its limit and the measured value.
    var goals: [(limit: Double, actual: Double, of: String?)] {
        Goals.table.filter { $0.row == name }.compactMap { row in
            switch row.goal {
            case .nanoseconds(let limit): return (limit * slowness, nanoseconds, nil)
            case .share(let limit, let name):
                return peers.first { $0.name == name }.map { (limit, nanoseconds / $0.nanoseconds, name) }
            }
        }
    }

    /// Returns the median time of each operation in this number of rounds. If the operations take long, there are fewer
    /// rounds. All operations are measured with the same clock.
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

    /// Returns the number of repetitions that fill one turn, and the time that they take. The trial runs also warm the
    /// caches.
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

/// The processors on which this process is allowed to run. Processes that it starts later are allowed to run on the
/// same processors.
enum Processors {
    /// Keeps the process on its current processor, so that the caches and the clock rate stay the same.
    static func pin() { restrict(to: [Int(sched_getcpu())]) }

    /// The number of processors of this machine.
    static let count = Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    static func restrict(to processors: [Int]) {
        var mask = [UInt](repeating: 0, count: (processors.max() ?? 0) / UInt.bitWidth + 1)
        for processor in processors { mask[processor / UInt.bitWidth] |= 1 << UInt(processor % UInt.bitWidth) }
        // An error of this call is ignored. If the system does not allow the restriction, the medians vary more, but
        // they are still usable.
        _ = unsafe sched_setaffinity(0, mask.count * MemoryLayout<UInt>.size, mask)
    }
}
