internal import AirlockCCurl
import Glibc
import Synchronization

/// The thread that performs the transfers of one HTTP client. The thread sleeps in `poll` when there is nothing to do.
///
/// The loop has its own thread, because libcurl's wait would block one of the few threads of Swift's pool. The class is
/// `@unchecked Sendable`, because the compiler cannot know that libcurl allows calls of `curl_multi_wakeup` from any
/// thread. All other code that uses `multi` runs on the loop's thread, or in `deinit` after this thread has exited.
@safe final class TransferLoop: @unchecked Sendable {
    private struct State {
        var arrived: [Submission] = []
        var isClosing = false
    }

    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let state = Mutex(State())
    private let multi: UnsafeMutableRawPointer?
    private var isRunning = false

    init() {
        unsafe multi = Self.isLibraryReady ? curl_multi_init() : nil
        isRunning = unsafe multi != nil && startThread()
    }

    deinit { if let multi = unsafe multi { unsafe curl_multi_cleanup(multi) } }

    func submit(_ submission: Submission) {
        guard isRunning else {
            let failure = HTTPError(.unreachable, url: submission.request.url, detail: "no thread could be started")
            return submission.continuation.resume(returning: .failure(failure))
        }
        state.withLock { $0.arrived.append(submission) }
        wake()
    }

    func wake() { unsafe _ = curl_multi_wakeup(multi) }

    /// Tells the thread of the transfer loop to exit after its current transfers.
    func close() {
        state.withLock { $0.isClosing = true }
        wake()
    }

    private func startThread() -> Bool {
        let this = unsafe Unmanaged.passRetained(self)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                if let context = unsafe context {
                    unsafe Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
                }
                return nil
            }, this.toOpaque())
        guard status == 0 else {
            unsafe this.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        // This thread blocks all signals, because the main thread handles them. Therefore a write to a connection that
        // the server has closed returns an error. If SIGPIPE were not blocked, the signal would kill the process.
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_SETMASK, &all, nil)

        var active: [Transfer] = []
        while true {
            let now = state.withLock { state in
                defer { state.arrived = [] }
                return state
            }
            for submission in now.arrived { begin(submission, &active) }
            for transfer in active where transfer.isCancelled { end(transfer, CURLE_ABORTED_BY_CALLBACK, &active) }
            var running: Int32 = 0
            unsafe curl_multi_perform(multi, &running)
            var left: Int32 = 0
            while let message = unsafe curl_multi_info_read(multi, &left) {
                let (easy, code) = unsafe (message.pointee.easy_handle, message.pointee.data.result)
                if let transfer = active.first(where: { unsafe $0.easy == easy }) { end(transfer, code, &active) }
            }
            if now.isClosing && active.isEmpty { return }
            unsafe curl_multi_poll(multi, nil, 0, 60_000, nil)
        }
    }

    private func begin(_ submission: Submission, _ active: inout [Transfer]) {
        guard let transfer = Transfer(submission) else {
            let failure = HTTPError(.unreachable, url: submission.request.url, detail: "out of memory")
            return submission.continuation.resume(returning: .failure(failure))
        }
        active.append(transfer)
        let code = transfer.setOptions()
        guard code == CURLE_OK, unsafe curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            return end(transfer, code == CURLE_OK ? CURLE_FAILED_INIT : code, &active)
        }
    }

    private func end(_ transfer: Transfer, _ code: CURLcode, _ active: inout [Transfer]) {
        // The handle is removed first, so that libcurl makes no more callbacks for this transfer.
        unsafe curl_multi_remove_handle(multi, transfer.easy)
        active.removeAll { $0 === transfer }
        transfer.finish(code)
    }
}
