import AirlockABI
public import AirlockEthereumTypes
import AirlockDiagnostics
import AirlockTransactions
public import AirlockTypedData

extension BlindSigning {
    /// What asks for the answer, after the question.
    public static let prompt = "Type sign to sign it blind: "

    /// What is asked. It says again what a long text may have pushed out of the window.
    public func question(from signer: Address) -> String {
        let taken = tokenSpends(from: signer)
        let words = taken.prefix(8).map { "\(Self.words($0.amount)) of \($0.currency)" }
        let more = taken.count > words.count ? " and \(taken.count - words.count) more" : ""
        let takes = taker.map { "pays \($0), or lets it take," } ?? "pays, or lets others take,"
        let allowance = words.isEmpty ? "" : "; it \(takes) \(words.joined(separator: ", "))\(more)"
        return "\(summary)\(allowance)."
    }

    private var summary: String {
        let place = chain.id == 0 ? "on any chain" : "on \(chain)"
        switch subject {
        case .transaction(let transaction):
            let value = "\(Amount.format(transaction.value, decimals: 18)) \(chain.nativeSymbol)"
            let to = transaction.to.map { "sends \(value) to \($0)" } ?? "creates a contract with \(value)"
            let call = transaction.data.isEmpty ? "" : ", with \(transaction.data.count) bytes of call data"
            return "The transaction \(to)\(call) \(place), nonce \(transaction.nonce)"
        case .typedData(let data):
            let name = data.domain.name.map { " \(escaped($0, limit: 40))" } ?? ""
            let contract = data.domain.verifyingContract.map { " (\($0))" } ?? ""
            return "The message is \(escaped(data.primaryType, limit: 60)) for\(name)\(contract) \(place)"
        }
    }

    /// Whoever is allowed 2^160 - 1 or more is allowed any amount: it is the most that Permit2 knows.
    private static func words(_ amount: UInt256) -> String {
        amount.adding(1).map { $0.byteCount <= 20 } == true ? "\(amount) atomic units" : "any amount"
    }
}

extension TypedData.Member {
    /// The value as it is shown; not escaped.
    public var text: String {
        switch value {
        // A member is one value: what is held in an array or a struct is a member of its own.
        case nil, .array, .tuple: "(empty)"
        case .uint(let number): "\(number)"
        case .int(let number): "\(number)"
        case .address(let address): "\(address)"
        case .bool(let bool): "\(bool)"
        case .fixedBytes(let bytes), .bytes(let bytes): Hex.encode(bytes)
        case .string(let string): string
        }
    }
}
