public import AirlockDiagnostics
import AirlockFiles
public import AirlockGcrypt

/// The secret that unlocks a key file: a password, or the passphrase of a mnemonic.
public enum Password {
    /// The longest password, in bytes.
    public static let limit = 1024

    /// Reads a password from a file that no other user can read. The file must hold a single line, with or without a
    /// line ending.
    public static func read(_ path: String) throws -> SecureBytes {
        // The limit applies to the password alone. The file may also hold a byte order mark of three bytes and a line
        // ending of two bytes. One more byte is accepted here. A password that is one byte too long is therefore
        // reported below as a password that is too long, and not as a file that is too large.
        let file = try SecretFile.read(path, limit: limit + 6)
        return try file.withBytes { bytes in
            let line = bytes.line
            guard line.count <= limit else { throw Problem(PasswordRule.tooLong, at: path) }
            guard !line.contains(where: { bytes[$0] == 0x0A || bytes[$0] == 0x0D || bytes[$0] == 0 }) else {
                throw Problem(PasswordRule.severalLines, at: path)
            }
            return try SecureBytes(copying: bytes.extracting(line))
        }
    }

    /// The minimum length of a password for a new file. The user can choose to allow a shorter password.
    public static let shortest = 8

    /// The recommended minimum length. The tools show a warning for a shorter password.
    public static let advised = 12

    /// Refuses a password that is too weak for a new file.
    public static func checkNew(
        _ password: borrowing SecureBytes, allowingWeak isWeakAllowed: Bool = false
    ) throws(Problem) {
        guard password.count > 0 else { throw Problem(PasswordRule.empty) }
        guard password.withBytes({ $0.isASCII }) else { throw Problem(PasswordRule.notASCII) }
        guard isWeakAllowed || password.count >= shortest else { throw Problem(PasswordRule.tooShort) }
    }
}

/// The rules that a password or a passphrase must satisfy. No error message shows a password or a passphrase.
public enum PasswordRule: String, Rule {
    case tooLong = "password.too-long"
    case severalLines = "password.several-lines"
    case empty = "password.empty"
    case tooShort = "password.too-short"
    case notASCII = "password.not-ascii"
    case mismatch = "password.mismatch"
    case noTerminal = "password.no-terminal"

    public var meaning: String {
        switch self {
        case .tooLong: "the password is longer than \(Password.limit) bytes"
        case .severalLines: "the password file holds more than one line, or a NUL"
        case .empty: "the new password is empty"
        case .tooShort: "the new password is shorter than \(Password.shortest) characters"
        case .notASCII: "the new password has characters beyond printable ASCII"
        case .mismatch: "the two passwords differ"
        case .noTerminal: "there is no terminal to ask on"
        }
    }
}

/// Helpers for text that was read from a file or a terminal and that can be secret.
extension Span<UInt8> {
    /// The index at which the text begins. Some editors write a byte order mark before the text. This mark is skipped.
    var textStart: Int { count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF ? 3 : 0 }

    /// The range of the text without a byte order mark and without the trailing line ending (LF or CRLF).
    var line: Range<Int> {
        var end = count
        if end > textStart, self[end - 1] == 0x0A { end -= 1 }
        if end > textStart, end < count, self[end - 1] == 0x0D { end -= 1 }
        return textStart..<end
    }

    /// The range of the text without a byte order mark and without trailing spaces and line endings.
    var text: Range<Int> {
        var end = count
        while end > textStart, [0x20, 0x0A, 0x0D].contains(self[end - 1]) { end -= 1 }
        return textStart..<end
    }

    /// Whether the text is printable ASCII. Unicode normalization does not change such text.
    var isASCII: Bool { indices.allSatisfy { 0x20...0x7E ~= self[$0] } }

    /// Whether both spans hold the same bytes. The time depends only on the number of bytes, so it reveals nothing
    /// about a secret.
    func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return indices.reduce(0) { $0 | (self[$1] ^ other[$1]) } == 0
    }
}
