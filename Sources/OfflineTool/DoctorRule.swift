import AirlockCommandLineTool
import AirlockDiagnostics

/// What may be wrong with a machine, beside what the layers themselves refuse.
enum DoctorRule: String, Advised {
    case clockWrong = "doctor.clock-wrong"
    case networkUp = "doctor.network-up"
    case notSealed = "doctor.not-sealed"
    case noLandlock = "doctor.no-landlock"
    case noPolicy = "doctor.no-policy"
    case noKey = "doctor.no-key"

    var meaning: String {
        switch self {
        case .clockWrong: "this machine's clock cannot be right"
        case .networkUp: "a network interface is up"
        case .notSealed: "the kernel took the filter and still gives sockets"
        case .noLandlock:
            "the kernel has no Landlock: a sealed process could still open /proc/PID/mem of your other processes"
        case .noPolicy: "there is no policy: only the built-in pins hold, no recipient is pinned and nothing capped"
        case .noKey: "no key file was looked at"
        }
    }

    var next: String {
        switch self {
        case .clockWrong: "set the clock with date -s, or give --now to every command that checks a deadline"
        case .networkUp:
            "take it down with ip link set NAME down, and pull its cable: a machine that holds keys needs no network"
        case .notSealed: "do not sign here: use Linux 5.9 or later, outside of containers and emulators"
        case .noLandlock:
            "use Linux 5.13 or later with landlock among the modules of lsm= at boot, or run nothing else as this user"
        case .noPolicy: "write one with airlock policy init, and put it where only you can change it"
        case .noKey: "name it with -k"
        }
    }

    var exit: ExitCode { .malformedConfiguration }
}
