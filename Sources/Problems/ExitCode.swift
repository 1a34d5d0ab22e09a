/// How a process ends: the same numbers in both tools, and a promise to scripts.
public enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    /// Verification or policy said no.
    case refused = 10
    /// The person said no.
    case declined = 11
    case reverted = 20
    /// Another transaction took the nonce.
    case nonceTaken = 21
    case rejectedByNode = 22
    /// The service (OpenRouter) answered with an error.
    case serviceError = 23
    /// The intent expired before it was mined.
    case expired = 24
    /// Our own cancel was mined.
    case cancelled = 25
    /// The balance of credits is below the mark.
    case belowMark = 30
    /// Wrong usage, or a needed value given nowhere.
    case usage = 64
    case malformedInput = 65
    case missingInput = 66
    case unreachable = 69
    /// A bug in Airlock.
    case bug = 70
    case cannotCreate = 73
    case cannotWrite = 74
    /// Sent, not yet mined when the wait ended.
    case pending = 75
    /// Wrong passphrase, or a key file that others can read.
    case keyUnusable = 77
    case malformedConfiguration = 78
    case interrupted = 130
}
