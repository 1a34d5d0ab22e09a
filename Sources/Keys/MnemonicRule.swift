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
}
