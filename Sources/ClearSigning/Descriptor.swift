import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockTypedData

/// Provides the names of tokens, accounts and chains for a description. The names come from the caller, for example
/// from the owner's policy, and never from a descriptor.
public protocol DisplayNames: Sendable {
    /// Returns the symbol and decimals of a token. If the result is `nil`, amounts of the token are shown in the
    /// smallest unit, with a warning.
    func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)?
    /// Returns the name of an account or contract. If the result is `nil`, the address is shown.
    func name(of address: Address, on chain: UInt256) -> String?
    /// Returns the name of a collection of NFTs.
    func collection(_ address: Address, on chain: UInt256) -> String?
    /// Returns the native currency of a chain. By default, this is the currency in the registry of EIP-155.
    func native(on chain: UInt256) -> (symbol: String, decimals: Int)?
    /// Returns the name of a chain. By default, this is the name in the registry of EIP-155.
    func chain(_ id: UInt256) -> String?
    /// Returns the time of a block. If the result is `nil`, the block's number is shown.
    func time(ofBlock number: UInt256, on chain: UInt256) -> Timestamp?
    /// Returns the contract whose code a proxy runs. Calls to the proxy are described by the descriptor of that
    /// contract.
    func implementation(behind proxy: Address, on chain: UInt256) -> Address?
}

extension DisplayNames {
    public func token(_ address: Address, on chain: UInt256) -> (symbol: String, decimals: Int)? { nil }
    public func name(of address: Address, on chain: UInt256) -> String? { nil }
    public func collection(_ address: Address, on chain: UInt256) -> String? { nil }
    public func native(on chain: UInt256) -> (symbol: String, decimals: Int)? {
        KnownChain.with(id: chain).map { ($0.symbol, 18) }
    }
    public func chain(_ id: UInt256) -> String? { KnownChain.with(id: id)?.name }
    public func time(ofBlock number: UInt256, on chain: UInt256) -> Timestamp? { nil }
    public func implementation(behind proxy: Address, on chain: UInt256) -> Address? { nil }
}

/// A chain from the registry of EIP-155, with its name and the symbol of its native currency. All these currencies have
/// 18 decimals.
struct KnownChain {
    let id: UInt64
    let name: String
    let symbol: String

    static let all = [
        (1, "Ethereum Mainnet", "ETH"), (10, "OP Mainnet", "ETH"), (56, "BNB Smart Chain Mainnet", "BNB"),
        (100, "Gnosis", "XDAI"), (137, "Polygon Mainnet", "POL"), (8453, "Base", "ETH"),
        (42_161, "Arbitrum One", "ETH"), (43_114, "Avalanche C-Chain", "AVAX"), (59_144, "Linea", "ETH"),
        (84_532, "Base Sepolia Testnet", "ETH"), (534_352, "Scroll", "ETH"), (11_155_111, "Sepolia", "ETH"),
    ].map { KnownChain(id: $0.0, name: $0.1, symbol: $0.2) }

    static func with(id: UInt256) -> KnownChain? { all.first { UInt256($0.id) == id } }
}

/// A descriptor (ERC-7730, schema 2), merged with all files that it includes. It names the calls or messages that it
/// describes, and defines how they are shown.
public struct Descriptor: Sendable {
    /// A file that the descriptor was read from. The user trusts each file separately, because an attestation covers
    /// only one file.
    public struct File: Hashable, Sendable {
        public let path: String
        /// The Keccak-256 hash of the file's canonical form. An attestation of ERC-8176 covers this hash.
        public let hash: Hash
    }

    /// The files of the descriptor. The file of the descriptor itself comes first, and the included files follow.
    public let files: [File]
    public let owner: String?
    public let contractName: String?
    let binding: Binding
    let formats: [Result<DisplayFormat, DescriptorError>]
    private let places: [Format: Int]
    /// The places of the invalid display formats that have, or can have, a field with the rule `mustMatch`.
    private let unreadDemands: Set<Int>

    public static let largestFile = 1 << 20

    /// The hash of the descriptor's own file, without the included files.
    public var hash: Hash { files[0].hash }

    /// The problems of the invalid display formats. The other display formats of the descriptor can still be used.
    public var problems: [Problem] {
        formats.flatMap { format -> [Problem] in
            guard case .failure(let error) = format else { return [] }
            return error.problems
        }
    }

    /// The keys of the valid display formats. A key is the declaration of a function or of a message type, as the
    /// descriptor writes it.
    public var keys: [String] { formats.compactMap { try? $0.get().key } }

    /// Whether the descriptor describes messages, and not calls.
    public var isForMessages: Bool { binding.isMessage }

    /// The contracts that the descriptor names, sorted by chain and address. Empty if the descriptor names no contract.
    public var contracts: [(chain: UInt256, address: Address)] {
        binding.deployments.map { ($0.chain, $0.address) }
            .sorted { ($0.chain, $0.address.description) < ($1.chain, $1.address.description) }
    }

    /// The values that the descriptor requires in the domain of a message, as the descriptor writes them.
    public var domain: [(key: String, value: String)] {
        binding.domain + (binding.separator.map { [("domainSeparator", "\($0)")] } ?? [])
    }

    /// Whether the descriptor identifies the contract that it describes. If not, other descriptors are meant to include
    /// this descriptor. Its display formats can then use constants that only an including descriptor defines.
    public var isBound: Bool { binding.isBound }

    /// The function or message type that a display format describes.
    enum Format: Hashable {
        case function(Selector)
        case message(String)
    }

    /// Reads a descriptor and the files that it includes.
    ///
    /// - Parameters:
    ///   - path: the path of the descriptor, relative to the folder that `read` reads from. The path of an included
    ///     file is relative to the file that includes it. No path is allowed to lead out of the folder.
    ///   - read: a function that reads a file of the folder. It must not follow symbolic links.
    public init(_ path: String, read: (String) throws -> [UInt8]) throws(DescriptorError) {
        do throws(Problem) {
            let (merged, files) = try Includes.merge(path, read: read)
            try self.init(merged, files)
        } catch { throw DescriptorError(error) }
    }

    private init(_ json: JSONValue, _ files: [File]) throws(Problem) {
        self.files = files
        var reader = FormatReader(json)
        func optionalText(_ json: JSONValue?) throws(Problem) -> String? {
            try json.map { json throws(Problem) in try reader.text(json) }
        }
        owner = try optionalText(json["metadata"]?["owner"])
        contractName = try optionalText(json["metadata"]?["contractName"])
        binding = try Binding(json["context"], at: json.pointer)
        var formats: [Result<DisplayFormat, DescriptorError>] = []
        var places: [Format: Int] = [:]
        let entries = json["display"]?["formats"]?.members ?? []
        guard entries.count <= FormatReader.mostFields else {
            throw Problem(DescriptorRule.tooLarge, at: "/display/formats")
        }
        var unreadDemands: Set<Int> = []
        let isShared = FormatReader.hasDemand(json["display"]?["definitions"])
        for entry in entries {
            let key = try Self.format(entry.key, isMessage: binding.isMessage, at: entry.value.pointer)
            guard places.updateValue(formats.count, forKey: key) == nil else {
                throw Problem(DescriptorRule.duplicateKey, at: entry.value.pointer, saw: entry.key)
            }
            do throws(Problem) { formats.append(.success(try reader.format(entry.key, entry.value))) } catch {
                if isShared || FormatReader.hasDemand(entry.value) { unreadDemands.insert(formats.count) }
                formats.append(.failure(DescriptorError(error)))
            }
        }
        self.formats = formats
        self.unreadDemands = unreadDemands
        self.places = places
    }

    /// Returns the function or message type that a display format describes. `key` is the key of the display format:
    /// the declaration of this function or message type.
    private static func format(_ key: String, isMessage: Bool, at pointer: String) throws(Problem) -> Format {
        guard key.utf8.count <= 4096 else { throw Problem(DescriptorRule.tooLarge, at: pointer) }
        if isMessage { return .message(normalized(key)) }
        do { return .function(try ABIFunction(key).selector) } catch {
            throw Problem(DescriptorRule.badKey, because: error.problems[0], at: pointer)
        }
    }

    /// Removes the spaces at the start of a key, and the spaces after commas and opening parentheses. ERC-7730 forbids
    /// spaces after commas, but some descriptors contain them.
    static func normalized(_ key: String) -> String {
        var text = ""
        for character in key.unicodeScalars {
            if character == " ", text.isEmpty || text.unicodeScalars.last == "," || text.unicodeScalars.last == "(" {
                continue
            }
            text.unicodeScalars.append(character)
        }
        return text
    }

    /// Whether the descriptor has a display format for a function or message type. The display format can be invalid.
    func has(_ format: Format) -> Bool { places[format] != nil }

    /// Whether a display format of the descriptor has a field with the rule `mustMatch`.
    var hasDemand: Bool {
        !unreadDemands.isEmpty || formats.contains { format in (try? format.get())?.hasDemand ?? false }
    }

    /// Whether the display format for a function or message type can refuse a value. The display format can be invalid.
    func canRefuse(_ format: Format, among others: Descriptors) -> Bool {
        guard let place = places[format] else { return false }
        guard let display = try? formats[place].get() else { return unreadDemands.contains(place) }
        return display.canRefuse(among: others)
    }

    func format(_ format: Format) throws(DescriptorError) -> DisplayFormat? {
        guard let place = places[format] else { return nil }
        return try formats[place].get()
    }
}

/// The contracts whose calls a descriptor describes, or the domain whose messages it describes.
struct Binding: Sendable {
    struct Deployment: Hashable, Sendable {
        let chain: UInt256
        let address: Address
    }

    let isMessage: Bool
    let deployments: Set<Deployment>
    let domain: [(key: String, value: String)]
    let separator: Hash?

    init(_ json: JSONValue?, at pointer: String) throws(Problem) {
        guard let json, let members = json.members?.filter({ !$0.key.hasPrefix("$") }), members.count == 1,
            ["contract", "eip712"].contains(members[0].key)
        else { throw Problem(DescriptorRule.unbound, at: "/context", expected: "contract or eip712") }
        isMessage = members[0].key == "eip712"
        let context = members[0].value
        let known = isMessage ? ["deployments", "domain", "domainSeparator", "schemas"] : ["deployments", "abi"]
        // Refuse unknown JSON members, because they could restrict where the descriptor applies. For example, a member
        // could require that a certain factory deployed the contract. Only an event of the factory proves this, and
        // Airlock cannot query events offline.
        try FormatReader(json).refuseOthers(context, known)
        var deployments: Set<Deployment> = []
        if let list = context["deployments"] {
            guard let elements = list.elements else { throw FormatReader(json).wrong(list, "an array of deployments") }
            for element in elements {
                guard let number = element["chainId"]?.number, let chain = try? UInt256(decimal: number),
                    let text = element["address"]?.string, let address = try? Address(anyCase: text)
                else { throw FormatReader(json).wrong(element, "a chainId and an address") }
                deployments.insert(Deployment(chain: chain, address: address))
            }
        }
        self.deployments = deployments
        var domain: [(String, String)] = []
        if let constraint = context["domain"] {
            try FormatReader(json).refuseOthers(
                constraint, ["name", "version", "chainId", "verifyingContract", "salt"])
            for member in constraint.members ?? [] {
                domain.append((member.key, try FormatReader(json).scalar(member.value)))
            }
        }
        self.domain = domain
        if let json = context["domainSeparator"] {
            guard let hash = json.string.flatMap({ try? Hash(hex: $0) }) else {
                throw Problem(JSONRule.wrongType, at: json.pointer, saw: json.text, expected: "32 bytes in hexadecimal")
            }
            separator = hash
        } else {
            separator = nil
        }
    }

    /// Throws if the descriptor does not apply to this contract. The descriptor applies if it lists the contract. If
    /// the contract is a proxy, the descriptor also applies if it lists the contract whose code the proxy runs.
    func check(_ address: Address, on chain: UInt256, _ names: any DisplayNames) throws(Problem) {
        let isListed = deployments.contains(Deployment(chain: chain, address: address))
        guard !isListed else { return }
        if let behind = names.implementation(behind: address, on: chain),
            deployments.contains(Deployment(chain: chain, address: behind))
        {
            return
        }
        guard !deployments.isEmpty else { throw Problem(DescriptorRule.unbound) }
        throw Problem(DescriptorRule.otherContract, saw: "\(address) on chain \(chain)")
    }

    /// Throws if the domain does not meet all requirements of the descriptor, or if these requirements do not identify
    /// a contract.
    func check(_ message: TypedData, _ names: any DisplayNames) throws(Problem) {
        let found = message.domain
        for (key, value) in domain {
            let holds =
                switch key {
                case "name": found.name.map { $0.utf8.elementsEqual(value.utf8) } ?? false
                case "version": found.version.map { $0.utf8.elementsEqual(value.utf8) } ?? false
                case "chainId": found.chainId != nil && found.chainId == UInt256(literal: value)
                case "verifyingContract":
                    found.verifyingContract != nil && found.verifyingContract == (try? Address(anyCase: value))
                default: found.salt != nil && found.salt == (try? Hash(hex: value))
                }
            guard holds else { throw Problem(DescriptorRule.otherDomain, at: "/context/eip712/domain/\(key)") }
        }
        if let separator, separator != message.domainSeparator {
            throw Problem(DescriptorRule.otherDomain, at: "/context/eip712/domainSeparator")
        }
        if !deployments.isEmpty {
            guard let chain = found.chainId, let contract = found.verifyingContract else {
                throw Problem(DescriptorRule.otherDomain, at: "/domain", expected: "chainId and verifyingContract")
            }
            return try check(contract, on: chain, names)
        }
        guard isBound else { throw Problem(DescriptorRule.unbound) }
    }

    /// Whether the descriptor identifies a contract. It can do so by deployments, by a domain separator, or by the
    /// chain id and the address of the contract in a domain.
    var isBound: Bool {
        let keys = domain.map(\.key)
        return !deployments.isEmpty || separator != nil
            || keys.contains("chainId") && keys.contains("verifyingContract")
    }
}

/// The rules for descriptors (ERC-7730), and for applying a descriptor to a call or message.
public enum DescriptorRule: String, Rule {
    case schema = "descriptor.schema-version"
    case unsupported = "descriptor.not-supported"
    case badKey = "descriptor.bad-format-key"
    case duplicateKey = "descriptor.same-function-twice"
    case badPath = "descriptor.bad-path"
    case missingConstant = "descriptor.missing-constant"
    case tooLarge = "descriptor.too-large"
    case badInclude = "descriptor.include-outside"
    case includeCycle = "descriptor.include-cycle"
    case includeDepth = "descriptor.include-depth"
    case notCanonical = "descriptor.not-canonical"

    case unbound = "descriptor.binds-nothing"
    case otherContract = "descriptor.other-contract"
    case otherDomain = "descriptor.other-domain"
    case unknownFunction = "descriptor.unknown-function"
    case unknownMessage = "descriptor.unknown-message"
    case otherFunction = "descriptor.other-function"
    case ambiguous = "descriptor.ambiguous"
    case badData = "descriptor.call-data"
    case noValue = "descriptor.no-such-value"
    case wrongType = "descriptor.wrong-type"
    case arrayLengths = "descriptor.array-lengths"
    case mustMatch = "descriptor.must-match"
    case uncheckedDemand = "descriptor.unchecked-demand"
    case tooDeep = "descriptor.too-deep"
    case untrusted = "descriptor.not-trusted"

    public var meaning: String {
        switch self {
        case .schema: "the descriptor is not one of schema 2 of ERC-7730"
        case .unsupported: "the descriptor uses a feature that is not supported"
        case .badKey: "a key of the descriptor's formats cannot be read"
        case .duplicateKey: "two keys of the descriptor's formats are for one function or message"
        case .badPath: "a path of the descriptor cannot be read"
        case .missingConstant: "the descriptor names a constant, an enum or a definition that it does not have"
        case .tooLarge: "the descriptor is larger than any person could check"
        case .badInclude: "the descriptor includes a file outside its folder"
        case .includeCycle: "the descriptor includes itself"
        case .includeDepth: "descriptors include each other too deeply"
        case .notCanonical: "a number of the descriptor has no exact canonical form"
        case .unbound: "the descriptor does not say which contract it is for"
        case .otherContract: "the descriptor is for other contracts"
        case .otherDomain: "the descriptor is for messages of another domain"
        case .unknownFunction: "the descriptor does not describe this function"
        case .unknownMessage: "the descriptor does not describe this type of message"
        case .otherFunction: "the descriptor describes another function that has the same selector"
        case .ambiguous: "more than one descriptor describes this"
        case .badData: "the call data are not those of the function"
        case .noValue: "a path of the descriptor leads to no value"
        case .wrongType: "a value does not have the type that the descriptor's format needs"
        case .arrayLengths: "arrays that the descriptor shows together have different lengths"
        case .mustMatch: "a value is not one of those that the descriptor demands"
        case .uncheckedDemand: "the descriptor demands certain values, which cannot be checked"
        case .tooDeep: "calls are nested too deeply"
        case .untrusted: "the policy trusts neither the descriptor's hash nor anybody who attested it"
        }
    }
}

/// The error for a descriptor that cannot be read, or that does not match the call or message.
public struct DescriptorError: RuleBroken, Hashable, Sendable {
    public let problems: [Problem]

    init(_ broken: some RuleBroken) { problems = broken.problems }
}
