import Glibc
public import AirlockDiagnostics

/// The rules for reading and writing files. A failure that the kernel reports, such as a full disk, also counts as a
/// broken rule.
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
    case folderNotEmpty = "file.folder-not-empty"
    case cannotCreate = "file.cannot-create"
    case cannotWrite = "file.cannot-write"
    case locked = "file.locked"
    case noHome = "file.no-home"

    public var meaning: String {
        switch self {
        case .missing: "there is no such file"
        case .unreadable: "the file cannot be read"
        case .notRegular: "this is not a regular file"
        case .noStream: "a secret or a record has to be a regular file"
        case .tooLarge: "the file is too large"
        case .symbolicLink: "a symbolic link is not followed here"
        case .otherOwner: "the secret file belongs to another user"
        case .readableByOthers: "other users can open the secret file"
        case .secretMode: "the secret file has a mode other than 600 and 400"
        case .writableByOthers: "other users can write to the file"
        case .isInput: "the file to be written is one of the inputs"
        case .exists: "the output exists already, with other content"
        case .cannotReplace: "the output's name is taken by something that is not a regular file, and is never replaced"
        case .folderNotEmpty: "the output folder is not empty"
        case .cannotCreate: "the file cannot be created or opened for writing"
        case .cannotWrite: "the output cannot be written"
        case .locked: "another process is using the file"
        case .noHome: "there is no home folder"
        }
    }
}

/// A failed operation on a file. The error contains the rule and the path, but never the file's content.
public struct FileError: RuleBroken, Cause {
    public let rule: FileRule
    /// The path as the user gave it. `-` stands for a standard stream.
    public let path: String
    /// The kernel's error message, or a text from this module, such as the limit that was exceeded. `nil` if there is
    /// no such text.
    public let reason: String?

    init(_ rule: FileRule, _ path: String, reason: String? = nil) {
        self.rule = rule
        self.path = path
        self.reason = reason
    }

    /// Makes the error for a failed system call. The reason is the kernel's message for the given errno.
    init(_ rule: FileRule, _ path: String, errno code: Int32) {
        self.init(rule, path, reason: unsafe String(cString: strerror(code)))
    }

    public var problems: [Problem] {
        // For a symbolic link, the kernel's message is "too many levels of symbolic links". This message is left out,
        // because it would be misleading: Airlock refuses the link and does not follow it.
        let detail = rule == .symbolicLink ? nil : reason
        return [Problem(rule, at: path, detail: detail, because: self)]
    }
}
