import AirlockPolicies
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import AirlockKeys
import AirlockDiagnostics
import AirlockSandbox
import AirlockSigning
import AirlockStrictJSON

/// What the doctor looks at, each by itself: the clock and the folders are passed in.
enum Examination {
    /// Nobody signs before this program was written, nor in a century to come.
    private static let plausible = Timestamp(seconds: 1_767_225_600)...Timestamp(seconds: 4_102_444_800)

    static func clock(_ now: Timestamp) -> Finding {
        guard plausible.contains(now) else {
            return Finding("clock", .bad, [Problem(DoctorRule.clockWrong, saw: "\(now)")])
        }
        return Finding("clock", "\(now); compare it with another clock")
    }

    /// Reads /sys alone: the network is not touched to find out about it.
    static func network(_ folder: String = "/sys/class/net") -> Finding {
        Finding("network") {
            let up = try Folder.names(in: folder).filter { name in
                guard name != "lo", let flags = try? InputFile.read("\(folder)/\(name)/flags", limit: 64) else {
                    return false
                }
                // netdevice(7): IFF_UP, the lowest bit.
                let digits = String(decoding: flags.bytes, as: UTF8.self).dropFirst(2).prefix { $0.isHexDigit }
                return UInt64(digits, radix: 16).map { $0 & 1 == 1 } ?? false
            }
            guard up.isEmpty else {
                return Finding("network", .warn, up.map { Problem(DoctorRule.networkUp, at: $0) })
            }
            return Finding("network", "no interface is up")
        }
    }

    /// libgcrypt's start fails for one of two reasons, each of which has a line of its own.
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
                "the kernel refuses this process every socket, every other program and the memory of other processes")
        }
    }

    /// Whose file it is and who can read it; nothing is unlocked.
    static func key(_ path: String?) -> Finding {
        guard let path else { return Finding("key", .warn, [Problem(DoctorRule.noKey)]) }
        return Finding("key") {
            let form =
                switch try KeySource(path).form {
                case .digits: "a bare key: whoever copies it has it"
                case .mnemonic: "a mnemonic: whoever copies it has the key"
                case .keystore(let keystore): "a keystore" + (keystore.address.map { ", which says \($0)" } ?? "")
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
