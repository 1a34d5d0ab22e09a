public import AirlockABI
import AirlockEthereumTypes

/// The functions by which a Safe changes itself: who owns it, who may act for it, and what code it runs.
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

    /// What call data do to a Safe that is called with them; `nil` where no function of a Safe's administration is called
    /// with exactly its arguments.
    public static func reading(
        _ data: [UInt8]
    ) -> (function: ABIFunction, arguments: [ABIValue], meaning: String)? {
        guard let known = Selector(of: data.span).flatMap({ bySelector[$0] }),
            let arguments = try? known.function.decodeCall(data)
        else { return nil }
        return (known.function, arguments, known.meaning)
    }
}
