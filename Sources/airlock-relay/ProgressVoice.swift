import Broadcast
import CommandLineTool
import JSONRPC
import PaymentFiles
import Problems
import Synchronization

/// Says on standard error what happens on the way, each thing once.
final class ProgressVoice: Sendable {
    private let console: Console
    private let last = Mutex("")

    init(_ console: Console) { self.console = console }

    func say(_ progress: Broadcaster.Progress) {
        let text = Self.text(progress)
        let isNews = last.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNews { console.note(text) }
    }

    private static func text(_ progress: Broadcaster.Progress) -> String {
        switch progress {
        case .recorded(let shipment):
            let hashes = shipment.steps.map { step in
                "\(step.role?.rawValue ?? "raw") \(step.nonce) \(step.hash)\n"
            }
            return "code \(shipment.code) (compare it with the one that airlock showed)\n" + hashes.joined()
        case .unusable(let error): return lines(error)
        case .taken(let step, let node): return "sent \(step.hash) to \(node)\n"
        case .refused(_, let error): return lines(error)
        case .mined(let receipt, let confirmations):
            return "mined in block \(receipt.blockNumber), confirmations \(confirmations)\n"
        case .cancelling: return "its cancel was begun, and goes on\n"
        case .vanished: return "the block that held it is gone: waiting again\n"
        }
    }

    private static func lines(_ error: any RuleBroken) -> String {
        error.problems.map { problem in
            "airlock-relay: note: \(problem.message)\(problem.field.map { " (\($0))" } ?? "")\n"
        }.joined()
    }
}
