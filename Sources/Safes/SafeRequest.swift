import AirlockABI
public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockStateProofs
public import AirlockStrictJSON
import AirlockTypedData

/// A Safe transaction as it was read from a file or another source. It is well-formed, but nothing in it is verified
/// yet. Values that the source does not contain, such as the Safe's version, are still unknown.
public struct SafeRequest: Sendable {
    /// The kind of file, or other source, from which a Safe transaction was read.
    public enum Source: Sendable {
        /// The response of Safe's transaction service for one transaction.
        case service
        /// A file with a Safe transaction, in Airlock's own format.
        case file
        /// Typed data (EIP-712), in the JSON format that wallets sign.
        case typedData
        /// A batch file of Safe's Transaction Builder.
        case batch
        /// No file. Airlock itself made this transaction, with which one Safe approves the transaction of another Safe.
        case approval
    }

    public enum Content: Sendable {
        case transaction(SafeTransaction)
        /// The calls of a batch file, before they are encoded as one Safe transaction. For each call, `dataPlace` is
        /// the JSON pointer of the call data.
        case calls([(call: SafeCall, dataPlace: String)])
    }

    public let source: Source
    public let content: Content
    /// The chain of the Safe. `nil` if the source does not name the chain.
    public let chain: Chain?
    /// The address of the Safe. `nil` if the source does not contain the address.
    public let safe: Address?
    /// The hash of the transaction, as stated in the source.
    public let statedHash: Hash?
    public let confirmations: [Confirmation]
    /// The number of required confirmations, as stated in the source.
    public let statedThreshold: UInt64?
    /// Two properties of typed data: whether the domain contains the chain ID, and whether the field `baseGas` has its
    /// old name `dataGas`. They show which versions of the Safe are possible. `nil` if the source is not typed data.
    let typed: (namesChain: Bool, hasDataGas: Bool)?
    /// Warnings about the content of the source. An example is the report of the transaction service that the
    /// transaction was already executed.
    public let warnings: [String]
    /// The problem that the checksum of the batch is wrong. `nil` if the checksum is right, or if there is no checksum.
    let wrongChecksum: Problem?

    init(
        _ source: Source, _ content: Content, chain: Chain? = nil, safe: Address? = nil, statedHash: Hash? = nil,
        confirmations: [Confirmation] = [], statedThreshold: UInt64? = nil,
        typed: (namesChain: Bool, hasDataGas: Bool)? = nil, warnings: [String] = [], wrongChecksum: Problem? = nil
    ) {
        self.source = source
        self.content = content
        self.chain = chain
        self.safe = safe
        self.statedHash = statedHash
        self.confirmations = confirmations
        self.statedThreshold = statedThreshold
        self.typed = typed
        self.warnings = warnings
        self.wrongChecksum = wrongChecksum
    }

    /// The value of the member `kind` in a file with a Safe transaction.
    public static let kind = "safe"

    /// The error codes for Safe transactions, for the policy's rules about Safes, and for proofs of a Safe's state.
    public static let rules: [any Rule.Type] = [
        SafeRule.self, SafePolicyRule.self, SafeProofRule.self, StateProofRule.self,
    ]

    /// Whether a JSON file looks like a Safe transaction, or like a page of the transaction service's list of
    /// transactions. Such a file can still be malformed.
    public static func recognises(_ root: JSONValue) -> Bool { source(of: root) != nil || isPage(root) }

    private static func source(of root: JSONValue) -> Source? {
        if root["kind"]?.string == kind, root["airlock"] != nil || root["safe"] != nil && root["results"] == nil {
            return .file
        }
        guard root["airlock"] == nil else { return nil }
        if root["primaryType"]?.string == "SafeTx", root["types"] != nil { return .typedData }
        if root["safe"] != nil, root["operation"] != nil || root["safeTxHash"] != nil { return .service }
        if root["transactions"]?.elements != nil, root["meta"] != nil || root["version"] != nil { return .batch }
        return nil
    }

    /// Whether a JSON value is a page of the transaction service's list of transactions.
    private static func isPage(_ root: JSONValue) -> Bool {
        root["airlock"] == nil && root["results"]?.elements != nil && root["count"] != nil
    }

    /// Reads a Safe transaction from a file. Throws the problems of the file.
    public init(_ bytes: [UInt8]) throws(ProblemList) {
        let root: JSONValue
        do throws(JSONError) { root = try JSONDocument(bytes).root } catch {
            throw ProblemList(error.problems[0])
        }
        if Self.isPage(root) {
            let count = root["results"]?.elements?.count ?? 0
            throw ProblemList(
                Problem(
                    SafeRule.page, at: "/results", saw: count == 1 ? "1 transaction" : "\(count) transactions",
                    expected: "the answer for one transaction"))
        }
        switch Self.source(of: root) {
        case .typedData: self = try Self.typedData(root)
        case .batch: self = try TransactionBatch.read(root)
        case .service: self = try Self.object(root) { Self.readService(&$0) }
        case .file, .approval, nil: self = try AirlockFile.read(root) { Self.readFile(&$0) }
        }
    }

    /// Reads a JSON object. The function `body` reads the members that Airlock uses. All other members are ignored,
    /// because the transaction service adds many members that only describe the transaction.
    private static func object(
        _ root: JSONValue, _ body: (inout ObjectReader) -> SafeRequest?
    ) throws(ProblemList) -> SafeRequest {
        var reader = ObjectReader(root)
        let read = body(&reader)
        guard let read, reader.problems.isEmpty else {
            throw ProblemList(reader.problems) ?? ProblemList(Problem(JSONRule.wrongType, at: root.pointer))
        }
        return read
    }

    // MARK: The service's responses, and files of Airlock

    private static func readService(_ reader: inout ObjectReader) -> SafeRequest? {
        let safe = reader.string("safe") { try Address($0) }
        let transaction = readTransaction(&reader)
        let hash = reader.optionalString("safeTxHash") { try Hash(hex: $0) }
        let second = reader.optionalString("contractTransactionHash") { try Hash(hex: $0) }
        if let hash, let second, hash != second {
            reader.record([
                Problem(
                    SafeRule.otherHash, at: reader.pointer(to: "contractTransactionHash"), saw: "\(second)",
                    expected: "\(hash), as safeTxHash says")
            ])
        }
        let confirmations = readConfirmations(&reader)
        let threshold = integer(&reader, "confirmationsRequired", isOptional: true).flatMap { UInt64(exactly: $0) }
        // Responses of the transaction service usually do not name the chain. If a response names a chain, this chain
        // is taken to be the chain of the Safe.
        let chain = integer(&reader, "chainId", isOptional: true).flatMap { number -> Chain? in
            do throws(Problem) { return try Self.chain(number, at: reader.pointer(to: "chainId")) } catch {
                reader.record([error])
                return nil
            }
        }
        let isExecuted = reader.optionalBoolean("isExecuted") ?? false
        guard let safe, let transaction, let confirmations else { return nil }
        return SafeRequest(
            .service, .transaction(transaction), chain: chain, safe: safe, statedHash: hash ?? second,
            confirmations: confirmations,
            statedThreshold: threshold,
            warnings: isExecuted ? ["the service says that it was executed: the nonce would be used already"] : [])
    }

    private static func readFile(_ reader: inout ObjectReader) -> SafeRequest? {
        AirlockFile.readHead(&reader, kind: kind)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let safe = reader.string("safe") { try Address($0) }
        let transaction = readTransaction(&reader)
        let hash = reader.optionalString("safeTxHash") { try Hash(hex: $0) }
        let confirmations = readConfirmations(&reader)
        guard let chain, let safe, let transaction, let confirmations else { return nil }
        return SafeRequest(
            .file, .transaction(transaction), chain: chain, safe: safe, statedHash: hash, confirmations: confirmations)
    }

    /// Reads the ten fields of a transaction. If `data`, `safeTxGas` or a field for the gas refund is absent or null,
    /// its value is empty or zero.
    private static func readTransaction(_ reader: inout ObjectReader) -> SafeTransaction? {
        let to = reader.string("to") { try Address($0) }
        let value = integer(&reader, "value")
        let data = reader.optionalString("data") { try Hex.decode($0) }
        let operation = readOperation(&reader)
        let safeTxGas = integer(&reader, "safeTxGas", isOptional: true)
        let baseGas = integer(&reader, "baseGas", isOptional: true)
        let gasPrice = integer(&reader, "gasPrice", isOptional: true)
        let gasToken = reader.optionalString("gasToken") { try Address($0) }
        let receiver = reader.optionalString("refundReceiver") { try Address($0) }
        let nonce = integer(&reader, "nonce").flatMap { number -> UInt64? in
            guard let nonce = UInt64(exactly: number) else {
                reader.record([Problem(ValueRule.tooLarge, at: reader.pointer(to: "nonce"), saw: "\(number)")])
                return nil
            }
            return nonce
        }
        guard let to, let value, let operation, let nonce else { return nil }
        return SafeTransaction(
            to: to, value: value, data: data ?? [], operation: operation, safeTxGas: safeTxGas ?? .zero,
            baseGas: baseGas ?? .zero, gasPrice: gasPrice ?? .zero, gasToken: gasToken ?? .zero,
            refundReceiver: receiver ?? .zero, nonce: nonce)
    }

    /// Reads an integer. It can be a JSON number or a string, because the transaction service's API uses a number in
    /// some versions and a string in others.
    private static func integer(_ reader: inout ObjectReader, _ name: String, isOptional: Bool = false) -> UInt256? {
        guard let value = isOptional ? reader.optionalValue(name) : reader.value(name) else { return nil }
        guard let text = value.string ?? value.number else {
            reader.record([
                Problem(JSONRule.wrongType, at: value.pointer, saw: value.text, expected: "an integer in digits")
            ])
            return nil
        }
        do throws(ValueError) { return try UInt256(decimal: text) } catch {
            reader.record(error.problems.map { $0.at(value.pointer) })
            return nil
        }
    }

    private static func readOperation(_ reader: inout ObjectReader) -> SafeOperation? {
        guard let number = integer(&reader, "operation") else { return nil }
        guard let operation = SafeOperation(number) else {
            reader.record([
                Problem(SafeRule.operation, at: reader.pointer(to: "operation"), saw: "\(number)", expected: "0 or 1")
            ])
            return nil
        }
        return operation
    }

    private static func readConfirmations(_ reader: inout ObjectReader) -> [Confirmation]? {
        guard let list = reader.optionalValue("confirmations") else { return [] }
        guard let elements = list.elements else {
            reader.record([Problem(JSONRule.wrongType, at: list.pointer, saw: list.text, expected: "an array")])
            return nil
        }
        let place = list.pointer
        let all = elements.enumerated().map { index, element in
            reader.nested(element) { reader -> Confirmation? in
                let owner = reader.string("owner") { try Address($0) }
                let signature = reader.string("signature") { try Hex.decode($0) }
                guard let owner, let signature else { return nil }
                return Confirmation(owner: owner, signature: signature, at: "\(place)/\(index)")
            }
        }
        return all.allSatisfy { $0 != nil } ? all.compactMap(\.self) : nil
    }

    // MARK: Reading typed data

    /// Returns the chain with this ID. No chain has the ID 0.
    private static func chain(_ number: UInt256, at place: String) throws(Problem) -> Chain {
        guard let id = UInt64(exactly: number) else { throw Problem(ValueRule.tooLarge, at: place) }
        guard id > 0 else { throw Problem(ValueRule.notChain, at: place, saw: "0", expected: "a chain id") }
        return Chain(id: id)
    }

    private static func typedData(_ root: JSONValue) throws(ProblemList) -> SafeRequest {
        let data = try TypedData(root)
        var problems = data.wrongChecksums
        let hasDataGas = data.encodeType == SafeTransaction.oldType
        if !hasDataGas, data.encodeType != SafeTransaction.type {
            problems.append(
                Problem(SafeRule.otherType, at: "/types/SafeTx", saw: data.encodeType, expected: SafeTransaction.type))
        }
        let domain = data.domain
        if domain.verifyingContract == nil || domain.name != nil || domain.version != nil || domain.salt != nil {
            problems.append(
                Problem(
                    SafeRule.otherType, at: "/domain",
                    expected: "verifyingContract, and since 1.3.0 chainId, and nothing else"))
        }
        var chain: Chain?
        do throws(Problem) {
            chain = try domain.chainId.map { id throws(Problem) in try Self.chain(id, at: "/domain/chainId") }
        } catch {
            problems.append(error)
        }
        if let all = ProblemList(problems) { throw all }
        let fields = Fields(data.messageValue, problems: &problems)
        guard let transaction = fields.transaction, problems.isEmpty,
            transaction.messageHash(hasDataGas: hasDataGas) == data.structHash
        else { throw ProblemList(problems) ?? ProblemList(Problem(SafeRule.otherType, at: "/message")) }
        return SafeRequest(
            .typedData, .transaction(transaction), chain: chain, safe: domain.verifyingContract,
            typed: (domain.chainId != nil, hasDataGas))
    }

    /// The ten fields of a Safe transaction, read from typed data. An earlier check has shown that the message has the
    /// type of a Safe transaction, so every value has the right type.
    private struct Fields {
        private(set) var transaction: SafeTransaction?

        init(_ value: TypedData.Value, problems: inout [Problem]) {
            guard case .structure(_, let members) = value, members.count == 10 else { return }
            let values = members.map { member -> ABIValue? in
                if case .elementary(_, let value) = member.value { value } else { nil }
            }
            guard case .address(let to)? = values[0], case .uint(let value)? = values[1],
                case .bytes(let data)? = values[2], case .uint(let operation)? = values[3],
                case .uint(let safeTxGas)? = values[4], case .uint(let baseGas)? = values[5],
                case .uint(let gasPrice)? = values[6], case .address(let gasToken)? = values[7],
                case .address(let receiver)? = values[8], case .uint(let nonce)? = values[9]
            else { return }
            let known = SafeOperation(operation)
            if known == nil {
                problems.append(
                    Problem(SafeRule.operation, at: "/message/operation", saw: "\(operation)", expected: "0 or 1"))
            }
            let number = UInt64(exactly: nonce)
            if number == nil { problems.append(Problem(ValueRule.tooLarge, at: "/message/nonce", saw: "\(nonce)")) }
            guard let known, let number else { return }
            transaction = SafeTransaction(
                to: to, value: value, data: data, operation: known, safeTxGas: safeTxGas, baseGas: baseGas,
                gasPrice: gasPrice, gasToken: gasToken, refundReceiver: receiver, nonce: number)
        }
    }

    /// The source of the transaction as text, such as `typed data (EIP-712)`.
    public var form: String {
        switch source {
        case .service: "the service's JSON"
        case .file: "file"
        case .typedData: "typed data (EIP-712)"
        case .batch: "Transaction Builder batch"
        case .approval: "approval of another Safe's transaction"
        }
    }

    // MARK: Places

    /// Returns the location of a field of the transaction, for error messages. If the source contains the field, the
    /// location is a JSON pointer. If not, the user must give the value of the field with a command-line option. The
    /// location is then the name of the `ArgumentPlace` for this option.
    public func place(_ field: String) -> String {
        switch source {
        case .service, .file: "/\(field)"
        case .typedData:
            switch field {
            case "safe": "/domain/verifyingContract"
            case "chainId": "/domain/chainId"
            default: "/message/\(field)"
            }
        case .batch:
            switch field {
            case "safe": ArgumentPlace.safe.rawValue
            case "nonce": ArgumentPlace.safeNonce.rawValue
            case "chainId": "/chainId"
            default: "/transactions"
            }
        case .approval:
            switch field {
            case "nonce": ArgumentPlace.safeNonce.rawValue
            default: ArgumentPlace.ownerSafe.rawValue
            }
        }
    }

    /// Returns the JSON of a file with the transaction, in Airlock's own format.
    public static func json(_ transaction: SafeTransaction, in domain: SafeDomain) -> JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", .string(kind)),
            ("chainId", .string("\(domain.chain.id)")), ("safe", .string("\(domain.safe)")),
        ]
        members += transaction.fields.map { ($0.name, .string($0.value)) }
        members.append(("safeTxHash", .string("\(transaction.hash(in: domain))")))
        return .object(members)
    }
}
