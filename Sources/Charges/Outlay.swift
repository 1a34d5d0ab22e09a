import AirlockABI
import AirlockEthereumTypes
import AirlockTokens

/// What a call takes from the payer, told by its own data: the contract's event has to say the same.
struct Outlay: Hashable, Sendable {
    enum Currency: Hashable, Sendable {
        case one(Address)
        /// The wrapped native currency of a chain on which its address is not known.
        case anyToken

        func includes(_ currency: Address) -> Bool {
            switch self {
            case .one(let one): one == currency
            case .anyToken: !currency.isZero
            }
        }

        var text: String {
            switch self {
            case .one(let one): one.description
            case .anyToken: "the wrapped native currency"
            }
        }
    }

    let currency: Currency
    let least: UInt256
    let most: UInt256

    var amountText: String { least == most ? "\(most)" : "\(least) to \(most)" }

    /// - Parameter value: what is sent with the call in native currency.
    init?(of call: DecodedCall, value: UInt256, on chain: Chain) {
        guard let method = call.method, let intent = call.intent else { return nil }
        var most = intent.needed ?? .max
        switch method {
        case .transferNative, .wrapAndTransfer:
            currency = .one(.zero)
        case .swapAndTransferUniswapV3Native:
            currency = .one(.zero)
            most = value
        case .transferTokenPreApproved, .subsidizedTransferToken:
            currency = .one(intent.recipientCurrency)
        case .unwrapAndTransferPreApproved:
            currency = KnownTokens.on(chain).map { .one($0.wrappedNative) } ?? .anyToken
        case .transferToken, .unwrapAndTransfer, .swapAndTransferUniswapV3Token:
            guard let (token, requested) = call.permitted else { return nil }
            currency = .one(token)
            if method.isSwap { most = requested }
        case .swapAndTransferUniswapV3TokenPreApproved:
            guard case .address(let token) = call.arguments[1], case .uint(let maximum) = call.arguments[2] else {
                return nil
            }
            currency = .one(token)
            most = maximum
        }
        self.least = method.isSwap ? 1 : most
        self.most = most
    }
}

extension DecodedCall {
    /// The token of the permit that is the second argument, and how much of it is asked for.
    fileprivate var permitted: (token: Address, requested: UInt256)? {
        guard case .tuple(let data) = arguments[1], case .tuple(let permit) = data[0],
            case .tuple(let permissions) = permit[0], case .address(let token) = permissions[0],
            case .tuple(let details) = data[1], case .uint(let requested) = details[1]
        else { return nil }
        return (token, requested)
    }
}
