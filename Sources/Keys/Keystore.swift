public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockFiles
public import AirlockGcrypt
public import AirlockSecretKeys
import AirlockStrictJSON

/// A secret key that is encrypted with a password. The format is Web3 Secret Storage, version 3, which geth introduced.
public struct Keystore: Sendable {
    let derivation: KeystoreDerivation
    let counter: [UInt8]
    let ciphertext: [UInt8]
    /// The message authentication code, which shows whether the password is right.
    let code: Hash
    /// The address that the keystore states; `nil` if it states none. The address is not verified before the key is
    /// unlocked.
    public let address: Address?

    /// The amount of work that is needed to try one password. The more work, the slower an attacker can guess the
    /// password.
    public enum Strength: Sendable {
        /// scrypt with N = 2^18, r = 8 and p = 1. One try takes 256 MiB of memory and about half a second.
        case standard
        /// scrypt with N = 2^12, r = 8 and p = 6. One try takes 4 MiB of memory, which suits machines with little
        /// memory.
        case light

        var function: KeystoreDerivation.Function {
            switch self {
            case .standard: .scrypt(logarithmOfN: 18, r: 8, p: 1)
            case .light: .scrypt(logarithmOfN: 12, r: 8, p: 6)
            }
        }
    }

    init(derivation: KeystoreDerivation, counter: [UInt8], ciphertext: [UInt8], code: Hash, address: Address?) {
        self.derivation = derivation
        self.counter = counter
        self.ciphertext = ciphertext
        self.code = code
        self.address = address
    }

    /// Encrypts a key with a password. The salt and the first counter block are new random bytes.
    public init(
        locking key: borrowing SecretKey, password: borrowing SecureBytes, _ strength: Strength = .standard
    ) throws {
        let derivation = KeystoreDerivation(function: strength.function, salt: try randomBytes(32))
        let counter = try randomBytes(16)
        let derived = try derivation.key(password)
        let secret = try key.withBytes { key in
            try derived.withBytes { try AES.counterMode(key: $0.extracting(first: 16), counter: counter.span, key) }
        }
        let ciphertext = secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
        self.init(
            derivation: derivation, counter: counter, ciphertext: ciphertext,
            code: try Self.code(derived, ciphertext), address: key.address)
    }

    /// The amount of work that is needed to try one password, as a multiple of the work for a standard keystore. It is
    /// at least 1.
    public var effort: Int { derivation.effort }

    /// Decrypts the key. Throws if the password is wrong, or if the key's address differs from the address that the
    /// keystore states.
    public func unlock(_ password: borrowing SecureBytes) throws -> SecretKey {
        let derived = try derivation.key(password)
        let expected = try Self.code(derived, ciphertext)
        guard expected.inline.span.isSame(as: code.inline.span) else { throw Problem(KeystoreRule.wrongPassword) }
        let secret = try derived.withBytes {
            try AES.counterMode(key: $0.extracting(first: 16), counter: counter.span, ciphertext.span)
        }
        var padded = try SecureBytes(count: 32)
        padded.withMutableBytes { padded in secret.withBytes { padded.copy($0, at: 32 - $0.count) } }
        let key = try SecretKey(padded)
        if let address, address != key.address {
            throw Problem(KeystoreRule.addressMismatch, saw: "\(address)", expected: "\(key.address)")
        }
        return key
    }

    /// Computes the message authentication code. It is the Keccak-256 hash of the following bytes: the second half of
    /// the derived key, and then the ciphertext.
    private static func code(_ derived: borrowing SecureBytes, _ ciphertext: [UInt8]) throws(GcryptError) -> Hash {
        var message = try SecureBytes(count: 16 + ciphertext.count)
        message.withMutableBytes { message in
            derived.withBytes { message.copy($0.extracting(16..<32), at: 0) }
            message.copy(ciphertext.span, at: 16)
        }
        return message.withBytes { .keccak($0) }
    }
}

/// Makes random bytes for values that are not secret, such as a salt.
func randomBytes(_ count: Int) throws(GcryptError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    try Randomness.fill(&span)
    return bytes
}

extension Keystore {
    /// Reads a keystore. All problems are reported together, before any key is derived.
    ///
    /// Other wallets add further JSON members. Members that are not used to unlock the key are therefore ignored.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let root: JSONValue
        do { root = try JSONDocument(bytes).root } catch {
            throw ProblemList(error.problems) ?? ProblemList(Problem(KeystoreRule.version))
        }
        var reader = ObjectReader(root)
        reader.number("version") { text in
            guard text == "3" else { throw Problem(KeystoreRule.version, saw: text) }
        }
        let address = reader.optionalString("address", Self.readAddress)
        // Some early wallets wrote the member name `crypto` with a capital C.
        let name = root["crypto"] == nil && root["Crypto"] != nil ? "Crypto" : "crypto"
        if root["crypto"] != nil, root["Crypto"] != nil {
            reader.record([Problem(JSONRule.duplicateKey, at: "/Crypto")])
        }
        let crypto = reader.object(name, Self.readCrypto)
        if let problems = ProblemList(reader.problems) { throw problems }
        guard let crypto else { throw ProblemList(Problem(KeystoreRule.version)) }
        self.init(
            derivation: crypto.derivation, counter: crypto.counter, ciphertext: crypto.ciphertext, code: crypto.code,
            address: address)
    }

    private typealias Crypto = (derivation: KeystoreDerivation, counter: [UInt8], ciphertext: [UInt8], code: Hash)

    private static func readCrypto(_ reader: inout ObjectReader) -> Crypto? {
        reader.string("cipher") { text in
            guard text == "aes-128-ctr" else { throw Problem(KeystoreRule.cipher, saw: text) }
        }
        let counter = reader.object("cipherparams") { $0.string("iv") { try bytes($0, 16...16, .counter) } }
        // Some early wallets left out the leading zeros of a key, so the ciphertext may be shorter than 32 bytes.
        let ciphertext = reader.string("ciphertext") { try bytes($0, 30...32, .ciphertext) }
        let code = reader.string("mac") { Hash(try bytes($0, 32...32, .code)) }
        let kdf = reader.string("kdf") { text in
            guard ["scrypt", "pbkdf2"].contains(text) else { throw Problem(KeystoreRule.derivation, saw: text) }
            return text
        }
        guard let kdf else { return nil }
        let derivation = reader.object("kdfparams") { readDerivation(kdf, &$0) }
        guard let derivation, let counter, let ciphertext, let code = code.flatMap(\.self) else { return nil }
        return (derivation, counter, ciphertext, code)
    }

    private static func readDerivation(_ kdf: String, _ reader: inout ObjectReader) -> KeystoreDerivation? {
        reader.number("dklen") { text in
            guard text == "\(KeystoreDerivation.keyLength)" else { throw Problem(KeystoreRule.keyLength, saw: text) }
        }
        let salt = reader.string("salt") { try bytes($0, 1...256, .salt) }
        let function: KeystoreDerivation.Function?
        if kdf == "scrypt" {
            function = readScrypt(&reader)
        } else {
            reader.string("prf") { text in
                guard text == "hmac-sha256" else { throw Problem(KeystoreRule.pseudorandomFunction, saw: text) }
            }
            function = reader.number("c") { try KeystoreDerivation.pbkdf2(iterations: $0) }
        }
        guard let function, let salt else { return nil }
        return KeystoreDerivation(function: function, salt: salt)
    }

    private static func readScrypt(_ reader: inout ObjectReader) -> KeystoreDerivation.Function? {
        let logarithmOfN = reader.number("n", KeystoreDerivation.logarithmOfN)
        let r = reader.number("r", KeystoreDerivation.blockSize)
        let p = reader.number("p", KeystoreDerivation.parallelization)
        guard let logarithmOfN, let r, let p else { return nil }
        do { return try KeystoreDerivation.scrypt(logarithmOfN: logarithmOfN, r: r, p: p) } catch {
            reader.record([error.at(reader.pointer(to: "n"))])
            return nil
        }
    }

    /// Decodes hexadecimal digits, with or without the prefix 0x.
    private static func bytes(
        _ text: String, _ count: ClosedRange<Int>, _ rule: KeystoreRule
    ) throws(Problem) -> [UInt8] {
        guard let bytes = try? Hex.decode(digits: text.hasPrefix("0x") ? text.dropFirst(2) : text[...]),
            count.contains(bytes.count)
        else { throw Problem(rule) }
        return bytes
    }

    /// Reads an address in any letter case, with or without the prefix 0x. The checksum in the letter case is not
    /// checked, because unlocking verifies the address.
    private static func readAddress(_ text: String) throws(Problem) -> Address {
        guard let address = FixedBytes<20>(try bytes(text, 20...20, .address)) else {
            throw Problem(KeystoreRule.address)
        }
        return Address(address)
    }

    /// Encodes the keystore as the bytes of a JSON file. The members are in geth's order, and `id` is new and random.
    public func file() throws(GcryptError) -> [UInt8] {
        var parameters: [(String, JSONOutput)] = [("dklen", .number("\(KeystoreDerivation.keyLength)"))]
        let kdf: JSONOutput
        switch derivation.function {
        case .scrypt(let logarithmOfN, let r, let p):
            kdf = "scrypt"
            parameters += [
                ("n", .number("\(1 << logarithmOfN)")), ("p", .number("\(p)")), ("r", .number("\(r)")),
            ]
        case .pbkdf2(let iterations):
            kdf = "pbkdf2"
            parameters += [("c", .number("\(iterations)")), ("prf", "hmac-sha256")]
        }
        parameters.append(("salt", digits(derivation.salt)))
        let crypto: JSONOutput = [
            "cipher": "aes-128-ctr", "ciphertext": digits(ciphertext), "cipherparams": ["iv": digits(counter)],
            "kdf": kdf, "kdfparams": .object(parameters), "mac": digits(code.bytes),
        ]
        var members: [(String, JSONOutput)] = []
        if let address { members.append(("address", digits(address.bytes.bytes))) }
        members += [("crypto", crypto), ("id", .string(try Self.identifier())), ("version", 3)]
        return JSONOutput.object(members).bytes + [0x0A]
    }

    /// Makes a random UUID (RFC 9562, section 5.4: version 4, variant 10).
    private static func identifier() throws(GcryptError) -> String {
        var bytes = try randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { Hex.encode(Array(bytes[$0]), prefix: false) }.joined(separator: "-")
    }

    private func digits(_ bytes: [UInt8]) -> JSONOutput { .string(Hex.encode(bytes, prefix: false)) }
}

extension Keystore {
    /// Encrypts a key into a new file with mode 0600. The file is written atomically. If `replacing` is `false`, it
    /// never replaces another file.
    ///
    /// A file that cannot be unlocked would mean a lost key. So the encrypted bytes are unlocked once before they are
    /// written. Afterwards the file is read back and unlocked again.
    ///
    /// If `path` is `nil`, the file is created in the current folder and named after the address. If `replacing` is
    /// `true`, an existing file at `path` must hold the same key, so that only its password changes. This function does
    /// not check that.
    public static func write(
        _ key: borrowing SecretKey, to path: String?, password: borrowing SecureBytes, _ strength: Strength = .standard,
        replacing: Bool = false
    ) throws -> (address: Address, path: String) {
        let file = try Keystore(locking: key, password: password, strength).file()
        let address = try Keystore(file).unlock(password).address
        let path = path ?? "\(address).json"
        _ = try OutputFile.write(
            file.span, to: path, replacing: replacing, rewriting: replacing ? FileIdentity(of: path) : nil)
        let kept = try SecretFile.read(path).withBytes { bytes in bytes.indices.map { bytes[$0] } }
        return (try Keystore(kept).unlock(password).address, path)
    }
}

/// The rules that a keystore must satisfy (Web3 Secret Storage, version 3). Where possible, they are checked before any
/// key is derived.
public enum KeystoreRule: String, Rule {
    case version = "keystore.version"
    case cipher = "keystore.cipher"
    case counter = "keystore.iv"
    case ciphertext = "keystore.ciphertext"
    case code = "keystore.mac"
    case address = "keystore.address"
    case derivation = "keystore.kdf"
    case keyLength = "keystore.dklen"
    case salt = "keystore.salt"
    case scryptN = "keystore.scrypt-n"
    case scryptR = "keystore.scrypt-r"
    case scryptP = "keystore.scrypt-p"
    case tooMuchWork = "keystore.too-much-work"
    case iterations = "keystore.pbkdf2-c"
    case pseudorandomFunction = "keystore.pbkdf2-prf"
    case wrongPassword = "keystore.wrong-password"
    case addressMismatch = "keystore.address-mismatch"
    case notKeystore = "keystore.not-a-keystore"

    public var meaning: String {
        switch self {
        case .version: "the keystore is not of version 3"
        case .cipher: "the keystore's cipher is not aes-128-ctr"
        case .counter: "the keystore's iv is not 16 bytes of hexadecimal digits"
        case .ciphertext: "the keystore does not hold the 30 to 32 bytes of a key"
        case .code: "the keystore's mac is not 32 bytes of hexadecimal digits"
        case .address: "the keystore's address is not 20 bytes of hexadecimal digits"
        case .derivation: "the keystore's kdf is neither scrypt nor pbkdf2"
        case .keyLength: "the keystore's dklen is not 32"
        case .salt: "the keystore's salt is not 1 to 256 bytes of hexadecimal digits"
        case .scryptN: "scrypt's n is not a power of two from 2 to 2^20"
        case .scryptR: "scrypt's r is not from 1 to 128"
        case .scryptP: "scrypt's p is not from 1 to 16"
        case .tooMuchWork: "scrypt's n, r and p together ask for too much work"
        case .iterations: "pbkdf2's c is not from 1 to 10000000"
        case .pseudorandomFunction: "pbkdf2's prf is not hmac-sha256"
        case .wrongPassword: "the password is wrong, or the keystore was altered"
        case .addressMismatch: "the key in the keystore is not that of the keystore's address"
        case .notKeystore: "the file has no password: it holds a bare key or a mnemonic"
        }
    }
}
