package import AirlockCommandLineTool
package import AirlockGcrypt
package import AirlockKeys
package import AirlockSandbox

extension GcryptRule: Advised {
    package var next: String {
        switch self {
        case .fipsMode: "boot without fips=1 and remove /etc/gcrypt/fips_enabled: a process cannot leave this mode"
        case .noSecureMemory:
            "allow this process to lock at least 64 KiB: `ulimit -l` shows the limit, memlock in limits.conf raises it"
        case .noRandomness: "start the tool where the getrandom system call is allowed"
        case .secureMemoryExhausted, .wrongLength, .failed: "report this as a bug in Airlock"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .fipsMode, .noSecureMemory, .noRandomness: .malformedConfiguration
        case .secureMemoryExhausted, .wrongLength, .failed: .bug
        }
    }
}

extension DerivationPathRule: Advised {
    package var next: String { "write it like \(DerivationPath.firstAccount), with ' or h after a hardened index" }
    package var exit: ExitCode { .usage }
}

extension KeystoreRule: Advised {
    package var next: String {
        switch self {
        case .version, .cipher, .derivation, .pseudorandomFunction:
            "export the key again from its wallet, as a version 3 keystore"
        case .counter, .ciphertext, .code, .address, .salt:
            "check that the file is complete, and is a keystore of one key"
        case .keyLength, .scryptN, .scryptR, .scryptP, .tooMuchWork, .iterations:
            "do not trust its source; a wallet that can read it can export the key with usual parameters"
        case .wrongPassword: "check the password, the keyboard's layout, and that it is the right file"
        case .addressMismatch: "do not use the file: somebody changed the address in it"
        case .notKeystore: "make a keystore from it with airlock key import"
        }
    }

    package var exit: ExitCode { self == .wrongPassword ? .keyUnusable : .malformedInput }
}

extension MnemonicRule: Advised {
    package var next: String {
        switch self {
        case .wordCount, .unknownWord: "write the words in lower case, all on one line, with one space between"
        case .notEnglish:
            "Airlock reads only English words: restore them in a wallet that knows their language, and export a keystore"
        case .wrongChecksum: "compare each word, and their order, with what was written down"
        case .passphraseNotASCII:
            "make the key file with a wallet that normalizes other characters (NFKD), and use its keystore"
        case .wrongWord: "write all the words down, and start again: nothing was saved"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .wordCount, .unknownWord, .notEnglish, .wrongChecksum, .passphraseNotASCII: .malformedInput
        case .wrongWord: .declined
        }
    }
}

extension PasswordRule: Advised {
    package var next: String {
        switch self {
        case .tooLong, .severalLines: "give a file that holds only the password, on one line"
        case .empty: "choose a password: whoever copies the file has nothing else to break"
        case .tooShort: "choose a longer one, such as five random words; --weak-password accepts a short one"
        case .notASCII:
            "use ASCII letters, digits and symbols: keyboards and wallets encode other characters in several ways"
        case .mismatch: "begin again: nothing was written"
        case .noTerminal:
            "run it on a terminal, or give --password-file (--passphrase-file for a mnemonic's passphrase)"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .tooLong, .severalLines: .malformedInput
        case .empty, .tooShort, .notASCII, .mismatch, .noTerminal: .usage
        }
    }
}

extension SandboxRule: Advised {
    package var next: String {
        "use Linux 5.9 or later with seccomp filters, outside of containers and emulators that hide them"
    }

    /// The exit code if the sandbox cannot be set up. The sandbox is set up before any request is checked, and the
    /// reason for the failure is the machine. Therefore the exit code must not report a wrong request or a bug in
    /// Airlock.
    package var exit: ExitCode { .malformedConfiguration }
}
