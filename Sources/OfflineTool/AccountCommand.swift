import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockKeys
import AirlockQRCodes
import AirlockSandbox
import AirlockStrictJSON
import AirlockUR

/// `account`: the public half of an account, for a wallet that is to take this machine for a QR hardware wallet (ERC-4527).
enum AccountCommand {
    private static let path = Option(
        "--path", value: "PATH", help: "which of a mnemonic's accounts (default \(standard))")
    private static let standard = "m/44'/60'/0'"

    private static let notes = """
        Puts out ur:crypto-hdkey, which MetaMask and others scan to take this machine for
        a hardware wallet that speaks by QR codes. It holds the account's public key and
        chain code: who reads it sees all addresses of the account, and can sign nothing.

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

    /// The mnemonic is gone when this returns.
    private static func account(
        _ arguments: Arguments, _ path: DerivationPath, _ console: Console
    ) throws -> Account {
        let source = try KeySource(arguments.value(PaymentCommands.key) ?? "")
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
