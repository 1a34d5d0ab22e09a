public import AirlockDiagnostics

/// The rules of mnemonics. None of them shows a word.
public enum MnemonicRule: String, Rule {
    case wordCount = "mnemonic.word-count"
    case unknownWord = "mnemonic.unknown-word"
    case notEnglish = "mnemonic.not-english"
    case wrongChecksum = "mnemonic.wrong-checksum"
    case passphraseNotASCII = "mnemonic.passphrase-not-ascii"
    case wrongWord = "mnemonic.wrong-word"

    public var meaning: String {
        switch self {
        case .wordCount: "a mnemonic has 12, 15, 18, 21 or 24 words"
        case .unknownWord: "a word is not in the English list of BIP-39"
        case .notEnglish: "the file holds words, and they are not of the English list of BIP-39"
        case .wrongChecksum: "the words are not the ones that were written down: their checksum is wrong"
        case .passphraseNotASCII: "the mnemonic's passphrase is not printable ASCII"
        case .wrongWord: "that is not the word"
        }
    }

    public var next: String {
        switch self {
        case .wordCount, .unknownWord: "write the words in lower case, all on one line, with one space between"
        case .notEnglish:
            "Airlock reads English words alone: restore them in a wallet that knows their language, and export a keystore"
        case .wrongChecksum: "compare each word, and their order, with what was written down"
        case .passphraseNotASCII:
            "make the key file with a wallet that normalizes other characters (NFKD), and use its keystore"
        case .wrongWord: "write all the words down, and begin again: nothing was kept"
        }
    }

    public var exit: ExitCode {
        switch self {
        case .wordCount, .unknownWord, .notEnglish, .wrongChecksum, .passphraseNotASCII: .malformedInput
        case .wrongWord: .declined
        }
    }
}
