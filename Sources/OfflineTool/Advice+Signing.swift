package import AirlockCommandLineTool
package import AirlockSigning

extension LedgerRule: Advised {
    package var next: String {
        switch self {
        case .index: "remove the folder that is named; it is made anew from the ledger"
        case .malformed, .otherForm, .unknownSubject, .brokenChain, .altered:
            "do not sign: find out who changed it, and restore it from a copy; airlock ledger verify shows the place"
        case .notALedger: "name the ledger, or a file that does not exist yet; this one was left as it is"
        case .missing:
            "restore it from a copy; after a lost disk go on with airlock ledger init --accept-head and the hash"
        case .alreadyThere: "nothing is to be done; move it away first if it is to begin anew"
        case .headUnknown:
            "this is an older copy of the ledger: restore the newest, or prepare again with the relay that sent last"
        case .clockBehind: "set this machine's clock"
        case .intentSigned:
            "send the one that was signed; only if it must not be mined, sign this request by itself with --replace HASH"
        case .signedWithOtherNonce:
            "send the one that was signed; replace it with its own nonce alone; what is to be paid again needs a --reference of its own"
        case .nonceSigned:
            "send the one that was signed; only if it must not be mined, sign this request by itself with --replace HASH"
        case .nothingToReplace: "name the hash that the message of the refusal, or airlock ledger list, shows"
        case .perDay: "wait until 24 hours have passed, or raise perDay in the policy"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .malformed, .otherForm, .unknownSubject, .brokenChain, .altered, .index, .missing, .headUnknown,
            .clockBehind,
            .intentSigned, .signedWithOtherNonce, .nonceSigned, .nothingToReplace, .perDay:
            .refused
        case .notALedger: .malformedInput
        case .alreadyThere: .cannotCreate
        }
    }
}

extension SelfCheckRule: Advised {
    package var next: String {
        "airlock wrote no signature: run airlock doctor, try another machine, and report it without any key"
    }

    package var exit: ExitCode { .bug }
}

extension SigningRule: Advised {
    package var next: String {
        switch self {
        case .sameIntent: "take one of the two away"
        case .missingValue:
            "give it in the conditions file, or as --nonce, --gas, --max-fee or --priority-fee: nothing that is missing is guessed"
        case .otherMethod: "prepare again for this method: airlock-relay prepare --method"
        case .otherDomain: "do not sign: the permit would be of another token; prepare again with another node"
        case .otherNonce, .otherGas, .otherMaxFee, .otherPriorityFee:
            "leave the option out, or have the transaction made again with what was measured"
        case .noTransaction: "leave the option out"
        case .otherChain, .otherSender, .otherToken, .otherSpender:
            "prepare again for this request: airlock-relay prepare"
        case .otherDecimals:
            "do not sign: one of the two is wrong, and so are all amounts by it; compare them with a block explorer"
        case .conditionsTooOld: "prepare again: airlock-relay prepare"
        case .conditionsFromFuture: "set this machine's clock, or say the time with --now"
        case .unknownCall, .otherPayment, .otherValue, .paymentExpired: "do not send it: sign again"
        case .tokenBalance: "fund the payer's address, and prepare again"
        case .allowance: "approve the contract for what is needed, and prepare again"
        case .nativeBalance: "fund the payer's address, or lower the fees, and prepare again"
        case .gasAboveLimit: "give what prepare measured"
        case .overflow: "check the gas and the fees"
        case .wrongKey: "take the key of the address that pays the request"
        case .declined: "run the command again to be asked again"
        case .nobodyToAsk:
            "run it at a terminal, or with --yes under a policy that pins recipients and caps amounts and the network fee"
        case .tooLongToShow: "do not sign it blind: ask for something shorter, or for a request of a kind that is known"
        case .policyNotEnough:
            "add to the policy what the message names, or sign at a terminal: with --yes and --lines nobody is asked"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .missingValue, .nobodyToAsk, .noTransaction: .usage
        case .declined: .declined
        case .sameIntent, .otherChain, .otherSender, .otherToken, .otherDecimals, .otherSpender,
            .otherMethod, .otherDomain, .otherNonce, .otherGas, .otherMaxFee, .otherPriorityFee, .conditionsTooOld,
            .conditionsFromFuture, .tokenBalance, .allowance,
            .nativeBalance, .gasAboveLimit, .overflow, .wrongKey, .policyNotEnough, .tooLongToShow, .unknownCall,
            .paymentExpired,
            .otherPayment, .otherValue:
            .refused
        }
    }
}

extension SigningCause: AdvisedCause {
    package var hint: String? {
        switch self {
        case .chainAskedFor: "leave --chain out, or give the request that was made for this chain"
        }
    }
}
