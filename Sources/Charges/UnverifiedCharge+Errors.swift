import AirlockABI
public import AirlockRequests

extension UnverifiedCharge {
    /// What the contract reverts with, and what those revert with that it calls.
    public static let errors = [
        ContractError(
            "InvalidSignature()", "the operator's signature does not hold for this payer, chain and contract"),
        ContractError("ExpiredIntent()", "the intent's deadline has passed"),
        ContractError("NullRecipient()", "the recipient is the zero address"),
        ContractError("AlreadyProcessed()", "this intent has been paid already"),
        ContractError("OperatorNotRegistered()", "the operator is not registered with the contract"),
        ContractError("InvalidNativeAmount(int256)", "the value sent is not what the charge needs"),
        ContractError("InsufficientBalance(uint256)", "the payer has too little of the token"),
        ContractError(
            "InsufficientAllowance(uint256)", "the payer has not approved the contract for enough of the token",
            isAllowance: true),
        ContractError("IncorrectCurrency(address)", "the method does not pay in the currency of the charge"),
        ContractError("InvalidTransferDetails()", "the permit does not pay what the charge needs"),
        ContractError("InexactTransfer()", "the token moved another amount than asked"),
        ContractError("SwapFailedString(string)", "the swap failed"),
        ContractError("SwapFailedBytes(bytes)", "the swap failed"),
        ContractError("NativeTransferFailed(address,uint256,bool,bytes)", "a receiver refused native currency"),
        ContractError("PermitCallFailed()", "the token refused the permit"),
        ContractError("V3InvalidSwap()", "the pool cannot make this swap"),
        ContractError("V3TooLittleReceived()", "the swap brought too little"),
        ContractError("V3TooMuchRequested()", "the swap would cost more than the most that it may spend"),
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
    ]

    /// The contract names a permit that the token refused; earlier releases let the token's own words through. Its own words
    /// are of something else.
    public static func refusesSignature(_ revert: ContractRevert) -> Bool {
        switch revert.error.name {
        case "PermitCallFailed": true
        case "Error": revert.arguments != [.string("Pausable: paused")]
        default: false
        }
    }
}
