import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockJSONRPC
import Glibc

/// `doctor`: checks whether this machine is ready to send payments.
enum DoctorCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "doctor", "check, line by line, whether this machine is ready to send",
            options: [RelayOptions.rpc, RelayOptions.header, RelayOptions.timeout, RelayOptions.journal],
            notes: """
                Each line is ok, warn or bad, and says what to do. Exit 0 when nothing is bad.
                doctor checks each node, this machine's clock against the nodes' blocks, the
                journal, and the free space on its disk. It changes nothing.
                """
        ) { arguments in
            let nodes = try RelayOptions.nodes(arguments, console, requestTimeout: RelayOptions.duration(arguments))
            let reports = try waiting { await nodes.reports() }
            let findings =
                reports.map { look(at: $0) } + [clock(reports), journal(arguments), room(arguments)]
            return try Finding.put(findings, arguments, console)
        }
    }

    /// The maximum age of a node's latest block, in seconds. If the latest block is older, the node is behind the
    /// chain.
    private static let oldest = 120
    /// The maximum difference between two clocks that are synchronised over a network, in seconds.
    private static let drift = 15

    private static func look(at report: Nodes.Report) -> Finding {
        switch report.result {
        case .failure(let error): return Finding("node", .bad, error.problems)
        case .success(let found):
            guard let head = found.head else {
                return Finding("node", .bad, [Problem(RPCRule.badAnswer, at: report.node, saw: "no latest block")])
            }
            let age = Int(RelayOptions.now.seconds) - Int(clamping: head.timestamp)
            let words = "\(report.node): \(found.chain), block \(head.number), \(max(0, age)) s old"
            guard age > oldest else { return Finding("node", words) }
            return Finding("node", .warn, [Problem(RelayDoctorRule.nodeBehind, at: report.node, saw: words)])
        }
    }

    /// Checks this machine's clock. Nodes do not accept blocks from the future. Therefore, if the latest block of the
    /// nodes is clearly later than the time of this machine, the clock of this machine is behind.
    private static func clock(_ reports: [Nodes.Report]) -> Finding {
        let heads = reports.compactMap { try? $0.result.get().head?.timestamp }
        guard let latest = heads.max() else { return Finding("clock", "\(RelayOptions.now), compared with no node's") }
        let ahead = Int(clamping: latest) - Int(RelayOptions.now.seconds)
        guard ahead > drift else { return Finding("clock", "\(RelayOptions.now), not behind the nodes' blocks") }
        return Finding(
            "clock", .bad,
            [
                Problem(
                    RelayDoctorRule.clockBehind, saw: "\(RelayOptions.now)",
                    expected: "\(Timestamp(seconds: latest)) or later, as a node's latest block")
            ])
    }

    private static func journal(_ arguments: Arguments) -> Finding {
        Finding("journal") {
            let path = try RelayOptions.journalLocation(arguments)
            guard let journal = try RelayOptions.journalToRead(arguments, named: .mayBeMissing) else {
                return Finding("journal", "there is none yet, at \(path)")
            }
            let open = try waiting {
                try await journal.closing { try await journal.unfinishedNumbers().count }
            }
            return Finding("journal", "\(path): \(open == 1 ? "1 payment is" : "\(open) payments are") open")
        }
    }

    /// Checks that the disk has space for the journal. A relay that cannot write its journal sends no transaction.
    private static func room(_ arguments: Arguments) -> Finding {
        Finding("disk") {
            guard case .file(let path) = try RelayOptions.journalLocation(arguments) else {
                return Finding("disk", "the journal is on a server, whose disk is not checked")
            }
            var folder = Substring(path)
            var room = statvfs()
            // The journal's folder may not exist yet. Then the nearest existing parent folder is checked.
            repeat {
                folder = folder.lastIndex(of: "/").map { folder[..<$0] } ?? "."
            } while unsafe statvfs(folder.isEmpty ? "/" : String(folder), &room) != 0 && !folder.isEmpty
                && folder != "."
            let free = (UInt64(room.f_bavail) * UInt64(room.f_frsize)) >> 20
            guard free < 100 else { return Finding("disk", "\(free) MiB free for \(path)") }
            return Finding(
                "disk", free < 10 ? .bad : .warn,
                [Problem(RelayDoctorRule.littleRoom, at: path, saw: "\(free) MiB free")])
        }
    }
}

/// The error codes of `doctor` for problems with the clock, the latest block, or the disk.
enum RelayDoctorRule: String, Advised {
    case nodeBehind = "doctor.node-behind"
    case clockBehind = "doctor.clock-behind"
    case littleRoom = "doctor.little-room"

    var meaning: String {
        switch self {
        case .nodeBehind: "the node's latest block is old"
        case .clockBehind: "this machine's clock is behind a node's latest block"
        case .littleRoom: "the disk of the journal is almost full"
        }
    }

    var next: String {
        switch self {
        case .nodeBehind: "wait until the node has caught up, or name another one"
        case .clockBehind: "set the clock, and keep it set with chrony or systemd-timesyncd"
        case .littleRoom: "make room: what the journal cannot record is not sent"
        }
    }

    var exit: ExitCode { .malformedConfiguration }
}
