import AirlockABI
import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockRequests
import AirlockStrictJSON

/// The rules of a policy for the Safes on one chain. They are the content of the policy's member `safes`.
public struct SafeRules: KindRules {
    /// The rules for one Safe.
    public struct Safe: Sendable {
        public let name: String
        public let version: SafeVersion
        /// The owners of the Safe, each with a name.
        public let owners: [Address: String]
        /// The number of owners who must sign each transaction of the Safe.
        public let threshold: UInt64
        /// The contracts to which the policy allows delegate calls. Only their function `multiSend` is allowed.
        public let delegateCalls: [Address]
        /// The signatures of the functions with which the policy allows the Safe to change itself.
        public let administration: Set<String>
        /// The Safe's next nonce at the time when the policy was written. `nil` if the policy does not contain this
        /// nonce.
        public let firstNonce: UInt64?

        /// The contract through which the Safe makes several calls at once. This is Safe's official batch contract for
        /// the Safe's version if `delegateCalls` contains it. If not, this is the first contract in `delegateCalls`.
        public var multiSend: Address? {
            let ofVersion = SafeDeployment.multiSendCallOnly.first {
                $0.version == version.description && delegateCalls.contains($0.address)
            }
            return ofVersion?.address ?? delegateCalls.first
        }

        /// Returns an owner as text: first the name in the policy, and then the address.
        public func named(_ owner: Address) -> String {
            let name = owners[owner].map { escaped($0, limit: 40) } ?? ""
            return name.isEmpty ? "\(owner)" : "\(name) (\(owner))"
        }
    }

    public let safes: [Address: Safe]

    public func label(of address: Address) -> String? {
        if let name = safes[address]?.name { return name }
        for (_, safe) in safes.sorted(by: { $0.key.description < $1.key.description }) {
            if let name = safe.owners[address], !name.isEmpty { return name }
        }
        return nil
    }

    // MARK: Reading

    public static let section = PolicySection(
        "safes", start: [:],
        toFillIn: "safes: each Safe with name, version, owners, threshold, and its MultiSendCallOnly as delegateCalls"
    ) { value, problems in
        var reader = ObjectReader(value)
        let safes = reader.keyed(value, repeated: SafePolicyRule.repeated, key: { try Address($0) }) {
            reader, _, value in
            reader.nested(value, readSafe)
        }
        problems += reader.problems
        return safes.map(SafeRules.init)
    }

    private static func readSafe(_ reader: inout ObjectReader) -> Safe? {
        let name = reader.string("name")
        let version = reader.string("version") { try SafeVersion($0) }
        let owners = reader.value("owners").flatMap { value in
            reader.keyed(value, repeated: SafePolicyRule.repeated, key: { try Address($0) }) { reader, _, value in
                guard let name = value.string else {
                    reader.record([
                        Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "a name, as a string")
                    ])
                    return String?.none
                }
                return name
            }
        }
        let threshold = reader.string("threshold", Quantity.uint64)
        let delegateCalls = reader.optionalStrings("delegateCalls") { try Address($0) }
        let administration = reader.optionalStrings("administration") { text throws(Problem) in
            guard SafeAdministration.function(text) != nil else {
                let known = SafeAdministration.functions.map(\.function.signature).joined(separator: ", ")
                throw Problem(SafePolicyRule.administration, saw: text, expected: "one of \(known)")
            }
            return text
        }
        let firstNonce = reader.optionalString("firstNonce", Quantity.uint64)
        reader.refuseUnknown()
        guard let name, let version, let owners, let threshold else { return nil }
        guard threshold >= 1, threshold <= UInt64(owners.count) else {
            reader.record([
                Problem(
                    SafePolicyRule.owners, at: reader.pointer(to: "threshold"),
                    saw: "\(threshold) of \(owners.count) owners")
            ])
            return nil
        }
        return Safe(
            name: name, version: version, owners: owners, threshold: threshold, delegateCalls: delegateCalls ?? [],
            administration: Set(administration ?? []), firstNonce: firstNonce.flatMap(\.self))
    }

    // MARK: Sentences

    public func sentences(_ words: PolicyFormatter) -> [String] {
        let chain = words.chain
        if safes.isEmpty { return ["On \(chain) no Safe transaction may be signed."] }
        return safes.sorted { $0.key.description < $1.key.description }.flatMap { address, safe in
            let name = "\(escaped(safe.name, limit: 40)) (\(address))"
            let owners = safe.owners.keys.map(safe.named).sorted().joined(separator: ", ")
            let first = safe.firstNonce.map { ", from nonce \($0) on" } ?? ""
            var sentences = [
                "On \(chain) transactions of the Safe \(name), version \(safe.version), may be signed\(first): "
                    + "\(safe.threshold) of \(safe.owners.count) owners must sign, \(owners)."
            ]
            let batches = safe.delegateCalls.map { contract in
                SafeDeployment.name(of: contract).map { "\($0) (\(contract))" } ?? "\(contract)"
            }
            sentences.append(
                batches.isEmpty
                    ? "The Safe \(name) may make one call in a transaction."
                    : "The Safe \(name) may make several calls in a transaction, by \(batches.joined(separator: " or "))."
            )
            let changes = safe.administration.sorted()
            sentences.append(
                changes.isEmpty
                    ? "The Safe \(name) may not change itself."
                    : "The Safe \(name) may change itself by \(changes.joined(separator: ", ")), with any arguments.")
            return sentences
        }
    }
}
