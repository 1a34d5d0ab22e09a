import AirlockEthereumTypes
public import AirlockGcrypt
public import AirlockDiagnostics
import AirlockStrictJSON

extension Keystore {
    /// Reads a keystore, and refuses what is wrong with it, all of it at once, before any work is done.
    ///
    /// Members that nobody needs for unlocking are other wallets' business.
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
        // Some early wallets wrote it with a capital letter.
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
        // Some early wallets left out a key's leading zeros.
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

    /// Digits, with or without 0x before them.
    private static func bytes(
        _ text: String, _ count: ClosedRange<Int>, _ rule: KeystoreRule
    ) throws(Problem) -> [UInt8] {
        guard let bytes = try? Hex.decode(digits: text.hasPrefix("0x") ? text.dropFirst(2) : text[...]),
            count.contains(bytes.count)
        else { throw Problem(rule) }
        return bytes
    }

    /// With or without 0x, and in any case: it is a label, and what counts is whether the key is that address's.
    private static func readAddress(_ text: String) throws(Problem) -> Address {
        guard let address = FixedBytes<20>(try bytes(text, 20...20, .address)) else {
            throw Problem(KeystoreRule.address)
        }
        return Address(address)
    }

    /// The file as it is written, in geth's order, with a fresh name of its own.
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

    /// A random UUID (RFC 9562, section 5.4: version 4, variant 10).
    private static func identifier() throws(GcryptError) -> String {
        var bytes = try randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let groups = [0..<4, 4..<6, 6..<8, 8..<10, 10..<16]
        return groups.map { Hex.encode(Array(bytes[$0]), prefix: false) }.joined(separator: "-")
    }

    private func digits(_ bytes: [UInt8]) -> JSONOutput { .string(Hex.encode(bytes, prefix: false)) }
}
