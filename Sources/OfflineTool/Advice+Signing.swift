package import AirlockClearSigning
package import AirlockCommandLineTool
package import AirlockEvidence
package import AirlockMessages
package import AirlockSigning

extension LedgerRule: Advised {
    package var next: String {
        switch self {
        case .index: "remove the folder that the message names; it is rebuilt from the ledger"
        case .malformed, .otherForm, .unknownSubject, .brokenChain, .altered:
            "do not sign: find out who changed it, and restore it from a copy; airlock ledger verify shows the place"
        case .notALedger: "name the ledger, or a file that does not exist yet; this one was not changed"
        case .missing:
            "restore it from a copy; after the loss of a disk continue with airlock ledger init --accept-head and the hash"
        case .alreadyThere: "there is nothing to do; to begin a new ledger, move this one away first"
        case .headUnknown:
            "this is an older copy of the ledger: restore the newest, or prepare again with the relay that sent last"
        case .clockBehind:
            """
            set this machine's clock; if it is right, wait until the time of the last entry; only if that is too long, \
            keep this ledger, and begin another with airlock ledger init --accept-head, which knows none of the payments \
            before
            """
        case .intentSigned:
            "send the transaction that was signed; only if it must not be mined, sign this request on its own with --replace HASH"
        case .signedWithOtherNonce:
            "send the transaction that was signed; replace it only with the same nonce; to pay again, make a new request, with another reference if its kind has one"
        case .nonceSigned:
            "to sign both, send the first, then prepare again for the next nonce; only if the first must not be paid, sign this one on its own with --replace HASH"
        case .nothingToReplace: "name the hash that the refusal or airlock ledger list shows"
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
        case .sameIntent: "remove one of the two"
        case .missingValue:
            "give it in the conditions file, or as --nonce, --gas, --max-fee or --priority-fee: missing values are never guessed"
        case .otherMethod: "prepare again for this method: airlock-relay prepare --method"
        case .otherDomain: "do not sign: the permit would be for another token; prepare again with another node"
        case .otherNonce, .otherGas, .otherMaxFee, .otherPriorityFee:
            "leave the option out, or ask for a new transaction with the measured values"
        case .noTransaction: "leave the option out"
        case .otherChain, .otherSender, .otherToken, .otherSpender:
            "prepare again for this request: airlock-relay prepare"
        case .otherDecimals:
            "do not sign: one of the two is wrong, and with it every amount; compare the decimals with a block explorer"
        case .conditionsTooOld:
            "prepare again: airlock-relay prepare; to get again what was signed with them, give --now and the time of then"
        case .conditionsFromFuture: "set this machine's clock, or give the time with --now"
        case .unknownCall, .otherPayment, .otherValue, .paymentExpired: "do not send it: sign again"
        case .tokenBalance: "fund the payer's address, and prepare again"
        case .allowance: "approve the contract for what is needed, and prepare again"
        case .nativeBalance: "fund the payer's address, or lower the fees, and prepare again"
        case .gasAboveLimit: "give the gas that prepare measured"
        case .overflow: "check the gas and the fees"
        case .wrongKey: "use the key of the address that pays the request"
        case .declined: "run the command again to be asked again"
        case .nobodyToAsk:
            "run it at a terminal, or with --yes under a policy that pins recipients and caps amounts and the network fee"
        case .tooLongToShow: "do not sign it blind: ask for something shorter, or for a request of a known kind"
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

extension MessageRule: Advised {
    package var next: String {
        switch self {
        case .notText: "give typed data, or a text file that holds sentences and nothing else"
        case .notSignIn:
            "save the text exactly as the site gives it, without carriage returns and without an end of line at its end"
        case .textLength: "ask for a shorter text"
        case .textOfHash: "do not sign: ask for a text that is longer or shorter"
        case .mnemonic: "do not sign, and show the file to nobody; give the mnemonic only to airlock key import"
        case .textNotAllowed: "if you meant to sign this text, add \"text\":true to the policy"
        case .notPinned:
            "do not sign unless you know who reads the signature; then list domainSeparator and type in the policy's messages"
        case .unlimited: "ask for a message with the amount that is needed"
        case .expired: "ask for a new message; --now TIME gives the time if this machine's clock is wrong"
        case .notOwner: "use the key of the account that the message names"
        case .safe: "sign it in a file of its own: airlock sign FILE shows what the Safe would do"
        case .domainIncomplete:
            "ask for a message whose domain has chainId and verifyingContract; if the token has none, approve by a call"
        case .chainTooLarge: "do not sign: ask for the message again"
        case .otherDigest: "do not use the signature for this message: sign again"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .notText, .notSignIn, .textLength, .chainTooLarge: .malformedInput
        case .textOfHash, .mnemonic, .textNotAllowed, .notPinned, .unlimited, .expired, .notOwner, .safe,
            .domainIncomplete,
            .otherDigest:
            .refused
        }
    }
}

extension DescriptorRule: Advised {
    package var next: String {
        switch self {
        case .schema: "use a descriptor whose $schema names erc7730-v2"
        case .unsupported, .badKey, .badPath, .missingConstant, .tooLarge, .notCanonical, .wrongType:
            "correct the descriptor, or do without it: the raw fields are shown in any case"
        case .duplicateKey: "do not use this descriptor: it can be read in two ways"
        case .badInclude, .includeCycle, .includeDepth: "correct includes: a relative path inside the same folder"
        case .unbound: "add deployments, or include this file from a descriptor that has them"
        case .otherContract, .otherDomain, .unknownFunction, .unknownMessage:
            "use the descriptor of this contract, or read the raw fields"
        case .ambiguous: "keep only one of them"
        case .badData, .otherFunction:
            "do not sign: the contract may read these data differently from what is shown"
        case .noValue, .arrayLengths, .tooDeep: "read the raw fields: the descriptor does not fit these data"
        case .untrusted: "read the descriptor, and if it is right add its hash to the policy's descriptors"
        case .mustMatch: "do not sign before you know why: the descriptor's author ruled this value out"
        case .uncheckedDemand: "do not sign before you know why: the descriptor's author rules some values out"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .schema, .unsupported, .badKey, .duplicateKey, .badPath, .missingConstant, .tooLarge, .badInclude,
            .includeCycle, .includeDepth, .notCanonical, .unbound:
            .malformedInput
        case .otherContract, .otherDomain, .otherFunction, .unknownFunction, .unknownMessage, .ambiguous, .badData,
            .noValue, .wrongType, .arrayLengths, .mustMatch, .uncheckedDemand, .tooDeep, .untrusted:
            .refused
        }
    }
}

extension AttestationRule: Advised {
    package var next: String {
        switch self {
        case .form, .schema, .domain: "use an off-chain attestation of EAS, version 2, as ERC-8176 describes it"
        case .otherDescriptor: "fetch descriptor and attestation again: one of them was changed"
        case .identifier, .signature, .signer: "do not trust it: fetch the attestation again"
        case .attester: "add the attester to the policy only if you know who it is"
        case .expired: "fetch a newer attestation, or pin the descriptor's hash in the policy"
        }
    }

    package var exit: ExitCode { .refused }
}

extension EvidenceRule: Advised {
    package var next: String {
        switch self {
        case .noPlace: "leave it out; evidence is only about what airlock sign made from a request"
        case .otherRequest: "name the request, its options and its conditions as they were when it was signed"
        case .otherTransactions:
            "name the conditions and the policy that were used to sign; if these are the ones, somebody changed one of the files"
        case .notInLedger: "name the ledger of the machine that signed it: --ledger"
        case .brokenChain, .otherEntry:
            "believe neither: compare with the signing machine's ledger; airlock ledger verify shows its state"
        case .headUnknown:
            "name an entry that airlock ledger list shows from this payment on; a folder without it is from another ledger"
        case .tooManyEntries: "end with an earlier entry: --head HASH"
        case .otherRelay: "take the file that airlock-relay evidence writes for this payment's code"
        case .notManifest: "name a folder that airlock evidence made"
        case .unknownFile, .missingFile, .alteredFile:
            "do not believe the folder: somebody changed it since it was made; ask for a copy of the original"
        case .otherPage:
            "believe the verified files and not the page; airlock evidence FOLDER -o NEW makes the page and the review again"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .noPlace, .otherRequest, .otherTransactions, .notInLedger, .brokenChain, .otherEntry, .headUnknown,
            .otherRelay, .unknownFile, .missingFile, .alteredFile, .otherPage:
            .refused
        case .tooManyEntries, .notManifest: .malformedInput
        }
    }
}
