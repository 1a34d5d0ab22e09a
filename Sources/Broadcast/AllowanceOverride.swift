import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockKeccak

/// Pretends that a token's allowance is another one, so that what comes after an approval can be simulated before it.
///
/// Where a token keeps its allowances is not known, but there are only so many places: a mapping of mappings in one of
/// the first storage slots, hashed in Solidity's order or in Vyper's, or in OpenZeppelin's namespace (ERC-7201). All of
/// them are written at once, which can harm nothing, since no two things hash to one place; whether the token then says
/// the pretended allowance shows whether one of them was right.
struct AllowanceOverride {
    let token: Address
    let owner: Address
    let spender: Address

    /// The state of a chain where the allowance is `allowance`, or `nil` when the node cannot pretend it, or the token does not say it then.
    func pretending(_ allowance: UInt256, on node: EthereumNode) async -> [Address: StateOverride]? {
        let words = places.map { ($0, Hash(allowance.word.inline)) }
        let pretended = [token: StateOverride(storage: Dictionary(words) { first, _ in first })]
        let said = await TokenReader(node: node, token: token).allowance(of: owner, for: spender, pretending: pretended)
        return said == allowance ? pretended : nil
    }

    static let slots: UInt64 = 32
    /// keccak256(keccak256("openzeppelin.storage.ERC20") - 1), without its last byte; the allowances are second in it.
    static let openZeppelin = UInt256(Hash.namespace("openzeppelin.storage.ERC20")).adding(1) ?? .zero

    var places: [Hash] {
        let bases = (0..<Self.slots).map { UInt256($0) } + [Self.openZeppelin]
        let (owner, spender) = (owner.word, spender.word)
        return bases.flatMap { base in
            let slot = base.word
            return [
                Self.hash(spender, Self.hash(owner, slot)),
                Self.hash(Self.hash(slot, owner), spender),
            ]
        }
    }

    private static func hash(_ first: Hash, _ second: Hash) -> Hash {
        .keccak(first.bytes + second.bytes)
    }
}

extension FixedBytes<32> {
    /// ERC-7201: where the storage of a namespace begins.
    fileprivate static func namespace(_ name: String) -> Hash {
        let previous = UInt256(Hash.keccak(Array(name.utf8))).subtracting(1) ?? .zero
        let hash = Hash.keccak(previous.word.bytes)
        return Hash { $0 < 31 ? hash[$0] : 0 }
    }
}
