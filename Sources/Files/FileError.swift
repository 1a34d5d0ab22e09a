import Glibc
public import AirlockDiagnostics

/// The rules of reading and writing files.
public enum FileRule: String, Rule {
    case missing = "file.missing"
    case unreadable = "file.unreadable"
    case notRegular = "file.not-regular"
    case noStream = "file.no-stream"
    case tooLarge = "file.too-large"
    case symbolicLink = "file.symbolic-link"
    case otherOwner = "file.other-owner"
    case readableByOthers = "file.readable-by-others"
    case secretMode = "file.secret-mode"
    case writableByOthers = "file.writable-by-others"
    case isInput = "file.is-input"
    case exists = "file.exists"
    case cannotReplace = "file.cannot-replace"
    case cannotCreate = "file.cannot-create"
    case cannotWrite = "file.cannot-write"
    case locked = "file.locked"
    case noHome = "file.no-home"

    public var meaning: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable: "the file cannot be read"
        case .notRegular: "this is no regular file"
        case .noStream: "a secret or a record has to be a regular file"
        case .tooLarge: "the file is too large"
        case .symbolicLink: "a symbolic link is not followed here"
        case .otherOwner: "the secret file belongs to another user"
        case .readableByOthers: "other users can open the secret file"
        case .secretMode: "the secret file has a mode other than 600 and 400"
        case .writableByOthers: "other users can write to the file"
        case .isInput: "the file to be written is one of the inputs"
        case .exists: "the output exists already, with other content"
        case .cannotReplace: "what stands at the output's name is no regular file, and is never replaced"
        case .cannotCreate: "the file cannot be created"
        case .cannotWrite: "the output cannot be written"
        case .locked: "another process is using the file"
        case .noHome: "there is no home folder"
        }
    }

    public var next: String {
        switch self {
        case .missing: "check the path"
        case .unreadable: "check that it is a readable file, and the disk behind it"
        case .notRegular: "name a file, or give `-` and pipe the content in"
        case .noStream: "name a file of your own, with mode 600: neither a pipe nor `-` is taken here"
        case .tooLarge: "check that it is the right file"
        case .symbolicLink: "name the file itself"
        case .otherOwner: "run as its owner, or copy it to a file of your own with mode 600"
        case .readableByOthers: "take the others' rights away with chmod 600"
        case .secretMode: "set it with chmod 600"
        case .writableByOthers: "take the others' rights away with chmod go-w, and own it yourself"
        case .isInput: "name another file"
        case .exists: "name another output, or replace it with --force"
        case .cannotReplace: "name another output"
        case .cannotCreate: "check the folder and your rights in it"
        case .cannotWrite: "make room on the disk, or check what reads the output, and run again"
        case .locked: "wait until it has finished, or wait longer with --lock-timeout, and run again"
        case .noHome: "set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to an absolute path"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .missing, .unreadable, .notRegular, .noStream: .missingInput
        case .tooLarge: .malformedInput
        case .symbolicLink, .otherOwner, .readableByOthers, .secretMode, .writableByOthers: .keyUnusable
        case .isInput, .exists, .cannotReplace, .cannotCreate: .cannotCreate
        case .cannotWrite, .locked: .cannotWrite
        case .noHome: .usage
        }
    }
}

/// What could not be done with a file: the rule and the path, never a byte of content.
public struct FileError: RuleBroken, Hashable, Sendable {
    public let rule: FileRule
    /// The path as it was given, `-` for the standard streams.
    public let path: String
    /// The kernel's reason, when it was the kernel that refused.
    public let reason: String?

    init(_ rule: FileRule, _ path: String, reason: String? = nil) {
        self.rule = rule
        self.path = path
        self.reason = reason
    }

    /// The kernel refused, and `errno` says why.
    init(_ rule: FileRule, _ path: String, errno code: Int32) {
        self.init(rule, path, reason: unsafe String(cString: strerror(code)))
    }

    public var problems: [Problem] {
        let hint: String? =
            switch rule {
            case .readableByOthers, .secretMode: shellWord(path).map { "chmod 600 \($0)" }
            case .missing where path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/"):
                "what a shell's <(...) opened is closed before anything is read: name a file, or give - and pipe it in"
            default: nil
            }
        // The kernel speaks of too many levels of links where it was told to follow none.
        let detail = rule == .symbolicLink ? nil : reason
        return [Problem(rule, at: path, detail: detail, hint: hint)]
    }
}

/// `path` as one word of a shell's command line, when it can be printed as it is.
private func shellWord(_ path: String) -> String? {
    guard escaped(path, limit: 4096) == path else { return nil }
    // What begins with a dash would be an option.
    let path = path.hasPrefix("-") ? "./" + path : path
    let plain = path.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
    guard !plain else { return path }
    return "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
