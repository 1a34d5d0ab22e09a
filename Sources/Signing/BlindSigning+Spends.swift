import AirlockABI
public import AirlockEthereumTypes
import AirlockTokens
import AirlockTransactions
import AirlockRequestKinds
import AirlockRequests
import AirlockTypedData

extension BlindSigning {
    /// What it takes from the signer or lets others take, as far as it is understood: native value, the calls of ERC-20
    /// and Permit2 that move or approve a token, calls that pay a request, and permits. It counts in the caps of a
    /// day.
    public func spends(from signer: Address) -> [LedgerEntry.Spend] {
        let tokens = tokenSpends(from: signer)
        guard case .transaction(let transaction) = subject else { return tokens }
        return [LedgerEntry.Spend(currency: .zero, amount: transaction.value)] + tokens
    }

    /// Of it what is no native currency.
    func tokenSpends(from signer: Address) -> [LedgerEntry.Spend] {
        let spends =
            switch subject {
            case .transaction(let transaction): Self.tokenSpends(of: transaction, from: signer)
            case .typedData(let data): Self.spends(of: data)
            }
        return spends.filter { !$0.amount.isZero }
    }

    /// Who gets it, or may take it, as far as it is understood.
    var taker: Address? {
        switch subject {
        case .transaction(let transaction):
            guard let selector = Selector(of: transaction.data.span) else { return nil }
            func address(_ index: Int) -> Address? { Self.word(index, of: transaction).map { Address(lowBytesOf: $0) } }
            switch selector {
            case ERC20.approveSelector, Self.transfer, Self.increaseAllowance: return address(0)
            case Self.transferFrom, Self.permit2Approve, Self.permit2TransferFrom: return address(1)
            default: return Self.movement(transaction, from: .zero)?.payee
            }
        case .typedData(let data):
            let known = data.members.first { ["message.spender", "message.to"].contains($0.path) }
            guard case .address(let address) = known?.value else { return nil }
            return address
        }
    }

    // MARK: Transactions

    /// An argument of a call; `nil` where the call data ends before it.
    private static func word(_ index: Int, of transaction: UnsignedTransaction) -> FixedBytes<32>? {
        let start = 4 + index * 32
        guard transaction.data.count >= start + 32 else { return nil }
        return FixedBytes(Array(transaction.data[start..<start + 32]))
    }

    /// Contracts ignore what follows the arguments, and the high bytes of an address: so does this.
    private static func tokenSpends(of transaction: UnsignedTransaction, from signer: Address) -> [LedgerEntry.Spend] {
        guard let to = transaction.to, let selector = Selector(of: transaction.data.span) else { return [] }
        func spend(_ token: Address?, _ amount: Int) -> [LedgerEntry.Spend] {
            guard let token, let amount = word(amount, of: transaction) else { return [] }
            return [LedgerEntry.Spend(currency: token, amount: UInt256(amount))]
        }
        func address(_ index: Int) -> Address? { word(index, of: transaction).map { Address(lowBytesOf: $0) } }
        switch selector {
        case ERC20.approveSelector, Self.transfer, Self.increaseAllowance: return spend(to, 1)
        case Self.transferFrom: return address(0) == signer ? spend(to, 2) : []
        case Self.permit2Approve where to == Permit2Transfer.contract: return spend(address(0), 2)
        case Self.permit2TransferFrom where to == Permit2Transfer.contract && address(0) == signer:
            return spend(address(3), 2)
        default:
            let takes = movement(transaction, from: signer)?.takes ?? []
            return takes.map { LedgerEntry.Spend(currency: $0.token, amount: $0.amount) }
        }
    }

    /// A call of a contract that a kind of request is paid through.
    private static func movement(_ transaction: UnsignedTransaction, from signer: Address) -> Movement? {
        guard let to = transaction.to else { return nil }
        return RequestKinds.movement(
            SignedCall(
                chain: Chain(id: transaction.chainID ?? 0), payer: signer, to: to, value: transaction.value,
                data: transaction.data, name: ""))
    }

    private static let transfer = Selector(signature: "transfer(address,uint256)")
    private static let transferFrom = Selector(signature: "transferFrom(address,address,uint256)")
    private static let increaseAllowance = Selector(signature: "increaseAllowance(address,uint256)")
    private static let permit2Approve = Selector(signature: "approve(address,address,uint160,uint48)")
    private static let permit2TransferFrom = Selector(signature: "transferFrom(address,address,uint160,address)")

    // MARK: Typed data

    private static func spends(of data: TypedData) -> [LedgerEntry.Spend] {
        let members = data.members
        let values = Dictionary(members.map { ($0.path, $0.value) }) { first, _ in first }
        func value(_ path: String) -> ABIValue? { values[path].flatMap(\.self) }
        switch data.primaryType {
        case "Permit", "TransferWithAuthorization", "ReceiveWithAuthorization":
            guard let token = data.domain.verifyingContract else { return [] }
            if case .uint(let amount) = value("message.value") {
                return [LedgerEntry.Spend(currency: token, amount: amount)]
            }
            // The permit of DAI is of any amount, or of none.
            let isUnlimited = value("message.allowed") == .bool(true)
            return isUnlimited ? [LedgerEntry.Spend(currency: token, amount: .max)] : []
        default:
            // Those of Permit2 hold a token and its amount side by side, once or in a list.
            return members.compactMap { member in
                guard member.path.hasSuffix(".token"), case .address(let token) = member.value,
                    case .uint(let amount) = value(member.path.dropLast("token".count) + "amount")
                else { return nil }
                return LedgerEntry.Spend(currency: token, amount: amount)
            }
        }
    }
}
