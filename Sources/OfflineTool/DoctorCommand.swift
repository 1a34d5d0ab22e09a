import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockPolicies
import AirlockSandbox
import AirlockSigning
import AirlockStrictJSON

/// `doctor`: checks whether this machine is ready to sign.
enum DoctorCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "doctor", "check, line by line, whether this machine is ready to sign",
            options: [PaymentCommands.key, PaymentOptions.policy] + LedgerOptions.all,
            notes: "Each line is ok, warn or bad, and says what to do. Exit 0 when nothing is bad."
        ) { arguments in
            let now = PaymentOptions.machineTime
            // The sandbox is set up before the key file is read, as in the other commands that read a key file.
            let sandbox = DoctorChecks.sandbox()
            let key =
                sandbox.status == .ok
                ? DoctorChecks.key(arguments.value(PaymentCommands.key))
                : Finding("key", .warn, [Problem(DoctorRule.noKey)])
            let findings = [
                DoctorChecks.clock(now), DoctorChecks.network(), key, DoctorChecks.memory(), sandbox,
                DoctorChecks.fips(),
                DoctorChecks.policy(arguments), DoctorChecks.ledger(arguments, now, console),
            ]
            return try Finding.put(findings, arguments, console)
        }
    }
}

/// The individual checks of `doctor`.
enum DoctorChecks {
    /// The range of plausible times: the years from 2026 to 2099. If the machine's clock shows a time outside of this
    /// range, `doctor` reports that the clock is wrong.
    private static let plausible = Timestamp(seconds: 1_767_225_600)...Timestamp(seconds: 4_102_444_800)

    static func clock(_ now: Timestamp) -> Finding {
        guard plausible.contains(now) else {
            return Finding("clock", .bad, [Problem(DoctorRule.clockWrong, saw: "\(now)")])
        }
        return Finding("clock", "\(now); compare it with another clock")
    }

    /// Checks whether a network interface is up. The check only reads files in /sys, and does not use the network.
    static func network(_ folder: String = "/sys/class/net") -> Finding {
        Finding("network") {
            let up = try Folder.names(in: folder).filter { name in
                guard name != "lo", let flags = try? InputFile.read("\(folder)/\(name)/flags", limit: 64) else {
                    return false
                }
                // The lowest bit of the flags is IFF_UP (netdevice(7)). It is 1 if the interface is up.
                let digits = String(decoding: flags.bytes, as: UTF8.self).dropFirst(2).prefix { $0.isHexDigit }
                return UInt64(digits, radix: 16).map { $0 & 1 == 1 } ?? false
            }
            guard up.isEmpty else {
                return Finding("network", .warn, up.map { Problem(DoctorRule.networkUp, at: $0) })
            }
            return Finding("network", "no interface is up")
        }
    }

    /// Checks whether libgcrypt is in FIPS mode. Ignores all other errors of libgcrypt, such as missing secure memory,
    /// because `memory()` checks for them.
    static func fips() -> Finding {
        Finding("fips") {
            do throws(GcryptError) { try GcryptLibrary.start() } catch {
                guard error.rule != .fipsMode else { throw error }
            }
            return Finding("fips", "libgcrypt is not in FIPS mode")
        }
    }

    static func memory() -> Finding {
        Finding("memory") {
            let secret = try SecureBytes.random(count: 32)
            return Finding("memory", "\(secret.count) random bytes went into locked memory")
        }
    }

    static func sandbox() -> Finding {
        Finding("sandbox") {
            try Sandbox.seal()
            guard Sandbox.isSealed else { throw Problem(DoctorRule.notSealed) }
            guard Sandbox.hasLandlock else { return Finding("sandbox", .warn, [Problem(DoctorRule.noLandlock)]) }
            return Finding(
                "sandbox",
                "the kernel denies this process sockets, other programs and the memory of other processes")
        }
    }

    /// Checks the owner and the mode of the key file, and reports which kind of key it contains. A key or a mnemonic
    /// must be valid. A keystore is not unlocked.
    static func key(_ path: String?) -> Finding {
        guard let path else { return Finding("key", .warn, [Problem(DoctorRule.noKey)]) }
        return Finding("key") {
            let source = try KeyOptions.source(path)
            try source.check()
            let form =
                switch source.form {
                case .digits: "a bare key: whoever copies the file has the key"
                case .mnemonic: "a mnemonic: whoever copies the file has the key"
                case .keystore(let keystore): "a keystore" + (keystore.address.map { ", which names \($0)" } ?? "")
                }
            return Finding("key", "\(escaped(path, limit: 256)) is yours alone, and holds \(form)")
        }
    }

    static func policy(_ arguments: Arguments) -> Finding {
        Finding("policy") {
            var files: [InputFile] = []
            let policy = try PaymentOptions.readPolicy(arguments, &files)
            guard !files.isEmpty else { return Finding("policy", .warn, [Problem(DoctorRule.noPolicy)]) }
            return Finding("policy", "\(escaped(policy.origin, limit: 256)), hash \(policy.hash)")
        }
    }

    static func ledger(_ arguments: Arguments, _ now: Timestamp, _ console: Console) -> Finding {
        Finding("ledger") {
            let file = try LedgerOptions.file(arguments, console)
            let name = escaped(file.path, limit: 256)
            guard let ledger = try file.follow() else {
                return Finding("ledger", "none yet at \(name); the first payment begins it")
            }
            guard ledger.latest <= now else {
                throw Problem(LedgerRule.clockBehind, saw: "\(now)", expected: "\(ledger.latest) or later")
            }
            let unfinished = ledger.unfinished.map { "; \($0)" } ?? ""
            return Finding("ledger", "\(name), \(ledger.words), head \(ledger.head)\(unfinished)")
        }
    }
}

/// The error codes that are specific to `doctor`. Its checks can also report the error codes of other modules.
enum DoctorRule: String, Advised {
    case clockWrong = "doctor.clock-wrong"
    case networkUp = "doctor.network-up"
    case notSealed = "doctor.not-sealed"
    case noLandlock = "doctor.no-landlock"
    case noPolicy = "doctor.no-policy"
    case noKey = "doctor.no-key"

    var meaning: String {
        switch self {
        case .clockWrong: "this machine's clock cannot be right"
        case .networkUp: "a network interface is up"
        case .notSealed: "the kernel accepted the filter, but still gives sockets"
        case .noLandlock:
            "the kernel has no Landlock: a sealed process could still open /proc/PID/mem of your other processes"
        case .noPolicy: "there is no policy: only the built-in pins hold, no recipient is pinned, and nothing is capped"
        case .noKey: "no key file was checked"
        }
    }

    var next: String {
        switch self {
        case .clockWrong: "set the clock with date -s: the ledger records its time, and deadlines are compared with it"
        case .networkUp:
            "take it down with ip link set NAME down, and pull its cable: a machine that holds keys needs no network"
        case .notSealed: "do not sign here: use Linux 5.9 or later, outside of containers and emulators"
        case .noLandlock:
            "use Linux 5.13 or later with landlock among the modules of lsm= at boot, or run nothing else as this user"
        case .noPolicy: "write one with airlock policy init, and put it where only you can change it"
        case .noKey: "name it with -k"
        }
    }

    var exit: ExitCode { .malformedConfiguration }
}
