// Four threads count in one place. scripts/sanitize runs each way that is named below, and compares what the thread
// sanitizer reports with what it must.
import Glibc
import Synchronization

final class Counter: @unchecked Sendable {
    let first = Mutex(())
    let second = Mutex(())
    var count = 0
    private let present = Atomic(0)

    /// The sanitizer takes a thread that begins after the end of another for that one: all are there before the first turn.
    func waitForAll() {
        present.add(1, ordering: .relaxed)
        while present.load(ordering: .relaxed) < 4 { sched_yield() }
    }

    func turn(_ way: String, of thread: Int) {
        switch way {
        // No race.
        case "locked": counting(under: first)
        case "tried": while first.withLockIfAvailable({ _ in count += 1 }) == nil { sched_yield() }
        // Races: without any lock; in one thread without the lock that the others hold; under two different locks.
        case "unlocked": count += 1
        case "beside": if thread == 0 { count += 1 } else { counting(under: first) }
        case "two": if thread % 2 == 0 { counting(under: first) } else { counting(under: second) }
        default: exit(64)
        }
    }

    private func counting(under lock: borrowing Mutex<Void>) { lock.withLock { _ in count += 1 } }
}

struct Work {
    let way: String
    let thread: Int
    let counter: Counter
}

let counter = Counter()
let way = CommandLine.arguments.dropFirst().first ?? ""
var threads: [pthread_t] = []
for number in 0..<4 {
    let work = UnsafeMutablePointer<Work>.allocate(capacity: 1)
    work.initialize(to: Work(way: way, thread: number, counter: counter))
    var thread = pthread_t()
    let started = pthread_create(
        &thread, nil,
        { @Sendable raw in
            guard let work = raw?.assumingMemoryBound(to: Work.self).move() else { return nil }
            work.counter.waitForAll()
            for _ in 0..<20_000 { work.counter.turn(work.way, of: work.thread) }
            return nil
        }, work)
    guard started == 0 else { exit(71) }
    threads.append(thread)
}
for thread in threads { pthread_join(thread, nil) }
