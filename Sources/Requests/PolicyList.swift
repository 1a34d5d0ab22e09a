public import AirlockEthereumTypes

/// A list of addresses that a policy has for the sake of one kind of request.
public struct PolicyList: Sendable {
    /// The member of the policy's rules for a chain, such as `requesters`.
    public let name: String
    /// Has each address a name of the owner's beside it?
    public let isLabelled: Bool
    /// Does a policy without the list refuse every request of the kind?
    public let isRequired: Bool
    /// The address that the list must hold on a chain as far as it is known without a policy.
    public let known: @Sendable (Chain) -> Address?
    /// What the owner has to fill in, where no address is known.
    public let toFillIn: @Sendable (Chain) -> String
    /// What the list allows on a chain, in a sentence; the names are its addresses with their labels, in a fixed order.
    public let sentence: @Sendable (_ names: [String], _ chain: Chain) -> String

    public init(
        _ name: String, isLabelled: Bool = false, isRequired: Bool,
        known: @escaping @Sendable (Chain) -> Address? = { _ in nil },
        toFillIn: @escaping @Sendable (Chain) -> String,
        sentence: @escaping @Sendable (_ names: [String], _ chain: Chain) -> String
    ) {
        self.name = name
        self.isLabelled = isLabelled
        self.isRequired = isRequired
        self.known = known
        self.toFillIn = toFillIn
        self.sentence = sentence
    }
}
