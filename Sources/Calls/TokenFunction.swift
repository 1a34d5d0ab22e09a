import AirlockABI
import AirlockEthereumTypes
import AirlockRequests

/// A call of a known function of a token or of Permit2, and the effect of the call on the caller's tokens. The known
/// functions transfer the caller's tokens, or let others transfer them. ``takes`` contains only the amounts that the
/// arguments show. All of them count as spent, even if the policy's `spends` does not list them. For a call whose
/// amounts are not shown, ``isUnread``, ``isUncounted`` or ``operatorOfAll`` is set instead.
struct TokenFunction {
    let function: ABIFunction
    let arguments: [ABIValue]
    /// The amounts that the call transfers or burns, and the amounts that it allows others to transfer later.
    private(set) var takes: [TokenOutflow] = []
    /// An allowance without a practical limit: the position of the argument that sets it, and the spender that gets it.
    /// `nil` if the call grants no such allowance.
    private(set) var unlimited: (argument: String, spender: Address)?
    /// The account that gets the right to transfer every token of a collection. `nil` if the call grants no such right.
    private(set) var operatorOfAll: Address?
    /// Whether the call spends tokens of the payer, or lets others spend them, but its arguments do not show the
    /// currency and the amount.
    private(set) var isUnread = false
    /// Whether the call redeems the payer's shares of a vault for assets. Airlock cannot determine the spent amount
    /// from the call alone, because the contract determines the number of shares or the token of the assets.
    private(set) var isUncounted = false
    /// Whether the call does nothing except transfer tokens of the payer. Airlock refuses such a call, because the user
    /// must request it as a transfer.
    private(set) var isTransfer = false
    /// The recipients and spenders in the call's arguments, each with the position of the argument that contains it.
    private(set) var takers: [(address: Address, position: String)] = []

    /// Decodes a call. Returns `nil` if it calls none of the known functions. Throws if the selector is known but the
    /// arguments cannot be decoded.
    ///
    /// - Parameters:
    ///   - data: the call data.
    ///   - contract: the contract that is called.
    ///   - payer: the caller. If it is `nil`, the caller is not known. Then every account whose tokens the call spends
    ///     is treated as the payer.
    ///   - place: returns the location of the argument at a position, for error messages.
    init?(_ data: [UInt8], of contract: Address, payer: Address?, at place: (String) -> String) throws(ABIError) {
        guard let selector = Selector(of: data.span), let function = Self.all[selector] else { return nil }
        self.function = function
        arguments = try function.decodeCall(data)
        func isPayer(_ argument: ABIValue) -> Bool { payer == nil || argument == payer.map { .address($0) } }
        switch (function.signature, arguments.map(DecodedArgument.init)) {
        case (Self.approve, let values), (Self.increaseAllowance, let values), (Self.increaseApproval, let values),
            (Self.approveAndCall, let values), (Self.approveAndCallBytes, let values), (Self.forceApprove, let values),
            (Self.safeApprove, let values), (Self.safeIncreaseAllowance, let values):
            allow("0", values[0].address, contract, values[1].number, bits: 256, at: "1", place)
        case (Self.authorizeOperator, let values), (Self.approveAny, let values):
            allow("0", values[0].address, contract, .max, bits: 256, at: "0", place)
        case (Self.transfer, let values), (Self.transferAndCall, let values), (Self.transferAndCallBytes, let values),
            (Self.transferBytes, let values), (Self.send, let values), (Self.push, let values):
            // Set `isTransfer` even if the call also sends native currency. `UnverifiedCall.isPlainTransfer` does not
            // detect such a transfer, so only `isTransfer` shows that the call is a transfer.
            isTransfer = [Self.transfer, Self.push].contains(function.signature)
            move("0", contract, values[1].number, to: values[0].address, at: "1", place)
        case (Self.transferFrom, let values) where isPayer(arguments[0]),
            (Self.transferFromAndCall, let values) where isPayer(arguments[0]),
            (Self.transferFromAndCallBytes, let values) where isPayer(arguments[0]),
            (Self.operatorSend, let values) where isPayer(arguments[0]),
            (Self.moveFrom, let values) where isPayer(arguments[0]):
            isTransfer = [Self.transferFrom, Self.moveFrom].contains(function.signature)
            move("1", contract, values[2].number, to: values[1].address, at: "2", place)
        case (Self.pull, let values) where isPayer(arguments[0]):
            isTransfer = true
            move("0", contract, values[1].number, to: values[0].address, at: "1", place)
        case (Self.burn, let values), (Self.burnBytes, let values):
            use(contract, values[0].number, at: place("0"))
        case (Self.burnOf, let values) where isPayer(arguments[0]),
            (Self.burnFrom, let values) where isPayer(arguments[0]),
            (Self.operatorBurn, let values) where isPayer(arguments[0]):
            use(contract, values[1].number, at: place("1"))
        case (Self.safeTransferFrom, _) where isPayer(arguments[0]),
            (Self.safeTransferFromBytes, _) where isPayer(arguments[0]),
            (Self.safeTransferFromAmount, _) where isPayer(arguments[0]),
            (Self.safeBatchTransferFrom, _) where isPayer(arguments[0]),
            (Self.transferNumberedFrom, _) where isPayer(arguments[0]), (Self.transferNumbered, _):
            isUnread = true
        case (Self.permitNumbered, _), (Self.permitNumberedBytes, _): isUnread = true
        case (Self.withdraw, let values) where isPayer(arguments[2]),
            (Self.redeem, let values) where isPayer(arguments[2]):
            isUncounted = values[0].number != .zero
        case (Self.approveNumbered, let values): isUnread = !values[2].number.isZero
        case (Self.permit, let values) where isPayer(arguments[0]),
            (Self.permitBytes, let values) where isPayer(arguments[0]):
            allow("1", values[1].address, contract, values[2].number, bits: 256, at: "2", place)
        case (Self.daiPermit, let values) where isPayer(arguments[0]) && arguments[4] == .bool(true):
            allow("1", values[1].address, contract, .max, bits: 256, at: "4", place)
        case (Self.transferWithAuthorization, let values) where isPayer(arguments[0]),
            (Self.transferWithAuthorizationBytes, let values) where isPayer(arguments[0]),
            (Self.receiveWithAuthorization, let values) where isPayer(arguments[0]),
            (Self.receiveWithAuthorizationBytes, let values) where isPayer(arguments[0]):
            move("1", contract, values[2].number, to: values[1].address, at: "2", place)
        case (Self.setApprovalForAll, let values) where arguments[1] == .bool(true),
            (Self.setOperator, let values) where arguments[1] == .bool(true):
            operatorOfAll = values[0].address
        case (Self.permit2Approve, let values):
            allow("1", values[1].address, values[0].address, values[2].number, bits: 160, at: "2", place)
        case (Self.permit2TransferFrom, let values) where isPayer(arguments[0]):
            isTransfer = true
            move("1", values[3].address, values[2].number, to: values[1].address, at: "2", place)
        case (Self.permit2TransferFromBatch, let values):
            for (index, transfer) in values[0].parts.enumerated() where isPayer(transfer.part(0).value) {
                isTransfer = true
                let (payee, amount) = (transfer.part(1).address, transfer.part(2).number)
                move("0.\(index).1", transfer.part(3).address, amount, to: payee, at: "0.\(index).2", place)
            }
        case (Self.permit2Permit, let values) where isPayer(arguments[0]):
            let (details, spender) = (values[1].part(0), values[1].part(1).address)
            allow("1.1", spender, details.part(0).address, details.part(1).number, bits: 160, at: "1", place)
        case (Self.permit2PermitBatch, let values) where isPayer(arguments[0]):
            for details in values[1].part(0).parts {
                let spender = values[1].part(1).address
                allow("1.1", spender, details.part(0).address, details.part(1).number, bits: 160, at: "1", place)
            }
        case (Self.permitTransferFrom, let values) where isPayer(arguments[2]),
            (Self.permitWitnessTransferFrom, let values) where isPayer(arguments[2]):
            let token = values[0].part(0).part(0).address
            move("1.0", token, values[1].part(1).number, to: values[1].part(0).address, at: "1", place)
        case (Self.permitTransferFromBatch, let values) where isPayer(arguments[2]),
            (Self.permitWitnessTransferFromBatch, let values) where isPayer(arguments[2]):
            let (permitted, transfers) = (values[0].part(0).parts, values[1].parts)
            // Permit2 reverts if the numbers of permits and transfers differ.
            isUnread = permitted.count != transfers.count
            for (index, (permit, transfer)) in zip(permitted, transfers).enumerated() {
                let (payee, amount) = (transfer.part(0).address, transfer.part(1).number)
                move("1.\(index).0", permit.part(0).address, amount, to: payee, at: "1.\(index).1", place)
            }
        default: break
        }
    }

    /// Records that the call transfers an amount to a recipient.
    ///
    /// - Parameter position: the position of the argument that names the recipient.
    private mutating func move(
        _ position: String, _ token: Address, _ amount: UInt256, to payee: Address, at argument: String,
        _ place: (String) -> String
    ) {
        guard !amount.isZero else { return }
        takers.append((payee, position))
        takes.append(
            TokenOutflow(
                token: token, amount: amount, .moved(to: payee), at: place(argument), takerAt: place(position)))
    }

    /// Records that the call burns an amount. Burnt tokens have no recipient.
    private mutating func use(_ token: Address, _ amount: UInt256, at place: String) {
        if !amount.isZero { takes.append(TokenOutflow(token: token, amount: amount, .used(by: token), at: place)) }
    }

    /// Records that the call allows a spender to transfer at most an amount. An amount of at least half the maximum of
    /// its type counts as unlimited, because some tokens never decrease such an allowance.
    ///
    /// - Parameter position: the position of the argument that names the spender.
    private mutating func allow(
        _ position: String, _ spender: Address, _ token: Address, _ amount: UInt256, bits: Int, at argument: String,
        _ place: (String) -> String
    ) {
        guard !amount.isZero else { return }
        takers.append((spender, position))
        takes.append(
            TokenOutflow(
                token: token, amount: amount, .allowed(to: spender), at: place(argument), takerAt: place(position)))
        if 256 - amount.leadingZeroBitCount >= bits { unlimited = unlimited ?? (argument, spender) }
    }

    // MARK: Signatures of the known functions

    private static let approve = "approve(address,uint256)"
    private static let increaseAllowance = "increaseAllowance(address,uint256)"
    private static let increaseApproval = "increaseApproval(address,uint256)"
    /// Functions that OpenZeppelin's library SafeERC20 defines. Some contracts have public functions with these
    /// signatures, which anybody can call.
    private static let forceApprove = "forceApprove(address,uint256)"
    private static let safeApprove = "safeApprove(address,uint256)"
    private static let safeIncreaseAllowance = "safeIncreaseAllowance(address,uint256)"
    /// Permit functions for tokens with ids. Examples are ERC-4494 tokens and the tokens that represent positions in
    /// Uniswap pools.
    private static let permitNumbered = "permit(address,uint256,uint256,uint8,bytes32,bytes32)"
    private static let permitNumberedBytes = "permit(address,uint256,uint256,bytes)"
    /// Functions of vaults (ERC-4626).
    private static let withdraw = "withdraw(uint256,address,address)"
    private static let redeem = "redeem(uint256,address,address)"
    private static let transfer = "transfer(address,uint256)"
    private static let transferFrom = "transferFrom(address,address,uint256)"
    /// DS-Token's function that gives a spender an unlimited allowance. The predecessors of DAI use DS-Token.
    private static let approveAny = "approve(address)"
    /// Functions of DAI and DS-Token that transfer or burn tokens.
    private static let push = "push(address,uint256)"
    private static let pull = "pull(address,uint256)"
    private static let moveFrom = "move(address,address,uint256)"
    private static let burn = "burn(uint256)"
    private static let burnOf = "burn(address,uint256)"
    private static let burnFrom = "burnFrom(address,uint256)"
    /// Functions of ERC-777 tokens.
    private static let send = "send(address,uint256,bytes)"
    private static let operatorSend = "operatorSend(address,address,uint256,bytes,bytes)"
    private static let burnBytes = "burn(uint256,bytes)"
    private static let operatorBurn = "operatorBurn(address,uint256,bytes,bytes)"
    private static let authorizeOperator = "authorizeOperator(address)"
    /// A transfer function of ERC-223 tokens.
    private static let transferBytes = "transfer(address,uint256,bytes)"
    /// Functions of ERC-6909 tokens. These tokens have ids.
    private static let transferNumbered = "transfer(address,uint256,uint256)"
    private static let transferNumberedFrom = "transferFrom(address,address,uint256,uint256)"
    private static let approveNumbered = "approve(address,uint256,uint256)"
    private static let setOperator = "setOperator(address,bool)"
    /// Functions of ERC-1363 and ERC-677 tokens.
    private static let approveAndCall = "approveAndCall(address,uint256)"
    private static let approveAndCallBytes = "approveAndCall(address,uint256,bytes)"
    private static let transferAndCall = "transferAndCall(address,uint256)"
    private static let transferAndCallBytes = "transferAndCall(address,uint256,bytes)"
    private static let transferFromAndCall = "transferFromAndCall(address,address,uint256)"
    private static let transferFromAndCallBytes = "transferFromAndCall(address,address,uint256,bytes)"
    /// Functions of ERC-721 and ERC-1155 tokens. These tokens have ids.
    private static let safeTransferFrom = "safeTransferFrom(address,address,uint256)"
    private static let safeTransferFromBytes = "safeTransferFrom(address,address,uint256,bytes)"
    private static let safeTransferFromAmount = "safeTransferFrom(address,address,uint256,uint256,bytes)"
    private static let safeBatchTransferFrom = "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)"
    private static let setApprovalForAll = "setApprovalForAll(address,bool)"
    /// Permits of EIP-2612 tokens.
    private static let permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    private static let permitBytes = "permit(address,address,uint256,uint256,bytes)"
    /// The permit of DAI. It either sets an unlimited allowance or revokes the allowance.
    private static let daiPermit = "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"
    /// Signed transfers of EIP-3009 tokens.
    private static let transferWithAuthorization =
        "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
    private static let transferWithAuthorizationBytes =
        "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
    private static let receiveWithAuthorization =
        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
    private static let receiveWithAuthorizationBytes =
        "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
    private static let permit2Approve = "approve(address,address,uint160,uint48)"
    private static let permit2TransferFrom = "transferFrom(address,address,uint160,address)"
    private static let permit2TransferFromBatch = "transferFrom((address,address,uint160,address)[])"
    private static let permit2Permit = "permit(address,((address,uint160,uint48,uint48),address,uint256),bytes)"
    private static let permit2PermitBatch = "permit(address,((address,uint160,uint48,uint48)[],address,uint256),bytes)"
    private static let permitTransferFrom =
        "permitTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes)"
    private static let permitTransferFromBatch =
        "permitTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes)"
    private static let permitWitnessTransferFrom =
        "permitWitnessTransferFrom(((address,uint256),uint256,uint256),(address,uint256),address,bytes32,string,bytes)"
    private static let permitWitnessTransferFromBatch =
        "permitWitnessTransferFrom(((address,uint256)[],uint256,uint256),(address,uint256)[],address,bytes32,string,bytes)"

    /// The signatures of all known functions.
    static let signatures = [
        approve, approveAny, increaseAllowance, increaseApproval, transfer, transferBytes, transferFrom, push, pull,
        moveFrom, burn, burnOf, burnFrom, send, operatorSend, burnBytes, operatorBurn, authorizeOperator,
        transferNumbered, transferNumberedFrom, approveNumbered, setOperator, approveAndCall, approveAndCallBytes,
        transferAndCall, transferAndCallBytes, transferFromAndCall, transferFromAndCallBytes, safeTransferFrom,
        safeTransferFromBytes, safeTransferFromAmount, safeBatchTransferFrom, setApprovalForAll, permit, permitBytes,
        daiPermit, transferWithAuthorization, transferWithAuthorizationBytes, receiveWithAuthorization,
        receiveWithAuthorizationBytes, permit2Approve, permit2TransferFrom, permit2TransferFromBatch, permit2Permit,
        permit2PermitBatch, permitTransferFrom, permitTransferFromBatch, permitWitnessTransferFrom,
        permitWitnessTransferFromBatch, forceApprove, safeApprove, safeIncreaseAllowance, permitNumbered,
        permitNumberedBytes, withdraw, redeem,
    ]

    private static let all: [Selector: ABIFunction] = {
        let functions = signatures.compactMap { try? ABIFunction($0) }
        return Dictionary(functions.map { ($0.selector, $0) }) { first, _ in first }
    }()
}

/// A decoded argument. The caller must use the property that fits the argument's type in the function's signature.
private struct DecodedArgument {
    let value: ABIValue

    init(_ value: ABIValue) { self.value = value }

    var address: Address { if case .address(let address) = value { address } else { .zero } }
    var number: UInt256 { if case .uint(let number) = value { number } else { .max } }

    var parts: [DecodedArgument] {
        switch value {
        case .tuple(let values), .array(let values): values.map(DecodedArgument.init)
        default: []
        }
    }

    func part(_ index: Int) -> DecodedArgument { parts.indices.contains(index) ? parts[index] : self }
}
