import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeys
import AirlockPaymentFiles
import AirlockQRCodes
import AirlockSandbox
import AirlockStrictJSON
import AirlockUR

/// `account`: shows the public key of an account as a QR code for a wallet. The wallet then uses this machine as a
/// hardware wallet that exchanges QR codes (ERC-4527).
enum AccountCommand {
    private static let path = Option(
        "--path", value: "PATH", help: "which of a mnemonic's accounts (default \(standard))")
    private static let standard = "m/44'/60'/0'"

    private static let notes = """
        Prints ur:crypto-hdkey. MetaMask and other wallets scan it, and then treat this
        machine as a hardware wallet that communicates by QR codes. It holds the account's
        public key and chain code: whoever reads it sees all addresses of the account, but
        can sign nothing.

        The account is remembered under XDG_STATE_HOME, and airlock sign answers only
        requests for keys of accounts that were shown. See docs/wallets.md.
        """

    static func make(_ console: Console) -> Command {
        Command(
            "account", "show an account to a wallet, which then asks this machine to sign",
            options: [PaymentCommands.key, KeyOptions.passphraseFile, path] + QROutput.options, notes: notes
        ) { arguments in
            var problems: [Problem] = []
            problems.collect { try QROutput.check(arguments) }
            let at = arguments.value(path, { try DerivationPath($0) }, into: &problems)
            if !arguments.has(PaymentCommands.key) {
                problems.append(Problem(UsageRule.missingValue, at: PaymentCommands.key.name, detail: "the key"))
            }
            if let all = ProblemList(problems) { throw all }
            try Sandbox.seal()
            let account = try account(arguments, at ?? DerivationPath(standard), console)
            var shown = try ShownAccounts()
            try shown.remember(account)
            let ur = try key(account).ur
            let drawing = problems.collect { try QROutput.make(of: ur, arguments, console) } ?? nil
            if arguments.has(.json) {
                try console.write(
                    Console.document(
                        problems,
                        beside: [
                            ("ur", .string(ur.text)), ("path", .string("\(account.path)")),
                            ("fingerprint", .string(ShownAccounts.text(account.sourceFingerprint))),
                        ]))
            } else {
                try console.write(ur.text + "\n")
                console.note(
                    "account \(account.path) of the key \(ShownAccounts.text(account.sourceFingerprint)): its addresses "
                        + "are \(account.path)/0/0 and so on\n")
            }
            drawing?.show(console)
            return try PaymentCommands.end(problems, arguments)
        }
    }

    /// Derives the account from the mnemonic. The mnemonic is wiped from memory before the function returns.
    private static func account(
        _ arguments: Arguments, _ path: DerivationPath, _ console: Console
    ) throws -> Account {
        let source = try KeyOptions.source(arguments.value(PaymentCommands.key) ?? "")
        guard case .mnemonic = source.form else {
            throw Problem(WalletRule.noMnemonic, at: PaymentCommands.key.name)
        }
        return try source.account(
            passphrase: { try KeyOptions.passphrase(arguments, console) }, at: path)
    }

    private static func key(_ account: Account) throws(Problem) -> CryptoHDKey {
        let components = account.path.indices.map { index in
            CryptoKeypath.Component.index(index & ~(1 << 31), isHardened: index >= 1 << 31)
        }
        return try CryptoHDKey(
            key: account.publicKey, chainCode: account.chainCode,
            origin: CryptoKeypath(
                components, sourceFingerprint: account.sourceFingerprint, depth: UInt8(exactly: components.count)),
            children: CryptoKeypath([.index(0, isHardened: false), .wildcard(isHardened: false)]),
            parentFingerprint: account.parentFingerprint, name: "Airlock", note: "account.standard")
    }
}

/// The accounts that this machine has shown to wallets. A wallet can know no other accounts of this machine, so a
/// request that needs the key of another account is refused.
struct ShownAccounts {
    struct Entry: Hashable {
        let sourceFingerprint: UInt32
        let path: DerivationPath
    }

    private(set) var entries: [Entry] = []
    private let path: String
    /// The device and the inode of the file from which the accounts were read; `nil` if the file did not exist. A
    /// command must not replace the files that it reads. `remember` uses this identity to make an exception for this
    /// file.
    private var identity: FileIdentity?

    /// Reads the list of accounts from a file in the folder XDG_STATE_HOME. If this file does not exist, the list is
    /// empty.
    init() throws {
        path = "\(try BaseDirectory.state.path(PaymentOptions.environment))/airlock/accounts.json"
        let file: InputFile
        do throws(FileError) { file = try InputFile.read(path) } catch {
            guard error.rule == .missing else { throw error }
            return
        }
        identity = file.facts.identity
        do throws(ProblemList) {
            entries = try AirlockFile.read(file.bytes) { reader in
                AirlockFile.readHead(&reader, kind: "accounts")
                let accounts = reader.objects("accounts") { account -> Entry? in
                    let fingerprint = account.string("fingerprint") { text in
                        guard let bytes = try FixedBytes<4>(Hex.decode(text)) else {
                            throw ValueError(.wrongLength, saw: text, expected: "4 bytes")
                        }
                        return bytes.bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                    }
                    let path = account.string("path") { try DerivationPath($0) }
                    account.refuseUnknown()
                    guard let fingerprint, let path else { return nil }
                    return Entry(sourceFingerprint: fingerprint, path: path)
                }
                reader.refuseUnknown()
                return accounts
            }
        } catch { throw ProblemList(error.problems.map { $0.inFile(path) }) ?? error }
    }

    /// Saves an account. Must be called before the account is shown to a wallet.
    mutating func remember(_ account: Account) throws {
        let entry = Entry(sourceFingerprint: account.sourceFingerprint, path: account.path)
        guard !entries.contains(entry) else { return }
        entries.append(entry)
        let accounts = entries.map { entry -> JSONOutput in
            [
                "fingerprint": .string(Self.text(entry.sourceFingerprint)),
                "path": .string("\(entry.path)"),
            ]
        }
        let document: JSONOutput = ["airlock": .number("1"), "kind": "accounts", "accounts": .array(accounts)]
        try BaseDirectory.create(String(path.dropLast("/accounts.json".count)))
        _ = try OutputFile.write(
            Array((document.text + "\n").utf8).span, to: path, replacing: true, rewriting: identity)
    }

    /// Returns the derivation path of the key with which a wallet's request must be signed. Throws if this key does not
    /// belong to an account that was shown to a wallet.
    func path(of request: EthSignRequest) throws -> DerivationPath {
        guard let fingerprint = request.path.sourceFingerprint else {
            throw Problem(WalletRule.noFingerprint, at: "source-fingerprint")
        }
        let known = entries.filter { $0.sourceFingerprint == fingerprint }
        guard !known.isEmpty else {
            throw Problem(WalletRule.neverShown, at: "source-fingerprint", saw: Self.text(fingerprint))
        }
        let path = try DerivationPath("m/" + request.path.text)
        // The QR code of an account lets a wallet derive the keys 0/0, 0/1, 0/2 and so on below the path of the
        // account. A request for a key with any other path is refused.
        let isShown = known.contains { entry in
            let rest = path.indices.dropFirst(entry.path.indices.count)
            return path.indices.starts(with: entry.path.indices) && rest.count == 2 && rest.first == 0
                && rest.last.map { $0 < 1 << 31 } ?? false
        }
        guard isShown else {
            throw Problem(
                WalletRule.otherPath, at: "derivation-path", saw: "\(path)",
                expected: known.map { "\($0.path)/0/INDEX" }.joined(separator: " or "))
        }
        return path
    }

    static func text(_ fingerprint: UInt32) -> String {
        let digits = String(fingerprint, radix: 16)
        return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
