import AirlockEthereumTypes
public import AirlockFiles
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
public import AirlockDiagnostics
import AirlockStrictJSON
import AirlockTokens

extension Policy {
    /// Reads a policy file. Throws if other users can write to the file, because they could change the policy.
    public init(_ file: InputFile) throws(ProblemList) {
        do throws(Problem) {
            guard file.path == "-" || !file.facts.isWritableByOthers else {
                throw Problem(PolicyRule.writableByOthers, at: file.path)
            }
            do throws(Problem) { try FileKind.require(.policy, of: file.bytes, in: file.path) } catch {
                throw Problem(PolicyRule.malformed, because: error, at: error.field ?? file.path).inFile(file.path)
            }
        } catch { throw ProblemList(error) }
        do throws(ProblemList) { try self.init(file.bytes, origin: file.path) } catch {
            throw ProblemList(error.problems.map { $0.inFile(file.path) }) ?? error
        }
    }

    /// Reads a policy from bytes. Any problem in its content is reported with an error code about policies.
    public init(_ bytes: [UInt8], origin: String) throws(ProblemList) {
        let content: Content
        do { content = try AirlockFile.read(bytes, Self.read) } catch {
            let problems = error.problems.map { problem in
                problem.rule is PolicyRule
                    ? problem : Problem(PolicyRule.malformed, because: problem, at: problem.field ?? origin)
            }
            throw ProblemList(problems) ?? error
        }
        self.chains = content.chains
        self.maxConditionsAge = content.maxConditionsAge
        self.allowsTexts = content.allowsTexts
        self.descriptors = content.descriptors
        self.attesters = content.attesters
        self.hash = .keccak(bytes)
        self.origin = origin
    }

    /// The content of a policy file.
    private struct Content {
        let chains: [Chain: ChainRules]
        let maxConditionsAge: UInt64?
        let allowsTexts: Bool
        let descriptors: Set<Hash>
        let attesters: [Address: String]
    }

    private static func read(_ reader: inout ObjectReader) -> Content? {
        AirlockFile.readHead(&reader, kind: "policy")
        let chains = dictionary(&reader, reader.value("chains"), key: { try Chain(decimal: $0) }) {
            reader, name, value in
            let chain = try? Chain(decimal: name)
            return reader.nested(value) { readChain(&$0, on: chain) }
        }
        let age = reader.optionalString("maxConditionsAge", Quantity.uint64)
        let allowsTexts = reader.optionalBoolean("text") ?? false
        let descriptors = reader.optionalStrings("descriptors") { try Hash(hex: $0) } ?? []
        let attesters = labels(&reader, "attesters") ?? [:]
        return chains.map {
            Content(
                chains: $0, maxConditionsAge: age, allowsTexts: allowsTexts, descriptors: Set(descriptors),
                attesters: attesters)
        }
    }

    /// Reads the rules for a chain. `chain` is `nil` if the name of the member is not a chain.
    private static func readChain(_ reader: inout ObjectReader, on chain: Chain?) -> ChainRules? {
        let kinds = RequestKinds.policyLists()
        reader.refuseNull(
            ["messages"] + kinds.filter(\.isLabelled).map(\.name) + RequestKinds.policySections().map(\.name))
        var lists = Self.lists(&reader, kinds.filter { !$0.isLabelled })
        let recipients = labels(&reader, "recipients")
        let currencies = dictionary(&reader, reader.optionalValue("currencies"), key: currency) { reader, name, value in
            let address = try? currency(name)
            let known = address.flatMap { address in chain.flatMap { KnownTokens.decimals(of: address, on: $0) } }
            return reader.nested(value) { readCurrency(&$0, knownDecimals: known) }
        }
        let maxNativeValue = reader.optionalString("maxNativeValue") { try UInt256(decimal: $0) }
        let maxNetworkFee = reader.optionalString("maxNetworkFee") { try UInt256(decimal: $0) }
        let maxNativePerToken = reader.optionalString("maxNativePerToken") { try UInt256(decimal: $0) }
        let wrappedNative = reader.optionalString("wrappedNative") { try Address($0) }
        let messages = reader.optionalObjects("messages", readMessages)
        lists.merge(Self.lists(&reader, kinds.filter(\.isLabelled))) { first, _ in first }
        let sections = Self.sections(&reader)
        reader.refuseUnknown()
        return ChainRules(
            lists: lists, sections: sections, recipients: recipients, currencies: currencies ?? [:],
            maxNativeValue: maxNativeValue, maxNetworkFee: maxNetworkFee, maxNativePerToken: maxNativePerToken,
            wrappedNative: wrappedNative, messages: messages)
    }

    private static func readMessages(_ reader: inout ObjectReader) -> MessagePin? {
        let separator = reader.string("domainSeparator") { try Hash(hex: $0) }
        let types = reader.strings("types") { text throws(Problem) in
            guard MessagePin.isType(text) else {
                throw Problem(
                    PolicyRule.messageType, saw: text, expected: "a type's name, or the whole type as it is hashed")
            }
            return text
        }
        if let types, types.isEmpty {
            reader.record([
                Problem(
                    JSONRule.wrongType, at: reader.pointer(to: "types"), saw: "[]", expected: "one type or more")
            ])
        }
        let name = reader.string("name")
        reader.refuseUnknown()
        guard let separator, let types, let name else { return nil }
        return MessagePin(domainSeparator: separator, types: Set(types), name: name)
    }

    /// Reads the address lists that the kinds of request use. If a required list is missing in the policy, an empty
    /// list is used in its place, so that no address is allowed.
    private static func lists(_ reader: inout ObjectReader, _ lists: [PolicyList]) -> [String: [Address: String]] {
        var read: [String: [Address: String]] = [:]
        for list in lists {
            if list.isLabelled {
                read[list.name] = labels(&reader, list.name)
            } else {
                let addresses = reader.optionalStrings(list.name) { try Address($0) }
                read[list.name] = (addresses ?? (list.isRequired ? [] : nil)).map { addresses in
                    Dictionary(addresses.map { ($0, "") }) { first, _ in first }
                }
            }
        }
        return read
    }

    /// Reads the sections of a policy. A section contains the rules for one kind of request, and this kind supplies the
    /// code that reads the section.
    private static func sections(_ reader: inout ObjectReader) -> [String: any KindRules] {
        var read: [String: any KindRules] = [:]
        for section in RequestKinds.policySections() {
            guard let value = reader.optionalValue(section.name) else { continue }
            var problems: [Problem] = []
            read[section.name] = section.read(value, &problems)
            reader.record(problems)
        }
        return read
    }

    private static func labels(_ reader: inout ObjectReader, _ name: String) -> [Address: String]? {
        dictionary(&reader, reader.optionalValue(name), key: { try Address($0) }) { reader, _, value in
            label(&reader, value)
        }
    }

    /// Reads the rules for a currency, and compares its decimals with the known ones. Without this comparison, an amount
    /// with wrong decimals would look small enough for every cap if the conditions do not contain the token.
    ///
    /// - Parameter known: the decimals of the currency, or `nil` if Airlock does not know them.
    private static func readCurrency(_ reader: inout ObjectReader, knownDecimals known: Int?) -> Currency? {
        let symbol = reader.string("symbol")
        let decimals = reader.string("decimals", Quantity.decimals).map { Int($0) }
        if let decimals, let known, decimals != known {
            reader.record([
                Problem(
                    PolicyRule.otherDecimals, at: reader.pointer(to: "decimals"), saw: "\(decimals)",
                    expected: "\(known)")
            ])
        }
        func cap(_ name: String) -> UInt256? {
            // A cap is written in whole units of the currency. Without the currency's decimals it cannot be converted
            // to the smallest unit.
            let read = reader.optionalString(name) { text in try decimals.map { try Amount.parse(text, decimals: $0) } }
            return read.flatMap(\.self)
        }
        let perPayment = cap("perPayment")
        let perDay = cap("perDay")
        let domainSeparator = reader.optionalString("domainSeparator") { try Hash(hex: $0) }
        reader.refuseUnknown()
        guard let symbol, let decimals else { return nil }
        return Currency(
            symbol: symbol, decimals: decimals, perPayment: perPayment, perDay: perDay,
            domainSeparator: domainSeparator)
    }

    private static func label(_ reader: inout ObjectReader, _ value: JSONValue) -> String? {
        guard let label = value.string else {
            reader.record([
                Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "a label, as a string")
            ])
            return nil
        }
        return label
    }

    /// Reads a currency. The text `0x0` is a short form for the native currency.
    private static func currency(_ text: String) throws(ValueError) -> Address {
        text == "0x0" ? .zero : try Address(text)
    }

    private static func dictionary<Key: Hashable, Value>(
        _ reader: inout ObjectReader, _ object: JSONValue?, key: (String) throws -> Key,
        value: (inout ObjectReader, _ name: String, JSONValue) -> Value?
    ) -> [Key: Value]? {
        reader.keyed(object, repeated: PolicyRule.repeatedAddress, key: key, value: value)
    }
}
