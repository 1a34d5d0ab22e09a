public import AirlockDiagnostics
public import AirlockGcrypt

/// A mnemonic (BIP-39, English): a secret in the form of words, which a person can write down.
public struct Mnemonic: ~Copyable, Sendable {
    /// The allowed numbers of words in a mnemonic (BIP-39).
    public static let wordCounts = [12, 15, 18, 21, 24]

    /// The words, separated by single spaces. The seed is derived from this text.
    private let phrase: SecureBytes
    public let wordCount: Int

    /// Reads a mnemonic, whose words must be separated by single spaces.
    public init(_ phrase: Span<UInt8>) throws {
        try Self.requireEnglish(phrase)
        // Each word stands for 11 bits (BIP-39, "Generating the mnemonic"). All words together hold the bits of the
        // entropy, followed by the bits of the checksum.
        var bits = try SecureBytes(count: 33)
        var count = 0
        var start = 0
        for end in 0...phrase.count where end == phrase.count || phrase[end] == UInt8(ascii: " ") {
            guard count < 24 else { throw Problem(MnemonicRule.wordCount, detail: "more than 24") }
            guard let number = WordList.index(of: phrase.extracting(start..<end)) else {
                throw Problem(MnemonicRule.unknownWord, detail: "word \(count + 1)")
            }
            bits.withMutableBytes { $0.set(number, at: count) }
            count += 1
            start = end + 1
        }
        guard Self.wordCounts.contains(count) else { throw Problem(MnemonicRule.wordCount, detail: "\(count)") }
        let entropy = count / 3 * 4
        let checksum = try bits.withBytes { try Self.checksum($0.extracting(first: entropy)) }
        guard bits.withBytes({ $0[entropy] }) == checksum else { throw Problem(MnemonicRule.wrongChecksum) }
        self.phrase = try SecureBytes(copying: phrase)
        self.wordCount = count
    }

    /// Refuses a mnemonic in a language other than English. Such a mnemonic has letters that are not ASCII, or it has
    /// at least 12 words and none of them is in the English list.
    private static func requireEnglish(_ phrase: Span<UInt8>) throws(Problem) {
        let words = phrase.words
        guard phrase.indices.allSatisfy({ phrase[$0] < 0x80 }),
            words.count < 12 || words.contains(where: { WordList.index(of: phrase.extracting($0)) != nil })
        else { throw Problem(MnemonicRule.notEnglish) }
    }

    /// Encodes entropy of 16 to 32 bytes as words.
    init(entropy: borrowing SecureBytes) throws {
        let length = entropy.count
        var bits = try SecureBytes(count: length + 1)
        try entropy.withBytes { entropy in
            let checksum = try Self.checksum(entropy)
            bits.withMutableBytes { bits in
                bits.copy(entropy, at: 0)
                bits[length] = checksum
            }
        }
        let count = length / 4 * 3
        var text = try SecureBytes(count: count * 9)
        var end = 0
        for place in 0..<count {
            let word = WordList.words[bits.withBytes { $0.number(at: place) }]
            text.withMutableBytes { text in
                if place > 0 { text[end - 1] = UInt8(ascii: " ") }
                text.copy(word.span, at: end)
            }
            end += word.count + 1
        }
        self.phrase = try text.withBytes { try SecureBytes(copying: $0.extracting(first: end - 1)) }
        self.wordCount = count
    }

    /// Creates a new random mnemonic. `count` is its number of words, and must be one of ``wordCounts``.
    public static func random(words count: Int) throws -> Mnemonic {
        try Mnemonic(entropy: .random(count: count / 3 * 4))
    }

    /// Derives the seed (BIP-39, "From mnemonic to seed"). BIP-39 normalizes the passphrase with NFKD, which does not
    /// change ASCII. So only ASCII is accepted.
    public borrowing func seed(passphrase: borrowing SecureBytes) throws -> SecureBytes {
        guard passphrase.withBytes({ $0.isASCII }) else { throw Problem(MnemonicRule.passphraseNotASCII) }
        let prefix = Array("mnemonic".utf8)
        var salt = try SecureBytes(count: prefix.count + passphrase.count)
        salt.withMutableBytes { salt in
            salt.copy(prefix.span, at: 0)
            passphrase.withBytes { salt.copy($0, at: prefix.count) }
        }
        return try salt.withBytes {
            try KeyDerivation.pbkdf2(.sha512, password: phrase, salt: $0, iterations: 2048, count: 64)
        }
    }

    /// Calls `body` with the words, joined by single spaces. Use this method to show the words to the user.
    public borrowing func withPhrase<Value: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try phrase.withBytes(body)
    }

    /// Whether `word` is the word at this position. The first word has position 1.
    public borrowing func isWord(_ word: Span<UInt8>, at place: Int) -> Bool {
        phrase.withBytes { phrase in
            var start = 0
            var count = 0
            for end in 0...phrase.count where end == phrase.count || phrase[end] == UInt8(ascii: " ") {
                count += 1
                if count == place { return phrase.extracting(start..<end).isSame(as: word) }
                start = end + 1
            }
            return false
        }
    }

    /// Computes the checksum of the entropy: the first bits of its SHA-256 hash. The checksum has one bit for each 32
    /// bits of entropy. These bits are the high bits of the returned byte.
    private static func checksum(_ entropy: Span<UInt8>) throws -> UInt8 {
        let count = entropy.count / 4
        return try MessageDigest.hash(.sha256, entropy).withBytes { ($0[0] >> (8 - count)) << (8 - count) }
    }
}

extension MutableSpan<UInt8> {
    /// Writes a number as 11 bits, the most significant bit first. The 11 target bits must be zero before the call,
    /// because the function writes only the bits that are 1.
    fileprivate mutating func set(_ number: Int, at place: Int) {
        for bit in 0..<11 where number >> (10 - bit) & 1 == 1 {
            let position = place * 11 + bit
            self[position / 8] |= 0x80 >> (position % 8)
        }
    }
}

extension Span<UInt8> {
    /// The range of each word in a string whose words are separated by single spaces.
    fileprivate var words: [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        for end in 0...count where end == count || self[end] == UInt8(ascii: " ") {
            words.append(start..<end)
            start = end + 1
        }
        return words
    }

    /// Reads the 11-bit number that stands for the word at this position. The first word has position 0.
    fileprivate func number(at place: Int) -> Int {
        (place * 11..<place * 11 + 11).reduce(0) { $0 << 1 | Int(self[$1 / 8] >> (7 - $1 % 8) & 1) }
    }
}

/// The rules that a mnemonic must satisfy. No error message shows a word of the mnemonic.
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
        case .notEnglish: "the file holds words that are not in the English list of BIP-39"
        case .wrongChecksum: "the words are not the ones that were written down: their checksum is wrong"
        case .passphraseNotASCII: "the mnemonic's passphrase is not printable ASCII"
        case .wrongWord: "that is not the word"
        }
    }
}
