// Four threads increment one counter. scripts/sanitize runs each case that has a name below. It compares the report of
// the thread sanitizer with the expected one.
import Glibc
import Synchronization

final class Counter: @unchecked Sendable {
    let first = Mutex(())
    let second = Mutex(())
    var count = 0
    private let present = Atomic(0)

    /// Waits until all four threads have started. If a thread started after the end of another one, the sanitizer would
    /// take the two for the same thread.
    func waitForAll() {
        present.add(1, ordering: .relaxed)
        while present.load(ordering: .relaxed) < 4 { sched_yield() }
    }

    func turn(_ way: String, of thread: Int) {
        switch way {
        // Cases without a race.
        case "locked": counting(under: first)
        case "tried": while first.withLockIfAvailable({ _ in count += 1 }) == nil { sched_yield() }
        // Cases with a race: no thread uses a lock; one thread does not use the lock of the others; the threads use two
        // different locks.
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
