public import AirlockABI
public import AirlockEthereumTypes

/// Call data of a known function, taken apart again: what a transaction says, not what somebody said of it.
public struct DecodedCall: Hashable, Sendable {
    public let function: ABIFunction
    public let arguments: [ABIValue]
    /// The method of the payment contract, where it is one.
    public let method: TransferMethod?
    /// The intent that the method pays.
    public let intent: TransferIntent?

    /// Who pays, and the signature of the token's permit, where someone else sends the call; else its sender pays.
    public var subsidized: (owner: Address, signature: [UInt8])? {
        guard method == .subsidizedTransferToken, case .tuple(let parts) = arguments[1],
            case .address(let owner) = parts[0], case .bytes(let signature) = parts[1]
        else { return nil }
        return (owner, signature)
    }

    /// ERC-20's, which comes before a payment whose token is not approved yet. No text of ours is malformed.
    private static let approve = try? ABIFunction("function approve(address spender, uint256 amount) returns (bool)")

    /// `nil` when the function is not known, or the data is not exactly what its arguments encode to.
    public init?(_ data: [UInt8]) {
        guard let selector = Selector(of: data.span) else { return nil }
        let method = TransferMethod.allCases.first { $0.function.selector == selector }
        guard let function = method?.function ?? Self.approve, function.selector == selector,
            let arguments = try? function.decodeCall(data), (try? function.encodeCall(arguments)) == data
        else { return nil }
        self.function = function
        self.arguments = arguments
        self.method = method
        guard method != nil else {
            intent = nil
            return
        }
        guard case .tuple(let fields)? = arguments.first, let paid = TransferIntent(fields) else { return nil }
        intent = paid
    }
}

extension TransferIntent {
    /// From the contract's tuple of ten.
    init?(_ fields: [ABIValue]) {
        guard fields.count == 10, case .uint(let recipientAmount) = fields[0], case .uint(let deadline) = fields[1],
            case .address(let recipient) = fields[2], case .address(let recipientCurrency) = fields[3],
            case .address(let refundDestination) = fields[4], case .uint(let feeAmount) = fields[5],
            case .fixedBytes(let idBytes) = fields[6], let id = FixedBytes<16>(idBytes),
            case .address(let `operator`) = fields[7], case .bytes(let signature) = fields[8],
            case .bytes(let prefix) = fields[9]
        else { return nil }
        self.init(
            recipientAmount: recipientAmount, deadline: deadline, recipient: recipient,
            recipientCurrency: recipientCurrency, refundDestination: refundDestination, feeAmount: feeAmount, id: id,
            operator: `operator`, signature: signature, prefix: prefix)
    }
}
