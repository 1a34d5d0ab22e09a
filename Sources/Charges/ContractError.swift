public import AirlockABI
import AirlockEthereumTypes

/// An error that the payment contract, or one it calls, reverts with.
public struct ContractError: Hashable, Sendable {
    /// The name with its types: `InsufficientBalance(uint256)`.
    public let signature: String
    /// What it means, as a sentence without its full stop.
    public let meaning: String
    /// What to do about it.
    public let next: String

    public var name: String { String(signature.prefix { $0 != "(" }) }
    public var selector: Selector { Selector(signature: signature) }

    private init(_ signature: String, _ meaning: String, _ next: String) {
        self.signature = signature
        self.meaning = meaning
        self.next = next
    }

    /// The error that revert data begins with, if it is a known one.
    public static func matching(_ data: [UInt8]) -> ContractError? {
        guard data.count >= 4, let selector = FixedBytes<4>(Array(data.prefix(4))) else { return nil }
        return all.first { $0.selector.bytes == selector }
    }

    public static let all = [
        ContractError(
            "InvalidSignature()", "the operator's signature does not hold for this payer, chain and contract",
            "pay from the address that the charge was made for"),
        ContractError("ExpiredIntent()", "the intent's deadline has passed", "ask for a new charge"),
        ContractError("NullRecipient()", "the recipient is the zero address", "do not pay"),
        ContractError(
            "AlreadyProcessed()", "this intent has been paid already", "do not pay again: look for the payment"),
        ContractError(
            "OperatorNotRegistered()", "the operator is not registered with the contract",
            "do not pay: the charge is not from a merchant's operator on this chain"),
        ContractError(
            "InvalidNativeAmount(int256)", "the value sent is not what the charge needs", "sign again"),
        ContractError(
            "InsufficientBalance(uint256)", "the payer has too little of the token", "fund the payer's address"),
        ContractError(
            "InsufficientAllowance(uint256)", "the payer has not approved the contract for enough of the token",
            "approve the missing amount first"),
        ContractError(
            "IncorrectCurrency(address)", "the method does not pay in the currency of the charge",
            "choose the method that fits"),
        ContractError("InvalidTransferDetails()", "the permit does not pay what the charge needs", "sign again"),
        ContractError(
            "InexactTransfer()", "the token moved another amount than asked", "do not pay with this token"),
        ContractError("SwapFailedString(string)", "the swap failed", "quote again, or pay in the token itself"),
        ContractError("SwapFailedBytes(bytes)", "the swap failed", "quote again, or pay in the token itself"),
        ContractError(
            "NativeTransferFailed(address,uint256,bool,bytes)", "a receiver refused native currency",
            "do not pay: tell the merchant"),
        ContractError("PermitCallFailed()", "the token refused the permit", "sign again"),
        ContractError("V3InvalidSwap()", "the pool cannot make this swap", "choose another pool fee"),
        ContractError("V3TooLittleReceived()", "the swap brought too little", "quote again"),
        ContractError(
            "V3TooMuchRequested()", "the swap would cost more than --value allows", "quote again and raise --value"),
        ContractError("V3InvalidAmountOut()", "the pool gave another amount than asked", "choose another pool fee"),
        ContractError("V3InvalidCaller()", "the pool is not the one that was called", "choose another pool fee"),
        ContractError("ExecutionFailed(uint256,bytes)", "a step of the swap failed", "quote again"),
        ContractError("TransactionDeadlinePassed()", "the swap came too late", "ask for a new charge"),
        ContractError("InsufficientETH()", "the swap had too little native currency", "quote again and raise --value"),
        ContractError("InsufficientToken()", "the swap had too little of the token", "quote again"),
        ContractError("SignatureExpired(uint256)", "the permit has expired", "sign again"),
        ContractError("InvalidNonce()", "the permit's nonce is used", "look for the payment: it may have been made"),
        ContractError("InvalidAmount(uint256)", "the permit allows less than was asked", "sign again"),
        ContractError("InvalidSigner()", "the permit was signed by another key", "sign with the payer's key"),
        ContractError("InvalidSignatureLength()", "the permit's signature is not whole", "sign again"),
        ContractError("Error(string)", "the contract says why in its own words", "read the message"),
        ContractError("Panic(uint256)", "the contract broke an assertion of its own", "do not pay"),
    ]
}
