package import AirlockCommandLineTool
import AirlockDiagnostics
package import AirlockRequests
package import AirlockCalls
package import AirlockCharges
package import AirlockTransfers

extension RequestRule: Advised {
    package var next: String {
        switch self {
        case .otherCall:
            "airlock wrote no signature: run airlock doctor, try another machine, and report it without any key"
        case .argumentUnused: "leave the option out"
        case .noPayer: "name the payer: in the request, with -c CONDITIONS, or with the key (airlock sign -k)"
        case .unknownKind: "give a charge, a transfer, a call, a payment URI or an unsigned transaction"
        case .ambiguous: "do not sign: ask for a request that can be read in only one way"
        case .twice: "give one request in each line"
        case .twoConditions: "leave out one of the two: the line's conditions, or -c"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .otherCall: .bug
        case .argumentUnused, .noPayer: .usage
        case .unknownKind, .ambiguous, .twice, .twoConditions: .malformedInput
        }
    }
}

extension RequestCause: AdvisedCause {
    package var hint: String? {
        switch self {
        case .typedData: "sign it on its own: airlock sign FILE"
        case .unknownForm: "write 0x before hexadecimal digits; for a table of payments: airlock request payroll"
        case .severalRequests: "if each line is a request: airlock sign --lines < FILE; else give one JSON value"
        }
    }
}

extension ChargeRule: Advised {
    package var next: String {
        switch self {
        case .errorAnswer: "read the service's message, and ask for the charge again"
        case .jsonRPCForm: "save the answer that holds data.web3_data.transfer_intent"
        case .notHydrated: "ask the service again with the payer's address as sender"
        case .noIdentifier: "ask the service for the charge again"
        case .nullOperator, .nullRecipient: "do not pay: the contract would refuse it"
        case .nothingNeeded: "do not pay: with nothing needed, a swap would leave its whole value in the contract"
        case .amountOverflow: "do not pay: the amounts together exceed 256 bits"
        case .unknownPrefix: "copy the charge again; the prefix is empty or \"K2 Informational Message: 32 \""
        case .signatureLength, .signatureForm: "copy the charge again, whole"
        case .signatureMismatch:
            "do not pay: a field was altered, or it was signed for another payer, chain or contract"
        case .expired: "ask for a new charge; --now TIME gives the time if this machine's clock is wrong"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .errorAnswer, .jsonRPCForm, .notHydrated, .noIdentifier, .signatureLength: .malformedInput
        case .nullOperator, .nullRecipient, .nothingNeeded, .amountOverflow, .unknownPrefix, .signatureForm,
            .signatureMismatch, .expired:
            .refused
        }
    }
}

extension PaymentRule: Advised {
    package var next: String {
        switch self {
        case .unknownMethod: "name one of the contract's functions, or auto"
        case .incorrectCurrency: "leave the method out, so that the one that fits is taken"
        case .swapTokenUnknown: "prepare with the token that the payer spends, and give the conditions"
        case .swapSameToken: "pay in the token itself: transferToken or transferTokenPreApproved"
        case .wrappedNativeUnknown: "give it in the policy as wrappedNative"
        case .valueNotExact: "leave --value out"
        case .valueMissing: "give it with --value, from a quote; up to all of it may be spent"
        case .valueZero: "give --value from a quote"
        case .unknownPoolFee: "choose 100, 500, 3000 or 10000"
        case .poolFeeUnused: "leave --pool-fee out"
        case .noneFits:
            "give --approve where the allowance alone is too low, or name the method with --method; a swap needs --value"
        case .price: "check the amount with the payee; to pay it, raise the cap in the policy"
        case .tokenNotSpent: "leave --token out, or name another method"
        case .nothingApproved: "leave --approve out"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .unknownMethod, .valueMissing, .swapTokenUnknown, .unknownPoolFee, .poolFeeUnused, .tokenNotSpent,
            .nothingApproved:
            .usage
        case .incorrectCurrency, .swapSameToken, .wrappedNativeUnknown, .valueNotExact, .valueZero,
            .noneFits, .price:
            .refused
        }
    }
}

extension PaymentCause: AdvisedCause {
    package var hint: String? {
        switch self {
        case .tokenNotNamed: "name it with --token"
        case .noPrice: "give the most to spend with --value, and the pool with --pool-fee"
        }
    }
}

extension ChargePinRule: Advised {
    package var next: String { "do not pay unless you know why it is missing; then add it to the policy" }
    package var exit: ExitCode { .refused }
}

extension ReferenceRule: Advised {
    package var next: String {
        switch self {
        case .length: "give a reference of 1 to 256 bytes"
        case .form: "write accents as one character with their letter (Unicode's normalization form C)"
        case .blanks: "write it with single spaces, only between words, and without invisible characters"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension CallRule: Advised {
    package var next: String {
        switch self {
        case .nullContract: "do not sign: ask for the contract's address again"
        case .creation: "ask for a call: only airlock tx encode --blind signs the creation of a contract"
        case .notCanonical: "write it with its types only, without names and spaces"
        case .twoCalls: "leave one of the two out"
        case .noCall: "name the function and its arguments: airlock request call"
        case .shortData, .undecodable: "do not sign: ask for the call again"
        case .plainTransfer: "write it as a transfer: airlock request transfer"
        case .nothing: "ask for the transaction again"
        case .otherInput: "do not sign: ask for the transaction again, with only data or only input"
        case .twoFees, .otherType: "ask for a new transaction, with the fees of one type"
        case .noChain: "ask for a new transaction, for one chain"
        case .unlimited: "do not sign: ask for one with the amount that is needed"
        case .allOfThem: "do not sign: ask for an approval of only the token that is needed"
        case .unreadToken: "do not sign unless you know what it moves; then sign it with airlock tx encode --blind"
        case .approvesBySending:
            "sign the Safe transaction itself, which is then checked; or let an account that is no owner pay for the gas"
        case .expired: "ask for a new request; --now TIME gives the time if this machine's clock is wrong"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .notCanonical, .twoCalls, .noCall, .shortData, .nothing, .otherInput, .twoFees, .otherType, .noChain:
            .malformedInput
        case .nullContract, .creation, .plainTransfer, .undecodable, .unlimited, .allOfThem, .unreadToken,
            .approvesBySending, .expired:
            .refused
        }
    }
}

extension CallPolicyRule: Advised {
    package var next: String {
        switch self {
        case .repeatedName, .sameSelector: "keep one of the two"
        case .noArgument: "name an argument by its position, from 0, and a part of a tuple as 0.2"
        case .notAmount: "name the argument that is the amount"
        case .contract, .function, .argument:
            "do not sign unless you know why it is missing; then add it to the policy"
        case .value: "do not sign unless you know what it is for; then raise maxValue in the policy"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .repeatedName, .sameSelector, .noArgument, .notAmount: .malformedConfiguration
        case .contract, .function, .argument, .value: .refused
        }
    }
}

extension TransferRule: Advised {
    package var next: String {
        switch self {
        case .nullRecipient, .toToken, .toPayer: "do not pay: ask for the recipient's address again"
        case .zeroToken: "leave token out for native currency"
        case .nothing: "ask for the request again, with its amount"
        case .nullRequester, .halfSigned, .signatureForm: "ask the requester for the request again, whole"
        case .signatureMismatch: "do not pay: a member was altered after it was signed, or someone else signed it"
        case .expired: "ask for a new request; --now TIME gives the time if this machine's clock is wrong"
        case .requester: "do not pay unless you know why it is missing; then add it to the policy"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .zeroToken, .nothing, .halfSigned, .nullRequester: .malformedInput
        case .nullRecipient, .toToken, .toPayer, .signatureForm, .signatureMismatch, .expired, .requester: .refused
        }
    }
}

extension URIRule: Advised {
    package var next: String {
        switch self {
        case .notPayment, .notParameter, .repeated, .unknownParameter: "ask for the URI again"
        case .notAddress: "ask for the address itself: a name cannot be looked up without a network"
        case .noChain: "ask for a URI with the chain, such as ethereum:0x...@8453"
        case .gas: "take the parameter out of the URI, and give --gas and --max-fee"
        case .otherFunction: "do not pay: it is not a payment; airlock request call writes a call"
        case .otherOrder, .noRecipient, .noAmount, .negative, .notNumber, .notInteger, .tooLarge:
            "do not pay: ask for the URI again"
        }
    }

    package var exit: ExitCode { .malformedInput }
}

extension ContractError: AdvisedCause {
    package var hint: String? {
        switch name {
        case "InvalidSignature": "pay from the address that the charge was made for"
        case "ExpiredIntent", "TransactionDeadlinePassed": "ask for a new charge"
        case "NullRecipient", "Panic": "do not pay"
        case "AlreadyProcessed": "do not pay again: look for the payment"
        case "OperatorNotRegistered": "do not pay: the charge is not from a merchant's operator on this chain"
        case "InvalidNativeAmount", "InvalidTransferDetails", "PermitCallFailed", "SignatureExpired", "InvalidAmount",
            "InvalidSignatureLength":
            "sign again"
        case "InsufficientBalance": "fund the payer's address"
        case "InsufficientAllowance": "approve the missing amount first"
        case "IncorrectCurrency": "choose the method that fits"
        case "InexactTransfer": "do not pay with this token"
        case "SwapFailedString", "SwapFailedBytes": "quote again, or pay in the token itself"
        case "NativeTransferFailed": "do not pay: tell the merchant"
        case "V3InvalidSwap", "V3InvalidAmountOut", "V3InvalidCaller": "choose another pool fee"
        case "V3TooLittleReceived", "ExecutionFailed", "InsufficientToken": "quote again"
        case "V3TooMuchRequested", "InsufficientETH": "quote again and raise --value"
        case "InvalidNonce": "look for the payment: it may have been made"
        case "InvalidSigner": "sign with the payer's key"
        case "Error": "read the message"
        default: nil
        }
    }
}
