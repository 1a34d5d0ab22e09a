import Dispatch

/// Does the work of an actor in a queue of its own, where it may block: Swift's own pool has as few threads as the machine
/// has cores, and no other work goes on in a thread that waits.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(_ name: String) { queue = DispatchQueue(label: name) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
