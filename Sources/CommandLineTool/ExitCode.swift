/// How a process ends: the same numbers in both tools, and a promise to scripts.
package enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case refused = 10
    case declined = 11
    case reverted = 20
    case nonceTaken = 21
    case rejectedByNode = 22
    case serviceError = 23
    case expired = 24
    case cancelled = 25
    case belowMark = 30
    case usage = 64
    case malformedInput = 65
    case missingInput = 66
    case unreachable = 69
    case bug = 70
    case cannotCreate = 73
    case cannotWrite = 74
    case pending = 75
    case keyUnusable = 77
    case malformedConfiguration = 78
    case interrupted = 130

    /// What it tells a script.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .refused: "refused: verification or policy said no"
        case .declined: "declined by the person"
        case .reverted: "mined, but reverted"
        case .nonceTaken: "another transaction took the nonce"
        case .rejectedByNode: "the node rejected it"
        case .serviceError: "the service (OpenRouter) answered with an error"
        case .expired: "the payment expired before it was mined"
        case .cancelled: "our own cancel was mined"
        case .belowMark: "credits: the balance is below the mark"
        case .usage: "wrong usage, or a needed value given nowhere"
        case .malformedInput: "malformed input"
        case .missingInput: "input file missing or unreadable"
        case .unreachable: "node or service unreachable"
        case .bug: "a bug in Airlock"
        case .cannotCreate: "the output cannot be created"
        case .cannotWrite: "the output cannot be written"
        case .pending: "sent, not yet mined when the wait ended"
        case .keyUnusable: "wrong passphrase, or a key file that others can read"
        case .malformedConfiguration: "malformed policy or configuration"
        case .interrupted: "interrupted"
        }
    }
}
