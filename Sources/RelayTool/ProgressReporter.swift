import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockJSONRPC
import AirlockPaymentFiles
import AirlockTransactions
import Dispatch
import Glibc
import Synchronization

/// Reports progress on standard error. Each event is reported only once. On a terminal, the elapsed time is shown too.
final class ProgressReporter: Sendable {
    private let console: Console
    /// The text of the event that was reported last, and the number of bytes that the progress text takes in the
    /// terminal's last line. The next output overwrites these bytes.
    private let last = Mutex((text: "", line: 0))
    private let isWaiting = Atomic(false)
    /// Problems that were not reported yet. A new problem is kept here first, because it may be the reason why the
    /// command fails. In that case the caller reports the problem, and the user must not see it twice.
    private let held = Mutex<[Problem]>([])

    /// Whether the command follows several payments. If so, the progress text shows how many payments are waiting and
    /// how many are mined. In that case, nothing is shown when a single payment is recorded, accepted by a node, or
    /// mined.
    private let isOfMany: Bool

    init(_ console: Console, isOfMany: Bool = false) {
        self.console = console
        self.isOfMany = isOfMany
    }

    func say(_ progress: Broadcaster.Progress) {
        switch progress {
        case .unusable(let error): return hold(error)
        case .refused(_, let error): return hold(error)
        default: sayHeld()
        }
        if case .waiting(let signedPayment, let wait) = progress {
            if !isWaiting.exchange(true, ordering: .relaxed) { IdleMemory.giveBack() }
            if console.showsProgress { show(isOfMany ? Self.line(wait) : Self.line(signedPayment, wait)) }
            return
        }
        if isOfMany {
            switch progress {
            case .recorded, .taken, .mined: return
            default: break
            }
        }
        note(Self.text(progress))
    }

    private func hold(_ error: any RuleBroken) {
        held.withLock { held in held += error.problems.filter { !held.contains($0) } }
    }

    /// Reports the problems that were not reported yet.
    ///
    /// - Parameter error: the error with which the command failed; `nil` if it succeeded. The caller reports this
    ///   error, so it is not reported here.
    private func sayHeld(but error: (any Error)? = nil) {
        let ending = (error as? any RuleBroken)?.problems ?? []
        let problems = held.withLock { held in
            defer { held = [] }
            return held.filter { !ending.contains($0) }
        }
        if !problems.isEmpty { note(Self.lines(problems)) }
    }

    private func note(_ text: String) {
        last.withLock { last in
            guard last.text != text else { return }
            console.note(Self.blank(last.line) + text)
            last = (text, 0)
        }
    }

    /// Runs an asynchronous operation, and blocks until the operation has finished. Then clears the terminal's last
    /// line.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        defer { show("") }
        do {
            let value = try waiting(for: work)
            sayHeld()
            return value
        } catch {
            sayHeld(but: error)
            throw error
        }
    }

    private func show(_ line: String) {
        last.withLock { last in
            guard last.line > 0 || !line.isEmpty else { return }
            console.note(Self.blank(last.line) + line)
            last.line = line.utf8.count
        }
    }

    private static func blank(_ count: Int) -> String {
        count == 0 ? "" : "\r" + String(repeating: " ", count: count) + "\r"
    }

    private static func time(_ wait: Broadcaster.Wait) -> String {
        let seconds = wait.elapsed.components.seconds
        return seconds < 60 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }

    /// Formats the progress of several payments as one line, such as `12 of 40 mined, 3 waiting, 8 s`.
    private static func line(_ wait: Broadcaster.Wait) -> String {
        let counts = wait.counts
        let failed = counts.failed == 0 ? "" : ", \(counts.failed) failed"
        return "\(counts.mined) of \(counts.all) mined, \(counts.waiting) waiting\(failed), \(time(wait))"
    }

    private static func line(_ signedPayment: SignedPayment, _ wait: Broadcaster.Wait) -> String {
        let time = time(wait)
        let state = wait.confirmations == 0 ? "not mined yet" : "confirmations \(wait.confirmations) of \(wait.wanted)"
        return "\(signedPayment.code) \(state), \(time)"
    }

    private static func text(_ progress: Broadcaster.Progress) -> String {
        switch progress {
        case .recorded(let signedPayment):
            let hashes = signedPayment.steps.map { step in
                let rung = signedPayment.hasRungs(step) ? step.rung.map { " rung \($0)" } ?? "" : ""
                let fees = step.signed.transaction.feeText
                return "\(step.role?.rawValue ?? "raw")\(rung) \(step.nonce) \(step.hash) (\(fees))\n"
            }
            return "code \(signedPayment.code) (compare it with the one that airlock showed)\n" + hashes.joined()
        case .taken(let step, let node): return "sent \(step.hash) to \(node)\n"
        case .mined(let receipt, let confirmations):
            return "mined in block \(receipt.blockNumber), confirmations \(confirmations)\n"
        case .missingNonce(let nonce, let signedPayment, let waiting) where waiting > 1:
            return
                "nonce \(nonce) of \(signedPayment.sender) is missing: \(waiting) payments wait for a transaction with it\n"
        case .missingNonce(let nonce, let signedPayment, _):
            return
                "nonce \(nonce) of \(signedPayment.sender) is missing: \(signedPayment.code) waits for a transaction with it\n"
        case .leased(let sender, let chain):
            return "another relay sends for \(sender) on \(chain): waiting for it\n"
        case .cancelling: return "continuing a cancel that was asked for before\n"
        case .vanished: return "a reorganisation removed its block: waiting again\n"
        case .waiting, .unusable, .refused: return ""
        }
    }

    private static func lines(_ problems: [Problem]) -> String {
        problems.map { problem in
            "airlock-relay: note: \(problem.message)\(problem.shownField.map { " (\($0))" } ?? "")\n"
        }.joined()
    }
}

/// Runs an asynchronous operation, and blocks the calling thread until the operation has finished.
func waiting<Value: Sendable>(for work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let (done, result) = (DispatchSemaphore(value: 0), Box<Value>())
    Task.detached {
        do { result.put(.success(try await work())) } catch { result.put(.failure(error)) }
        done.signal()
    }
    done.wait()
    return try result.take()
}

private final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Result<Value, any Error>?>(nil)

    func put(_ result: Result<Value, any Error>) { content.withLock { $0 = result } }

    /// Returns the result of the operation. `put` stores the result, and then a semaphore is signalled. The caller has
    /// waited for this semaphore, so the result exists here.
    func take() throws -> Value {
        guard let result = content.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}

/// Releases memory that the process does not use during a long wait.
enum IdleMemory {
    /// Releases the memory pages that contain code from files. The kernel reads a page from its file again when the
    /// code is next used. These pages are most of the process's memory, because much library code runs only once, at
    /// the start.
    static func giveBack() {
        guard let maps = try? InputFile.read("/proc/self/maps").bytes else { return }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            // Each line of /proc/self/maps has the fields address, permissions, offset, device, inode and path
            // (proc(5)). Only pages with executable code are released, because code is never changed in memory. If data
            // pages were released, the changes that the dynamic loader made to them would be lost.
            let fields = line.split(separator: " ", maxSplits: 5)
            let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard fields.count == 6, fields[1] == "r-xp", fields[5].contains("/"), ends.count == 2 else { continue }
            unsafe madvise(UnsafeMutableRawPointer(bitPattern: ends[0]), Int(ends[1] - ends[0]), MADV_DONTNEED)
        }
    }
}
