import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockJSONRPC
public import AirlockSafes
public import AirlockStrictJSON

/// The current state of a Safe on the chain.
public struct SafeState: Hashable, Sendable {
    public let version: SafeVersion
    /// The owners in the order in which the Safe lists them.
    public let owners: [Address]
    /// The number of owners who must sign a transaction.
    public let threshold: UInt64
    /// The nonce of the next transaction.
    public let nonce: UInt64
    /// The module contracts, which can act for the Safe without an owner's signature.
    public let modules: [Address]
    /// The guard contract, which can forbid transactions; `nil` if the Safe has none. `moduleGuard` is a second
    /// contract, which can forbid the actions of modules.
    public let guardContract: Address?
    public let moduleGuard: Address?

    public var json: JSONOutput {
        func address(_ address: Address?) -> JSONOutput { address.map { .string("\($0)") } ?? .null }
        return [
            "version": .string("\(version)"), "owners": .array(owners.map { .string("\($0)") }),
            "threshold": .string("\(threshold)"), "nonce": .string("\(nonce)"),
            "modules": .array(modules.map { .string("\($0)") }), "guard": address(guardContract),
            "moduleGuard": address(moduleGuard),
        ]
    }

    /// All parts of the Safe's state, each as a label and a value. Every state has the same labels in the same order,
    /// so that two states can be compared part by part.
    public var facts: [(name: String, value: String)] {
        func list(_ all: [Address]) -> String {
            all.isEmpty ? "none" : all.map(\.description).joined(separator: ", ")
        }
        return [
            ("version", "\(version)"), ("owners", list(owners)), ("threshold", "\(threshold) of \(owners.count)"),
            ("next nonce", "\(nonce)"), ("modules", list(modules)), ("guard", list([guardContract].compactMap(\.self))),
            ("module guard", list([moduleGuard].compactMap(\.self))),
        ]
    }
}

extension Nodes {
    /// Reads the state of a Safe from every node. Throws if two nodes return different states.
    public func safe(_ safe: Address, on chain: Chain) async throws(ProblemList) -> SafeState {
        let nodes = try await reachable(on: chain).nodes
        var (found, problems): ([(EthereumNode, SafeState)], [Problem]) = ([], [])
        for (node, result) in await nodes.read({ node throws(ProblemList) in
            try await SafeReader(node: node, safe: safe).state()
        }) {
            do throws(ProblemList) { found.append((node, try result.get())) } catch { problems += error.problems }
        }
        guard let (_, first) = found.first else {
            throw ProblemList(problems) ?? ProblemList(Problem(SafeChainRule.notASafe, at: "\(safe)"))
        }
        // If the answer of any node shows that the contract is not a Safe, the method throws. Other errors are ignored
        // here, because at least one node has returned the state.
        var against = problems.filter { $0.rule is SafeChainRule }
        for (node, other) in found.dropFirst() {
            for (one, two) in zip(first.facts, other.facts) where one.value != two.value {
                against.append(
                    Problem(
                        NodesRule.disagree, at: node.name, saw: "\(two.name) \(two.value)", expected: one.value))
            }
        }
        if let all = ProblemList(against) { throw all }
        return first
    }

    /// The owners who have approved a hash on the chain. An owner is included only if every node that answers confirms
    /// the approval.
    func approvals(of hash: Hash, by owners: [Address], _ safe: Address) async throws(ProblemList) -> Set<Address> {
        guard !owners.isEmpty else { return [] }
        var (approved, problems, answers): (Set<Address>, [Problem], Int) = (Set(owners), [], 0)
        for (_, result) in await read({ node throws(ProblemList) in
            try await SafeReader(node: node, safe: safe).approvals(of: hash, by: owners)
        }) {
            do throws(ProblemList) {
                approved.formIntersection(try result.get())
                answers += 1
            } catch { problems += error.problems }
        }
        if answers == 0, let all = ProblemList(problems) { throw all }
        return approved
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (EthereumNode) async throws(ProblemList) -> Value
    ) async -> [(EthereumNode, Result<Value, ProblemList>)] {
        await ask { node throws(NodeError) -> Result<Value, ProblemList> in
            do throws(ProblemList) { return .success(try await body(node)) } catch { return .failure(error) }
        }.map { node, result in
            switch result {
            case .success(let inner): (node, inner)
            case .failure(let error): (node, .failure(ProblemList(error)))
            }
        }
    }
}

/// Reads the state of a Safe from one node.
struct SafeReader {
    let node: EthereumNode
    let safe: Address

    /// The maximum number of modules that are read. A Safe has only a few modules.
    private static let mostModules = 50

    // The following constants are storage slots of the Safe contract, as GuardManager.sol, ModuleManager.sol and
    // SafeStorage.sol define them.
    private static let guardSlot = Hash.keccak(Array("guard_manager.guard.address".utf8))
    private static let moduleGuardSlot = Hash.keccak(Array("module_manager.module_guard.address".utf8))
    private static let modulesSlot = UInt256(1)
    /// The special address that marks the end of each linked list in a Safe (the sentinel).
    private static let sentinel = Address(FixedBytes { $0 == 19 ? 1 : 0 })

    func state() async throws(ProblemList) -> SafeState {
        let calls = ["VERSION()", "getOwners()", "getThreshold()", "nonce()"].map { signature in
            CallRequest(to: safe, data: Selector(signature: signature).bytes.bytes)
        }
        let answers: [Result<[UInt8], NodeError>]
        let slots: [Result<Hash, NodeError>]
        do throws(NodeError) {
            answers = try await node.askEach(calls.map { .call($0) })
            slots = try await node.askEach([Self.guardSlot, Self.moduleGuardSlot].map { .storage(of: safe, at: $0) })
        } catch { throw ProblemList(error) }
        let text = try value("VERSION", answers[0], Self.text)
        let version: SafeVersion
        do throws(Problem) { version = try SafeVersion(text) } catch {
            throw ProblemList(error.at("\(safe)"))
        }
        let owners = try value("getOwners", answers[1], Self.addresses)
        let threshold = try value("getThreshold", answers[2]) { Self.number($0) }
        let nonce = try value("nonce", answers[3]) { Self.number($0) }
        guard !owners.isEmpty, threshold > 0, threshold <= UInt64(owners.count) else {
            throw ProblemList(refusal("getThreshold", saw: "\(threshold) of \(owners.count) owners"))
        }
        do throws(NodeError) {
            let guards = try slots.map { slot throws(NodeError) in Self.address(in: try slot.get()) }
            return SafeState(
                version: version, owners: owners, threshold: threshold, nonce: nonce, modules: try await modules(),
                guardContract: guards[0].isZero ? nil : guards[0], moduleGuard: guards[1].isZero ? nil : guards[1])
        } catch { throw ProblemList(error) }
    }

    /// Reads the modules from a linked list in the Safe's storage. The list has the same layout in all versions of the
    /// Safe.
    private func modules() async throws(NodeError) -> [Address] {
        var modules: [Address] = []
        var last = Self.sentinel
        while modules.count < Self.mostModules {
            let slot = Hash.keccak(last.word.bytes + Self.modulesSlot.word.bytes)
            last = Self.address(in: try await node.ask(.storage(of: safe, at: slot)))
            if last.isZero || last == Self.sentinel || modules.contains(last) { break }
            modules.append(last)
        }
        return modules
    }

    func approvals(of hash: Hash, by owners: [Address]) async throws(ProblemList) -> Set<Address> {
        let calls = owners.map { owner in
            let data =
                Selector(signature: "approvedHashes(address,bytes32)").bytes.bytes + owner.word.bytes + hash.bytes
            return NodeQuestion.call(CallRequest(to: safe, data: data))
        }
        let answers: [Result<[UInt8], NodeError>]
        do throws(NodeError) { answers = try await node.askEach(calls) } catch { throw ProblemList(error) }
        var approved: Set<Address> = []
        for (owner, answer) in zip(owners, answers) {
            // The oldest versions of the Safe contract do not have the function `approvedHashes`, so this call reverts.
            // A revert therefore means that the owner has not approved the hash.
            if case .failure(let error) = answer, error.refusal?.rule == .reverted { continue }
            if try value("approvedHashes", answer, Self.number) != 0 { approved.insert(owner) }
        }
        return approved
    }

    // MARK: Decoding of contract results

    private func value<Value>(
        _ name: String, _ answer: Result<[UInt8], NodeError>, _ read: ([UInt8]) -> Value?
    ) throws(ProblemList) -> Value {
        switch answer {
        case .success(let bytes):
            guard let value = read(bytes) else { throw ProblemList(refusal(name, saw: Hex.encode(bytes))) }
            return value
        case .failure(let error):
            guard error.refusal?.rule == .reverted else { throw ProblemList(error) }
            throw ProblemList(refusal(name, saw: "a revert"))
        }
    }

    private func refusal(_ name: String, saw: String) -> Problem {
        Problem(SafeChainRule.notASafe, at: "\(safe)", saw: saw, detail: "\(name) by \(node.name)")
    }

    private static func number(_ bytes: [UInt8]) -> UInt64? {
        FixedBytes<32>(bytes).flatMap { UInt64(exactly: UInt256($0)) }
    }

    private static func address(in word: Hash) -> Address { Address(lowBytesOf: word) }

    private static func text(_ bytes: [UInt8]) -> String? {
        guard let values = try? ABIParameters("(string)").decode(bytes), case .string(let text)? = values.first else {
            return nil
        }
        return text
    }

    private static func addresses(_ bytes: [UInt8]) -> [Address]? {
        guard let values = try? ABIParameters("(address[])").decode(bytes), case .array(let all)? = values.first else {
            return nil
        }
        let addresses = all.compactMap { if case .address(let address) = $0 { address } else { nil } }
        return Set(addresses).count == all.count ? addresses : nil
    }
}

/// The problems that are found when a Safe transaction is compared with the Safe's state on the chain.
public enum SafeChainRule: String, Rule {
    case notASafe = "safe-chain.not-a-safe"
    case otherVersion = "safe-chain.other-version"
    case otherThreshold = "safe-chain.other-threshold"
    case notOwner = "safe-chain.not-an-owner"
    case nonceUsed = "safe-chain.nonce-used"
    case nonceAhead = "safe-chain.nonce-not-next"
    case belowThreshold = "safe-chain.below-threshold"
    case wouldRevert = "safe-chain.would-revert"
    case innerFails = "safe-chain.call-would-fail"

    public var meaning: String {
        switch self {
        case .notASafe: "the contract does not answer like a Safe"
        case .otherVersion: "the hash is not for the version that the Safe has on the chain"
        case .otherThreshold: "the threshold of the transaction service differs from the Safe's on the chain"
        case .notOwner: "the signer is not an owner of the Safe on the chain"
        case .nonceUsed: "the Safe has used this nonce on the chain"
        case .nonceAhead: "the Safe has to execute other transactions before this one"
        case .belowThreshold: "too few owners have signed"
        case .wouldRevert: "the Safe would reject the transaction"
        case .innerFails: "the Safe's inner call would fail, and still use up the Safe's nonce"
        }
    }
}

extension Nodes {
    /// Gets a proof of a Safe's state from the first node that supports `eth_getProof`. The proof is verified here in
    /// the same way as on the offline machine.
    ///
    /// - Parameters:
    ///   - safe: the Safe.
    ///   - chain: the Safe's chain.
    ///   - state: the Safe's state, which determines the storage slots to prove.
    public func safeProof(
        of safe: Address, _ state: SafeState, on chain: Chain
    ) async throws(ProblemList) -> (bytes: [UInt8], proof: SafeProof) {
        let nodes = try await reachable(on: chain).nodes
        var problems: [Problem] = []
        for node in nodes.all {
            do throws(ProblemList) {
                let bytes = try await Self.proof(of: safe, state, on: chain, by: node)
                do throws(ProblemList) { return (bytes, try SafeProof(bytes)) } catch {
                    throw ProblemList(error.problems.map { $0.at("\($0.field ?? "") of eth_getProof by \(node.name)") })
                        ?? error
                }
            } catch { problems += error.problems }
        }
        throw ProblemList(problems) ?? ProblemList(Problem(NodesRule.noNode))
    }

    private static func proof(
        of safe: Address, _ state: SafeState, on chain: Chain, by node: EthereumNode
    ) async throws(ProblemList) -> [UInt8] {
        do throws(NodeError) {
            let header = try await node.ask(.header(of: .latest))
            let slots = SafeProof.slots(owners: state.owners, modules: state.modules)
            let proof = try await node.ask(.proof(of: safe, slots, at: .number(header.number)))
            let file = SafeProof.json(
                chain: chain, safe: safe, header: header.bytes, account: proof.account,
                storage: zip(slots, proof.storage).map { ($0, $1) })
            return Array((file.text + "\n").utf8)
        } catch { throw ProblemList(error) }
    }
}
