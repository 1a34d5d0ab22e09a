public import AirlockABI
import AirlockEthereumTypes
public import AirlockDiagnostics

/// An error that the payment contract, or one it calls, reverts with.
public struct ContractError: Cause {
    /// The name with its types: `InsufficientBalance(uint256)`.
    public let signature: String
    /// What it means, as a sentence without its full stop.
    public let meaning: String

    public var name: String { String(signature.prefix { $0 != "(" }) }
    public var selector: Selector { Selector(signature: signature) }

    private init(_ signature: String, _ meaning: String) {
        self.signature = signature
        self.meaning = meaning
    }

    /// The error that revert data begins with, if it is a known one.
    public static func matching(_ data: [UInt8]) -> ContractError? {
        guard data.count >= 4, let selector = FixedBytes<4>(Array(data.prefix(4))) else { return nil }
        return all.first { $0.selector.bytes == selector }
    }

    public static let all = [
        ContractError(
            "InvalidSignature()", "the operator's signature does not hold for this payer, chain and contract"),
        ContractError("ExpiredIntent()", "the intent's deadline has passed"),
        ContractError("NullRecipient()", "the recipient is the zero address"),
        ContractError("AlreadyProcessed()", "this intent has been paid already"),
        ContractError("OperatorNotRegistered()", "the operator is not registered with the contract"),
        ContractError("InvalidNativeAmount(int256)", "the value sent is not what the charge needs"),
        ContractError("InsufficientBalance(uint256)", "the payer has too little of the token"),
        ContractError(
            "InsufficientAllowance(uint256)", "the payer has not approved the contract for enough of the token"),
        ContractError("IncorrectCurrency(address)", "the method does not pay in the currency of the charge"),
        ContractError("InvalidTransferDetails()", "the permit does not pay what the charge needs"),
        ContractError("InexactTransfer()", "the token moved another amount than asked"),
        ContractError("SwapFailedString(string)", "the swap failed"),
        ContractError("SwapFailedBytes(bytes)", "the swap failed"),
        ContractError("NativeTransferFailed(address,uint256,bool,bytes)", "a receiver refused native currency"),
        ContractError("PermitCallFailed()", "the token refused the permit"),
        ContractError("V3InvalidSwap()", "the pool cannot make this swap"),
        ContractError("V3TooLittleReceived()", "the swap brought too little"),
        ContractError("V3TooMuchRequested()", "the swap would cost more than --value allows"),
        ContractError("V3InvalidAmountOut()", "the pool gave another amount than asked"),
        ContractError("V3InvalidCaller()", "the pool is not the one that was called"),
        ContractError("ExecutionFailed(uint256,bytes)", "a step of the swap failed"),
        ContractError("TransactionDeadlinePassed()", "the swap came too late"),
        ContractError("InsufficientETH()", "the swap had too little native currency"),
        ContractError("InsufficientToken()", "the swap had too little of the token"),
        ContractError("SignatureExpired(uint256)", "the permit has expired"),
        ContractError("InvalidNonce()", "the permit's nonce is used"),
        ContractError("InvalidAmount(uint256)", "the permit allows less than was asked"),
        ContractError("InvalidSigner()", "the permit was signed by another key"),
        ContractError("InvalidSignatureLength()", "the permit's signature is not whole"),
        ContractError("Error(string)", "the contract says why in its own words"),
        ContractError("Panic(uint256)", "the contract broke an assertion of its own"),
    ]
}
