package import AirlockCommandLineTool
import AirlockDiagnostics
package import AirlockPaymentFiles
package import AirlockFiles
package import AirlockPolicies

extension PaymentFileRule: Advised {
    package var next: String {
        switch self {
        case .notOurs: "give the file that airlock or airlock-relay wrote"
        case .version: "use the same version of Airlock on both machines"
        case .kind: "check the order of the files on the command line"
        case .unknownRole: "use the same version of Airlock on both machines"
        case .noTransactions, .permitNotAlone, .repeatedTransaction, .hashMismatch, .nonceMismatch, .chainMismatch,
            .senderMismatch, .codeMismatch, .signerMismatch:
            "do not send it: the file was altered since it was signed; copy it again or sign again"
        case .besideTokens, .repeatedToken: "prepare the payroll again: airlock-relay prepare"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .notOurs, .version, .kind, .unknownRole, .noTransactions, .permitNotAlone, .besideTokens, .repeatedToken:
            .malformedInput
        case .repeatedTransaction, .hashMismatch, .nonceMismatch, .chainMismatch, .senderMismatch, .codeMismatch,
            .signerMismatch:
            .refused
        }
    }
}

extension FileRule: Advised {
    package var next: String {
        switch self {
        case .missing: "check the path"
        case .unreadable: "check that it is a file that the user who runs the command can read, and check the disk"
        case .notRegular: "name a file, or give `-` and pipe the content in"
        case .noStream: "name a file of your own, with mode 600: neither a pipe nor `-` is accepted here"
        case .tooLarge: "check that it is the right file"
        case .symbolicLink: "name the file itself"
        case .otherOwner: "run as its owner, or copy it to a file of your own with mode 600"
        case .readableByOthers: "remove the rights of other users with chmod 600"
        case .secretMode: "set it with chmod 600"
        case .writableByOthers: "remove the rights of other users with chmod go-w, and own the file yourself"
        case .isInput: "name another file"
        case .exists: "name another output, or replace it with --force"
        case .cannotReplace: "name another output"
        case .folderNotEmpty: "name a folder that does not exist yet, or an empty one"
        case .cannotCreate: "check the folder and your rights in it"
        case .cannotWrite: "make room on the disk, or check what reads the output, and run again"
        case .locked: "wait until it has finished, or wait longer with --lock-timeout, and run again"
        case .noHome: "set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME, to an absolute path"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .missing, .unreadable, .notRegular, .noStream: .missingInput
        case .tooLarge: .malformedInput
        case .symbolicLink, .otherOwner, .readableByOthers, .secretMode, .writableByOthers: .keyUnusable
        case .isInput, .exists, .cannotReplace, .folderNotEmpty, .cannotCreate: .cannotCreate
        case .cannotWrite, .locked: .cannotWrite
        case .noHome: .usage
        }
    }
}

extension PolicyRule: Advised {
    package var next: String {
        switch self {
        case .malformed: "correct the policy where the message says"
        case .repeatedAddress: "keep one of the two"
        case .otherDecimals: "correct decimals: every amount and cap of the currency is computed with it"
        case .messageType: "name types as the typed data does, each of them: there is no wildcard"
        case .writableByOthers: "remove the permission with chmod go-w, and own the file yourself"
        case .kind: "do not sign unless you know why; then add the member to the policy: airlock policy init --for KIND"
        case .chain, .recipient, .currency:
            "do not pay unless you know why it is missing; then add it to the policy"
        case .requester: "have a requester sign it as a transfer, or list the address under the function's arguments"
        case .perPayment, .nativeValue:
            "check the amount with the payee; to pay it, raise the cap in the policy"
        case .networkFee:
            "lower --max-fee or --gas, or prepare again; to accept the fee, raise maxNetworkFee in the policy"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .malformed, .repeatedAddress, .otherDecimals, .messageType, .writableByOthers: .malformedConfiguration
        case .chain, .kind, .recipient, .requester, .currency, .perPayment, .nativeValue, .networkFee:
            .refused
        }
    }
}

extension FileError: AdvisedCause {
    package var hint: String? {
        switch rule {
        case .readableByOthers, .secretMode: shellWord(path).map { "chmod 600 \($0)" }
        case .missing where path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/"):
            "what a shell's <(...) opened is closed before anything is read: name a file, or give - and pipe it in"
        default: nil
        }
    }
}

/// Quotes a path as one word of a shell command. Returns `nil` if the path contains characters that cannot be shown.
private func shellWord(_ path: String) -> String? {
    guard escaped(path, limit: 4096) == path else { return nil }
    // Without `./`, a command would interpret a file name that begins with a dash as an option.
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
