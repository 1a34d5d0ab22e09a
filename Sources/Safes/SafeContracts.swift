public import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes

/// A call that a Safe makes. A Safe transaction contains either one such call, or a batch of several calls.
public struct SafeCall: Hashable, Sendable {
    public let to: Address
    public let value: UInt256
    public let data: [UInt8]

    public init(to: Address, value: UInt256, data: [UInt8]) {
        self.to = to
        self.value = value
        self.data = data
    }
}

/// Encodes and decodes batches of calls. A batch is the only argument of the function `multiSend(bytes)`. It consists
/// of the encoded calls, one after another.
public enum MultiSend {
    static let selector = Selector(signature: "multiSend(bytes)")

    public static func isCall(_ data: [UInt8]) -> Bool { Selector(of: data.span) == selector }

    /// Decodes the calls in the call data of `multiSend`. Throws if the data is not a well-formed call of `multiSend`,
    /// or if the batch contains a delegate call.
    ///
    /// The encoding of each call is: operation (1 byte), address (20 bytes), value (32 bytes), length (32 bytes), data.
    public static func calls(of data: [UInt8]) throws(ProblemList) -> [SafeCall] {
        guard isCall(data), let function = try? ABIFunction("multiSend(bytes)") else {
            throw ProblemList(Problem(SafeRule.multiSend, expected: "multiSend(bytes)"))
        }
        let arguments: [ABIValue]
        do throws(ABIError) { arguments = try function.decodeCall(data) } catch {
            throw ProblemList(Problem(SafeRule.multiSend, detail: error.problems[0].message))
        }
        guard case .bytes(let packed)? = arguments.first else { throw ProblemList(Problem(SafeRule.multiSend)) }
        var calls: [SafeCall] = []
        var problems: [Problem] = []
        var at = 0
        while at < packed.count {
            let span = packed.span
            guard packed.count - at >= 85, let to = FixedBytes<20>(span.extracting(at + 1..<at + 21)),
                let value = FixedBytes<32>(span.extracting(at + 21..<at + 53)),
                let size = FixedBytes<32>(span.extracting(at + 53..<at + 85)),
                let length = UInt64(exactly: UInt256(size)), length <= UInt64(packed.count - at - 85)
            else {
                problems.append(
                    Problem(
                        SafeRule.multiSend, saw: "\(packed.count - at) bytes from byte \(at) of the packed calls on",
                        expected: "a whole call"))
                break
            }
            if packed[at] != SafeOperation.call.rawValue {
                problems.append(
                    Problem(
                        SafeRule.innerDelegateCall,
                        saw: "operation \(packed[at]) of call \(calls.count + 1) to \(Address(to))",
                        expected: "operation 0"))
            }
            let end = at + 85 + Int(length)
            calls.append(SafeCall(to: Address(to), value: UInt256(value), data: Array(packed[at + 85..<end])))
            at = end
        }
        if calls.isEmpty, problems.isEmpty { problems.append(Problem(SafeRule.multiSend, saw: "no call at all")) }
        if let all = ProblemList(problems) { throw all }
        return calls
    }

    /// Encodes the call data of `multiSend` for these calls.
    public static func data(_ calls: [SafeCall]) -> [UInt8] {
        var packed: [UInt8] = []
        for call in calls {
            packed.append(SafeOperation.call.rawValue)
            packed += call.to.bytes.bytes
            packed += call.value.word.bytes
            packed += UInt256(UInt64(call.data.count)).word.bytes
            packed += call.data
        }
        let padding = Array(repeating: 0 as UInt8, count: (32 - packed.count % 32) % 32)
        return selector.bytes.bytes + UInt256(32).word.bytes + UInt256(UInt64(packed.count)).word.bytes + packed
            + padding
    }
}

/// The addresses of Safe's official contracts. Each contract has the same address on most chains.
public enum SafeDeployment {
    /// The addresses of Safe's official batch contract, with its versions. This contract refuses delegate calls in a
    /// batch.
    static let multiSendCallOnly: [(version: String, address: Address)] = [
        ("1.5.0", Address(known: "0xA83c336B20401Af773B6219BA5027174338D1836")),
        ("1.4.1", Address(known: "0x9641d764fc13c8B624c04430C7356C1C7C8102e2")),
        ("1.3.0", Address(known: "0x40A2aCCbd92BCA938b02010E17A5b8929b49130D")),
        ("1.3.0", Address(known: "0xA1dabEF33b3B82c7814B6D82A79e50F4AC44102B")),
    ]

    /// The singletons, with their versions. A singleton is a contract that contains the code of many Safes. The first
    /// word of a Safe's storage is the address of its singleton.
    static let singletons: [(version: SafeVersion, address: Address)] = [
        (SafeVersion(1, 5, 0), Address(known: "0xFf51A5898e281Db6DfC7855790607438dF2ca44b")),
        (SafeVersion(1, 5, 0), Address(known: "0xEdd160fEBBD92E350D4D398fb636302fccd67C7e")),
        (SafeVersion(1, 4, 1), Address(known: "0x41675C099F32341bf84BFc5382aF534df5C7461a")),
        (SafeVersion(1, 4, 1), Address(known: "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762")),
        (SafeVersion(1, 3, 0), Address(known: "0xd9Db270c1B5E3Bd161E8c8503c55cEABeE709552")),
        (SafeVersion(1, 3, 0), Address(known: "0x3E5c63644E683549055b9Be8653de26E0B4CD36E")),
        (SafeVersion(1, 3, 0), Address(known: "0x69f4D1788e39c87893C980c06EdF4b7f686e2938")),
        (SafeVersion(1, 3, 0), Address(known: "0xfb1bffC9d739B8D520DaF37dF666da4C687191EA")),
        (SafeVersion(1, 2, 0), Address(known: "0x6851D6fDFAfD08c0295C392436245E5bc78B0185")),
        (SafeVersion(1, 1, 1), Address(known: "0x34CfAC646f301356fAa8B21e94227e3583Fe3F5F")),
        (SafeVersion(1, 0, 0), Address(known: "0xb6029EA3B2c51D09a50B53CA8012FeEB05bDa35A")),
    ]

    /// Returns the Safe version of a singleton, the contract whose code a Safe runs. Returns `nil` for any other
    /// contract.
    static func version(ofSingleton address: Address) -> SafeVersion? {
        singletons.first { $0.address == address }?.version
    }

    private static let names: [Address: String] = {
        var names: [Address: String] = [:]
        for (version, address) in multiSendCallOnly { names[address] = "MultiSendCallOnly \(version)" }
        let handler = "CompatibilityFallbackHandler "
        let others: [(StaticString, String)] = [
            ("0xA238CBeb142c10Ef7Ad8442C6D1f9E89e07e7761", "MultiSend 1.3.0, which takes delegate calls"),
            ("0x998739BFdAAdde7C933B942a68053933098f9EDa", "MultiSend 1.3.0, which takes delegate calls"),
            ("0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526", "MultiSend 1.4.1, which takes delegate calls"),
            ("0x218543288004CD07832472D464648173c77D7eB7", "MultiSend 1.5.0, which takes delegate calls"),
            ("0xA65387F16B013cf2Af4605Ad8aA5ec25a2cbA3a2", "SignMessageLib 1.3.0"),
            ("0x98FFBBF51bb33A056B08ddf711f289936AafF717", "SignMessageLib 1.3.0"),
            ("0xd53cd0aB83D845Ac265BE939c57F53AD838012c9", "SignMessageLib 1.4.1"),
            ("0x4FfeF8222648872B3dE295Ba1e49110E61f5b5aa", "SignMessageLib 1.5.0"),
            ("0x526643F69b81B008F46d95CD5ced5eC0edFFDaC6", "SafeMigration 1.4.1, which changes the Safe's code"),
            ("0x6439e7ABD8Bb915A5263094784C5CF561c4172AC", "SafeMigration 1.5.0, which changes the Safe's code"),
            ("0xf48f2B2d2a534e402487b3ee7C18c33Aec0Fe5e4", handler + "1.3.0"),
            ("0x017062a1dE2FE6b99BE3d9d37841FeD19F573804", handler + "1.3.0"),
            ("0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99", handler + "1.4.1"),
            ("0x3EfCBb83A4A7AfcB4F68D501E2c2203a38be77f4", handler + "1.5.0"),
        ]
        for (address, name) in others { names[Address(known: address)] = name }
        return names
    }()

    /// Returns the name of one of Safe's official contracts, or `nil` for any other contract.
    public static func name(of address: Address) -> String? { names[address] }
}

/// The functions with which a Safe changes itself. Examples are the functions that change the owners, the modules, or
/// the code of the Safe.
public enum SafeAdministration {
    static let functions: [(function: ABIFunction, meaning: String)] = [
        ("addOwnerWithThreshold(address,uint256)", "adds an owner and sets the threshold"),
        ("removeOwner(address,address,uint256)", "removes an owner and sets the threshold"),
        ("swapOwner(address,address,address)", "puts an owner in the place of another"),
        ("changeThreshold(uint256)", "sets how many owners must sign"),
        ("enableModule(address)", "lets a contract act for the Safe without any owner's signature"),
        ("disableModule(address,address)", "takes from a contract the right to act for the Safe"),
        ("setGuard(address)", "sets the contract that can forbid transactions"),
        ("setModuleGuard(address)", "sets the contract that can forbid what modules do"),
        ("setFallbackHandler(address)", "sets the contract that answers for the Safe"),
        ("changeMasterCopy(address)", "changes the code of the Safe"),
        ("setup(address[],uint256,address,bytes,address,address,uint256,address)", "sets up the Safe anew"),
        ("execTransactionFromModule(address,uint256,bytes,uint8)", "acts as a module of the Safe"),
        ("approveHash(bytes32)", "approves a hash as an owner of itself"),
        ("migrateSingleton()", "changes the code of the Safe"),
        ("migrateWithFallbackHandler()", "changes the code of the Safe and its fallback handler"),
        ("migrateL2Singleton()", "changes the code of the Safe"),
        ("migrateL2WithFallbackHandler()", "changes the code of the Safe and its fallback handler"),
        ("signMessage(bytes)", "signs a message as the Safe"),
    ].compactMap { signature, meaning in (try? ABIFunction(signature)).map { ($0, meaning) } }

    private static let bySelector = Dictionary(functions.map { ($0.function.selector, $0) }) { first, _ in first }

    static func function(_ signature: String) -> ABIFunction? {
        functions.first { $0.function.signature == signature }?.function
    }

    /// Determines how a call changes a Safe. Returns `nil` if the call data does not begin with the selector of a
    /// function with which a Safe changes itself. Also returns `nil` if the rest of the data is not exactly the encoded
    /// arguments of that function.
    public static func reading(
        _ data: [UInt8]
    ) -> (function: ABIFunction, arguments: [ABIValue], meaning: String)? {
        guard let known = Selector(of: data.span).flatMap({ bySelector[$0] }),
            let arguments = try? known.function.decodeCall(data)
        else { return nil }
        return (known.function, arguments, known.meaning)
    }
}
