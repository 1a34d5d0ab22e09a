import AirlockABI
import AirlockDiagnostics
import AirlockEthereumTypes

extension Renderer {
    /// Formats a value as the field's format requires.
    mutating func value(_ place: PathValue, _ format: FieldFormat, _ scope: Scope) throws(Problem) -> Description.Value
    {
        switch format {
        case .raw: .text(try Self.needed(place.value.text, place, "a single value"))
        case .amount:
            .text(try native(try Self.needed(place.value.number, place, "an integer"), on: chain(nil, place, scope)))
        case .tokenAmount(let token, let native, let threshold, let message, let chain):
            .text(try tokenAmount(place, token, native, threshold, message, chain, scope))
        case .tokenTicker(let chain): .text(try ticker(place, chain, scope))
        case .nftName(let collection): .text(try nftName(place, collection, scope))
        case .addressName(let senders): .text(try addressName(place, senders, scope))
        case .date(let isBlockHeight): .text(try date(place, isBlockHeight, scope))
        case .duration: .text(try duration(place))
        case .unit(let base, let decimals): .text(try number(place, decimals, unit: base))
        case .enumeration(let texts): .text(try enumValue(place, texts))
        case .chainID:
            .text(
                try Self.needed(
                    place.value.unsigned.map { names.chain($0) ?? $0.description }, place, "a chain id"))
        case .calldata(let callee, let selector, let amount, let spender, let chain):
            try nested(place, callee, selector, amount, spender, chain, scope)
        }
    }

    private static func needed<Value>(_ value: Value?, _ place: PathValue, _ expected: String) throws(Problem) -> Value
    {
        guard let value else {
            throw Problem(DescriptorRule.wrongType, saw: place.value.text ?? "several values", expected: expected)
        }
        return value
    }

    private mutating func number(_ place: PathValue, _ decimals: Int, unit: String) throws(Problem) -> String {
        let number = Self.decimal(try Self.needed(place.value.number, place, "an integer"), decimals)
        let word = unit.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if !["", "%", "bps", "s", "min", "h", "d"].contains(word) { warn(.ownUnit(word)) }
        return number + unit
    }

    private static func decimal(_ number: (isNegative: Bool, magnitude: UInt256), _ decimals: Int) -> String {
        (number.isNegative ? "-" : "") + Amount.format(number.magnitude, decimals: decimals)
    }

    private func address(_ source: DisplayField.Source, _ place: PathValue, _ scope: Scope) throws(Problem) -> Address {
        let value = try parameter(source, place, scope)
        return try Self.needed(value.address, PathValue(value: value, positions: []), "an address")
    }

    /// Returns the chain to which a value belongs. If the field has a parameter for the chain, returns the parameter's
    /// value. If not, returns the chain of the call or message.
    private func chain(_ source: DisplayField.Source?, _ place: PathValue, _ scope: Scope) throws(Problem) -> UInt256 {
        let value = try source.map { source throws(Problem) in try parameter(source, place, scope) }
        let chain = value == nil ? scope.container.chain : value?.unsigned
        return try Self.needed(chain, place, "a chain id")
    }

    /// Warns if the descriptor itself names the token, and it is not the called contract.
    private mutating func warnOfOwn(token source: DisplayField.Source, _ address: Address, _ scope: Scope) {
        if case .constant = source, address != scope.container.to { warn(.ownToken(address)) }
    }

    /// Warns if the descriptor itself names the chain of a token, and it is not the chain of the call or message.
    private mutating func warnOfOwn(chain source: DisplayField.Source?, _ chain: UInt256, _ scope: Scope) {
        if case .constant? = source, chain != scope.container.chain { warn(.ownChain(chain)) }
    }

    // MARK: Amounts

    private mutating func native(
        _ number: (isNegative: Bool, magnitude: UInt256), on chain: UInt256
    ) throws(Problem) -> String {
        guard let currency = names.native(on: chain) else {
            warn(.unknownCurrency(chain: chain))
            return Self.decimal(number, 0)
        }
        return "\(Self.decimal(number, currency.decimals)) \(currency.symbol)"
    }

    private mutating func tokenAmount(
        _ place: PathValue, _ token: DisplayField.Source?, _ natives: [String], _ threshold: UInt256?,
        _ message: String,
        _ chainSource: DisplayField.Source?, _ scope: Scope
    ) throws(Problem) -> String {
        let number = try Self.needed(place.value.number, place, "an integer")
        guard let token else {
            warn(.noToken)
            return Self.decimal(number, 0)
        }
        let address = try address(token, place, scope)
        let chain = try chain(chainSource, place, scope)
        warnOfOwn(token: token, address, scope)
        warnOfOwn(chain: chainSource, chain, scope)
        var known = names.token(address, on: chain)
        if known == nil, natives.contains(where: { (try? Address(anyCase: $0)) == address }) {
            known = names.native(on: chain)
            if known == nil { warn(.unknownCurrency(chain: chain)) }
        } else if known == nil {
            warn(.unknownToken(address))
        }
        guard let known else { return Self.decimal(number, 0) }
        if let threshold, !number.isNegative, number.magnitude >= threshold {
            warn(.shownAsText(amount: number.magnitude, message))
            return "\(message) \(known.symbol)"
        }
        return "\(Self.decimal(number, known.decimals)) \(known.symbol)"
    }

    private mutating func ticker(
        _ place: PathValue, _ chainSource: DisplayField.Source?, _ scope: Scope
    ) throws(Problem) -> String {
        let address = try Self.needed(place.value.address, place, "an address")
        let chain = try chain(chainSource, place, scope)
        warnOfOwn(chain: chainSource, chain, scope)
        if let token = names.token(address, on: chain) { return token.symbol }
        warn(.unknownToken(address))
        return address.description
    }

    // MARK: Names

    private mutating func nftName(
        _ place: PathValue, _ collection: DisplayField.Source, _ scope: Scope
    ) throws(Problem) -> String {
        let number = try Self.needed(place.value.unsigned, place, "a token's number")
        let address = try address(collection, place, scope)
        warnOfOwn(token: collection, address, scope)
        let name = names.collection(address, on: try chain(nil, place, scope))
        return name.map { "\($0) #\(number)" } ?? "\(number)"
    }

    private mutating func addressName(_ place: PathValue, _ senders: [String], _ scope: Scope) throws(Problem) -> String
    {
        let address = try Self.needed(place.value.address, place, "an address")
        if senders.contains(where: { (try? Address(anyCase: $0)) == address }) {
            warn(.shownAsSender(address))
            return "Sender"
        }
        return scope.container.chain.flatMap { names.name(of: address, on: $0) } ?? address.description
    }

    private mutating func enumValue(_ place: PathValue, _ texts: [String: String]) throws(Problem) -> String {
        if case .leaf(.bool(let flag)) = place.value {
            let keys = flag ? ["true", "True", "1"] : ["false", "False", "0"]
            if let key = keys.first(where: { texts[$0] != nil }), let text = texts[key] { return text }
        }
        let number = place.value.number.map { Self.decimal($0, 0) }
        let key = try Self.needed(number ?? place.value.text, place, "a single value")
        if let text = texts[key] { return text }
        warn(.unknownEnumValue(key))
        return key
    }

    // MARK: Times

    private mutating func date(_ place: PathValue, _ isBlockHeight: Bool, _ scope: Scope) throws(Problem) -> String {
        let number = try Self.needed(place.value.unsigned, place, "a time")
        var time = UInt64(exactly: number).map { Timestamp(seconds: $0) }
        if isBlockHeight {
            time = names.time(ofBlock: number, on: try chain(nil, place, scope))
            guard time != nil else {
                warn(.unknownBlockTime(number))
                return "block \(number)"
            }
        }
        guard let time, time <= .last else { return "\(number) seconds since 1970" }
        // Write a space instead of the letter T between the date and the time, as the tests of the descriptor registry
        // do. RFC 3339, section 5.6, allows this.
        return time.description.split(separator: "T").joined(separator: " ")
    }

    /// Formats a duration as hours, minutes and seconds. There can be more than 24 hours.
    private func duration(_ place: PathValue) throws(Problem) -> String {
        let number = try Self.needed(place.value.unsigned, place, "a number of seconds")
        guard let hours = number.quotientAndRemainder(dividingBy: 3600), let rest = Int(exactly: hours.remainder) else {
            return "\(number)"
        }
        func two(_ number: String) -> String { number.utf8.count < 2 ? "0\(number)" : number }
        return "\(two("\(hours.quotient)")):\(two("\(rest / 60)")):\(two("\(rest % 60)"))"
    }

    // MARK: Nested calls

    private mutating func nested(
        _ place: PathValue, _ callee: DisplayField.Source, _ selector: DisplayField.Source?,
        _ amount: DisplayField.Source?, _ spender: DisplayField.Source?, _ chainSource: DisplayField.Source?,
        _ scope: Scope
    ) throws(Problem) -> Description.Value {
        let bytes = try Self.needed(place.value.bytes, place, "call data")
        let target = try address(callee, place, scope)
        let first = try selector.map { source throws(Problem) in
            let value = try parameter(source, place, scope)
            let bytes = try Self.needed(value.bytes, PathValue(value: value, positions: []), "a selector of 4 bytes")
            guard bytes.count == 4 else { throw Problem(DescriptorRule.wrongType, expected: "a selector of 4 bytes") }
            return bytes
        }
        let value = try amount.map { source throws(Problem) in
            let value = try parameter(source, place, scope)
            return try Self.needed(value.unsigned, PathValue(value: value, positions: []), "an amount")
        }
        let sender = try spender.map { source throws(Problem) in try address(source, place, scope) }
        let call = ContractCall(
            chain: try chain(chainSource, place, scope), from: sender ?? scope.container.from, to: target,
            value: value ?? .zero, data: (first ?? []) + bytes)
        if let description = try describe(call, depth: scope.container.depth + 1) { return .nested(description) }
        if !bytes.isEmpty { warn(.noDescriptor(for: target)) }
        return .text(Hex.encode(bytes))
    }
}
