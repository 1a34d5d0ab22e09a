import Dispatch

/// Runs the work of answers on a queue of its own: Swift's pool has as few threads as the machine has cores, and what is
/// sent to nodes must not wait for a page, nor a page for that.
final class WebExecutor: TaskExecutor {
    private let queue = DispatchQueue(label: "airlock.web.answers")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
