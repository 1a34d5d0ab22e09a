import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockRequestKinds
import AirlockStrictJSON

/// The command-line options for opening a key file.
enum KeyOptions {
    static let passwordFile = Option(
        "--password-file", value: "FILE", help: "a file that holds the keystore's password; else it is asked for")
    static let passphraseFile = Option(
        "--passphrase-file", value: "FILE",
        help: "a file that holds the mnemonic's passphrase, empty for none; else it is asked for")
    static let path = Option(
        "--path", value: "PATH", help: "which of a mnemonic's keys (default \(DerivationPath.firstAccount))")
    static let opening = [passwordFile, passphraseFile, path]

    /// Reads a key file. If it is a file of another kind, such as a request, the error says so.
    static func source(_ path: String) throws -> KeySource {
        do { return try KeySource(path) } catch let broken as any RuleBroken {
            // Only a file that begins like a keystore is read as JSON. Such a file holds no bare key.
            if broken.problems.contains(where: { $0.rule is JSONRule }) {
                try FileKind.require(.keystore, of: InputFile.read(path).bytes, in: path)
            }
            throw ProblemList(broken.problems.map { $0.inFile(path) }) ?? ProblemList(broken)
        }
    }

    /// Reads a key file and unlocks its key.
    static func open(_ file: String, _ arguments: Arguments, _ console: Console) throws -> KeyFile {
        try open(source(file), arguments, console)
    }

    /// Checks the options for the key file. Call this function before a password is requested, so that the user does
    /// not type the password for nothing.
    static func check(_ source: borrowing KeySource, _ arguments: Arguments) throws {
        _ = try derivationPath(arguments)
        // The password file and the passphrase file are read later. They are checked and registered as inputs here, so
        // that the command cannot replace one of them with an output file.
        for file in [passwordFile, passphraseFile].compactMap(arguments.value) { try SecretFile.check(file) }
        switch source.form {
        case .mnemonic: break
        default:
            // The options below select a key of a mnemonic. For any other key file these options have no meaning, so
            // they are refused. They must not be ignored silently.
            for option in [path, passphraseFile] where arguments.has(option) {
                throw Problem(UsageRule.conflict, at: option.name, detail: "the key file holds no mnemonic")
            }
        }
    }

    /// Unlocks the key of a key file that was already read.
    static func open(_ source: consuming KeySource, _ arguments: Arguments, _ console: Console) throws -> KeyFile {
        try check(source, arguments)
        let derivation = try derivationPath(arguments)
        var effort = 1
        if case .keystore(let keystore) = source.form { effort = keystore.effort }
        return try source.open(
            password: { try password(effort, arguments, console) },
            passphrase: { try passphrase(arguments, console) }, path: derivation)
    }

    /// Unlocks a key that is derived from a mnemonic. Uses the derivation path that the caller gives, and ignores the
    /// option `--path`.
    static func open(
        _ source: consuming KeySource, at path: DerivationPath, _ arguments: Arguments, _ console: Console
    ) throws -> KeyFile {
        try source.open(
            password: { throw Problem(InternalRule.unexpected) }, passphrase: { try passphrase(arguments, console) },
            path: path)
    }

    static func passphrase(_ arguments: Arguments, _ console: Console) throws -> SecureBytes {
        try secret("Passphrase of the mnemonic (empty for none): ", from: passphraseFile, arguments, console)
    }

    static func derivationPath(_ arguments: Arguments) throws -> DerivationPath {
        guard let text = arguments.value(path) else { return .firstAccount }
        do { return try DerivationPath(text) } catch { throw error.at(path.name) }
    }

    private static func password(
        _ effort: Int, _ arguments: Arguments, _ console: Console
    ) throws -> SecureBytes {
        let password = try secret("Password of the key: ", from: passwordFile, arguments, console)
        console.showWorking(effort)
        return password
    }

    /// Reads a secret from the file that the given option names. If the user did not set this option, asks the user for
    /// the secret.
    static func secret(
        _ question: String, from option: Option, _ arguments: Arguments, _ console: Console
    ) throws -> SecureBytes {
        guard let file = arguments.value(option) else { return try console.secret(question) }
        return try Password.read(file)
    }
}

extension Console {
    /// Asks for a secret at the terminal and reads it into secure memory.
    ///
    /// - Parameters:
    ///   - question: the prompt.
    ///   - page: a function that shows or removes a page of text that belongs to the prompt. It is called with `true`
    ///     to show the page, and with `false` to remove it.
    func secret(_ question: String, page: (Bool) -> Void = { _ in }) throws -> SecureBytes {
        var typed = try SecureBytes(count: Password.limit)
        var count = 0
        let isAnswered = try askSecret(question, page) { byte in
            guard let byte else {
                count = 0
                return
            }
            if count < Password.limit { typed.withMutableBytes { $0[count] = byte } }
            count += 1
        }
        guard isAnswered else { throw Problem(PasswordRule.noTerminal) }
        guard count <= Password.limit else { throw Problem(PasswordRule.tooLong) }
        return try typed.withBytes { try SecureBytes(copying: $0.extracting(first: count)) }
    }

    /// Asks for a new password twice, because the user cannot see the typed characters.
    func newPassword(_ question: String, allowingWeak isWeakAllowed: Bool) throws -> SecureBytes {
        let first = try secret(question + ": ")
        try Password.checkNew(first, allowingWeak: isWeakAllowed)
        guard first.isEqual(to: try secret("The same again: ")) else { throw Problem(PasswordRule.mismatch) }
        return first
    }

    /// Tells the user to wait while the key is derived from the password. If `effort` is above 1, writes a message that
    /// contains `effort` to standard error. If not, shows a message on the terminal only.
    ///
    /// - Parameter effort: how many times slower the key derivation is than that of a usual keystore.
    func showWorking(_ effort: Int = 1) {
        guard effort > 1 else { return show("Working on the password...\n") }
        note(
            """
            airlock: working on the password: this keystore takes \(effort) times as long as a usual one, which can be \
            half a minute\n
            """)
    }
}
