import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockSandbox
import AirlockStrictJSON

/// The `key` commands. They create, import and show key files.
enum KeyCommands {
    static func all(_ console: Console) -> [Command] {
        [make(console), take(console), address(console), list(console), changePassword(console)]
    }

    private static let output = Option(
        "--output", "-o", value: "FILE", help: "the new keystore (default: its address, in the current folder)")
    private static let light = Option(
        "--light",
        help: "use scrypt with N = 2^12 instead of 2^18: needs less memory, but guessing is 64 times cheaper")
    private static let mnemonic = Option(
        "--mnemonic", help: "create words to write down, show them, and ask for three of them")
    private static let words = Option("--words", value: "N", help: "with --mnemonic: 12 or 24 words (default 24)")
    private static let passwordFile = Option(
        "--password-file", value: "FILE", help: "a file that holds the new password; else it is asked for, twice")
    private static let newPasswordFile = Option(
        "--new-password-file", value: "FILE", help: "a file that holds the new password; else it is asked for, twice")

    private static let weakPassword = Option(
        "--weak-password", help: "accept a new password of fewer than \(Password.shortest) characters")

    private static func make(_ console: Console) -> Command {
        Command(
            "key new", "create a key, and store it in a keystore with a password",
            options: [
                output, passwordFile, weakPassword, light, mnemonic, words, KeyOptions.path, KeyOptions.passphraseFile,
            ],
            notes: """
                With --mnemonic the words are shown on the terminal and stored nowhere: the keystore
                holds the key that --path derives from them. Without --passphrase-file the words
                have no passphrase.
                """
        ) { arguments in
            let count = try wordCount(arguments)
            let path = try KeyOptions.derivationPath(arguments)
            try checkOutput(arguments)
            try Sandbox.seal()
            guard let count else {
                let password = try newPassword(passwordFile, arguments, console)
                return try keep(NewKey.random(), password, arguments, console)
            }
            guard console.hasTerminal else {
                throw Problem(
                    PasswordRule.noTerminal, detail: "words are shown to a person and stored nowhere else",
                    hint: "run it on a terminal")
            }
            let passphrase = try arguments.value(KeyOptions.passphraseFile).map { try Password.read($0) }
            let password = try newPassword(passwordFile, arguments, console)
            let words = try Mnemonic.random(words: count)
            try WordCeremony(console).run(words)
            return try keep(
                words.key(passphrase: passphrase ?? SecureBytes(count: 0), at: path), password, arguments, console)
        }
    }

    private static func take(_ console: Console) -> Command {
        Command(
            "key import", "store the key of another file in a keystore with a password", operands: ["FILE"],
            options: [output] + KeyOptions.opening + [newPasswordFile, weakPassword, light],
            notes: """
                FILE holds a keystore, a raw key in hexadecimal digits, or a mnemonic. It is not
                changed. --password-file is FILE's password and, without --new-password-file, also
                the new one.
                """
        ) { arguments in
            try checkOutput(arguments)
            try Sandbox.seal()
            let key = try KeyOptions.open(arguments.operands[0], arguments, console)
            let option = arguments.has(newPasswordFile) ? newPasswordFile : KeyOptions.passwordFile
            return try keep(key.secret, newPassword(option, arguments, console), arguments, console)
        }
    }

    private static func changePassword(_ console: Console) -> Command {
        Command(
            "key change-password", "lock a keystore with another password", operands: ["FILE"],
            options: [KeyOptions.passwordFile, newPasswordFile, weakPassword, light],
            notes: """
                The file is replaced in one step, after the new one was unlocked: at any moment one
                of the two passwords opens it. Backups keep the old password.
                """
        ) { arguments in
            let file = arguments.operands[0]
            try Sandbox.seal()
            let source = try KeyOptions.source(file)
            guard case .keystore = source.form else { throw Problem(KeystoreRule.notKeystore, at: file) }
            let key = try KeyOptions.open(source, arguments, console)
            let password = try newPassword(newPasswordFile, arguments, console)
            return try keep(key.secret, password, in: file, arguments, console)
        }
    }

    private static func address(_ console: Console) -> Command {
        Command(
            "key address", "unlock a key and print its address", operands: ["FILE"], options: KeyOptions.opening
        ) { arguments in
            try Sandbox.seal()
            let key = try KeyOptions.open(arguments.operands[0], arguments, console)
            if arguments.has(.json) {
                try console.write(["ok": true, "address": .string("\(key.address)")])
            } else {
                try console.write("\(key.address)\n")
            }
            return .done
        }
    }

    private static func list(_ console: Console) -> Command {
        Command(
            "key list", "list the keystores of a folder and the addresses that they state (unverified)",
            operands: ["[FOLDER]"]
        ) { arguments in
            try Sandbox.seal()
            let listing = try KeyListing(arguments.operand(0) ?? ".")
            if arguments.has(.json) {
                try console.write(["ok": true, "keys": .array(listing.entries.map(\.json))])
            } else {
                for entry in listing.entries { try console.write(entry.text) }
            }
            return .done
        }
    }

    // MARK: Functions that several key commands use

    private static func wordCount(_ arguments: Arguments) throws -> Int? {
        let given = [words, KeyOptions.path, KeyOptions.passphraseFile].first { arguments.has($0) }
        guard arguments.has(mnemonic) else {
            if let given { throw Problem(UsageRule.conflict, at: given.name, detail: "it needs --mnemonic") }
            return nil
        }
        switch arguments.value(words) {
        case nil, "24": return 24
        case "12": return 12
        case let other: throw Problem(UsageRule.invalidValue, at: words.name, saw: other, expected: "12 or 24")
        }
    }

    private static func checkOutput(_ arguments: Arguments) throws {
        guard let path = arguments.value(output) else { return }
        // The command writes the keystore and then reads it again to check it. Standard output is refused, because it
        // cannot be read again. A pipe is refused, because the program at its other end might store the keystore.
        guard path != "-" else { throw Problem(UsageRule.invalidValue, at: output.name, saw: path, expected: "a file") }
        do throws(FileError) { try OutputFile.check(path, replacing: false, identical: false) } catch {
            guard error.rule == .exists else { throw error }
            throw Problem(error.rule, at: path, hint: "name another output: no key file is ever overwritten")
        }
    }

    private static func newPassword(
        _ option: Option, _ arguments: Arguments, _ console: Console
    ) throws -> SecureBytes {
        let isWeakAllowed = arguments.has(weakPassword)
        let password =
            if let file = arguments.value(option) { try Password.read(file) } else {
                try console.newPassword("New password", allowingWeak: isWeakAllowed)
            }
        try Password.checkNew(password, allowingWeak: isWeakAllowed)
        if password.count < Password.advised {
            console.note(
                "warn: the password is shorter than \(Password.advised) characters: whoever copies the file can try to guess it\n"
            )
        }
        return password
    }

    /// Encrypts a key, unlocks the encrypted key once, and only then writes the keystore. Then reads the keystore back
    /// and unlocks it again. Reports success only after that. Replaces `file`; if `file` is `nil`, creates a new
    /// keystore file.
    private static func keep(
        _ key: borrowing KeyFile.Secret, _ password: borrowing SecureBytes, in file: String? = nil,
        _ arguments: Arguments, _ console: Console
    ) throws -> ExitCode {
        if arguments.has(light) {
            console.note("airlock: --light: a stolen copy of this file is 64 times easier to guess than a usual one\n")
        }
        console.showWorking()
        let kept = try Keystore.write(
            key, to: file ?? arguments.value(output), password: password, arguments.has(light) ? .light : .standard,
            replacing: file != nil)
        if arguments.has(.json) {
            try console.write(["ok": true, "address": .string("\(kept.address)"), "file": .string(kept.path)])
        } else {
            console.note(
                "airlock: wrote \(escaped(kept.path, limit: 4096)), and unlocked it again; next: airlock policy init\n")
            try console.write("\(kept.address)\n")
        }
        return .done
    }
}

/// Lists the keystores in a folder. No keystore is unlocked, so the addresses in the files are unverified.
struct KeyListing {
    struct Entry {
        let file: String
        let address: Address?
        /// The reason why the file cannot be used as a key file; `nil` if it can be used.
        let problem: Problem?
    }

    let entries: [Entry]

    init(_ folder: String) throws {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        entries = try Folder.names(in: folder).compactMap { name -> Entry? in
            // A file in the folder that is not a keystore is not listed.
            guard let file = try? InputFile.read(prefix + name, limit: 1 << 16),
                case .keystore(let keystore)? = try? KeySource.Form(file.bytes.span)
            else { return nil }
            var problem: Problem?
            do throws(FileError) { _ = try SecretFile.read(prefix + name).count } catch {
                problem = error.problems.first
            }
            return Entry(file: name, address: keystore.address, problem: problem)
        }
    }
}

extension KeyListing.Entry {
    var text: String {
        let address = address.map(\.description) ?? "(file names no address)                   "
        let warning = problem.map { " - \($0.message): \($0.hint)" } ?? ""
        return "\(address)  \(escaped(file, limit: 255))\(warning)\n"
    }

    var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("file", .string(file)), ("address", address.map { .string("\($0)") } ?? .null),
        ]
        if let problem { members.append(("problem", problem.json)) }
        return .object(members)
    }
}

/// Shows the words of a new mnemonic until the user has written them down. Then asks for three of the words, to check
/// the user's copy.
struct WordCeremony {
    private let console: Console

    init(_ console: Console) { self.console = console }

    func run(_ mnemonic: borrowing Mnemonic) throws {
        try showUntilWritten(mnemonic)
        for place in try Self.threePlaces(of: mnemonic.wordCount) {
            let word = try console.secret("Word \(place): ")
            guard word.withBytes({ mnemonic.isWord($0, at: place) }) else {
                throw Problem(MnemonicRule.wrongWord, detail: "word \(place)")
            }
        }
    }

    /// Shows the words only while the terminal waits for the user. The words are also removed from the screen if a
    /// signal terminates or stops the process.
    private func showUntilWritten(_ mnemonic: borrowing Mnemonic) throws {
        _ = try console.secret("\nWhen they are written down, press Enter: they are not shown again. ") { isShown in
            // The words are shown on the alternate screen of xterm, which is never copied into the scrollback.
            guard isShown else { return console.show("\u{1b}[2J\u{1b}[?1049l") }
            console.show("\u{1b}[?1049h\u{1b}[H")
            show(mnemonic)
        }
    }

    private func show(_ mnemonic: borrowing Mnemonic) {
        console.show(
            "Write these \(mnemonic.wordCount) words down, in their order. They are the key: whoever has them has the\nmoney, and there is no other copy.\n\n"
        )
        mnemonic.withPhrase { phrase in
            var start = 0
            var place = 1
            for end in 0...phrase.count where end == phrase.count || phrase[end] == UInt8(ascii: " ") {
                console.show(place < 10 ? "   \(place). " : "  \(place). ")
                console.show(phrase.extracting(start..<end))
                console.show("\n")
                start = end + 1
                place += 1
            }
        }
    }

    /// Picks three different positions of words at random. Returns them in ascending order.
    private static func threePlaces(of count: Int) throws -> [Int] {
        var places: Set<Int> = []
        while places.count < 3 {
            // The remainder of a random byte divided by `count` gives a position. 240 is a multiple of both possible
            // counts, 12 and 24. If the byte is 240 or more, it is discarded, so all positions are equally likely.
            let byte = try SecureBytes.random(count: 1).withBytes { Int($0[0]) }
            if byte < 240 { places.insert(byte % count + 1) }
        }
        return places.sorted()
    }
}
