package import AirlockCommandLineTool
package import AirlockSafes
package import AirlockStateProofs

extension SafeRule: Advised {
    package var next: String {
        switch self {
        case .page: "save the answer for one transaction, multisig-transactions/<safeTxHash>/"
        case .otherType: "do not sign: ask for the transaction as the service's JSON"
        case .operation: "do not sign: ask for the transaction again"
        case .version: "give the version that the Safe's contract returns, such as 1.4.1"
        case .noChain: "give --chain, or list the Safe in the policy on one chain"
        case .noVersion:
            "list the Safe with its version in the policy's safes; describe and prepare take --safe-version"
        case .noSafe: "give --safe with the Safe's address"
        case .noNonce: "give --safe-nonce with the Safe's next nonce"
        case .emptyBatch: "ask for the batch again"
        case .batchValue: "make the batch anew in the Transaction Builder"
        case .signatureForm: "ask that owner to sign again"
        case .contradiction: "do not sign: the file says one thing and does another"
        case .checksum: "ask who changed it; --any-checksum makes it a warning, since many good files have a wrong one"
        case .noMultiSend: "list the MultiSendCallOnly contract of the Safe's version in delegateCalls"
        case .delegateCall: "do not sign: whoever made it could take the Safe. List only MultiSendCallOnly contracts"
        case .create, .unreadCall, .innerDelegateCall, .multiSend, .multiSendValue, .nullRecipient:
            "do not sign: ask who made it what it is for"
        case .gasPrice, .gasToken, .refundReceiver, .baseGas: "do not sign: ask for it without a refund of gas"
        case .administration: "do not sign unless the owners agreed on it; then list the function in administration"
        case .otherHash: "do not sign: the file, the chain or the version is wrong; check the version in the policy"
        case .otherVersion: "put the version that the Safe's contract returns into the policy"
        case .otherSafe, .otherNonce: "check which transaction you mean"
        case .nonceUsed: "ask for the transaction with the Safe's next nonce, or correct firstNonce in the policy"
        case .otherConfirmation: "do not sign: the confirmations are of another transaction"
        case .confirmingStranger: "do not sign unless you know the owner; then list it in the policy's owners"
        case .confirmedTwice: "remove one of the two from the file"
        case .ownerSafe: "name the Safe that owns the other, or list it in the policy's owners"
        case .unknownHash: "do not send: ask for the approval of the transaction that was agreed to"
        case .notOwner: "use the key of an owner, or list the account in the policy's owners"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .page, .otherType, .operation, .version, .emptyBatch, .batchValue, .signatureForm: .malformedInput
        case .noChain, .noVersion, .noSafe, .noNonce: .usage
        case .contradiction, .checksum, .noMultiSend, .delegateCall, .create, .multiSend, .multiSendValue,
            .innerDelegateCall, .gasPrice, .gasToken, .refundReceiver, .baseGas, .nullRecipient, .administration,
            .unreadCall, .otherHash, .otherVersion, .otherSafe, .otherNonce, .nonceUsed, .otherConfirmation,
            .confirmingStranger,
            .confirmedTwice, .notOwner, .ownerSafe, .unknownHash:
            .refused
        }
    }
}

extension SafeProofRule: Advised {
    package var next: String {
        switch self {
        case .noAccount, .list, .word: "check the Safe's address; this account is not stored like a Safe"
        case .repeatedSlot, .missingSlot, .surplusSlot: "fetch the proof again with airlock-relay safe fetch --proof"
        case .singleton: "do not sign unless you know the contract; without the proof the policy's version counts"
        case .otherSafe: "fetch the proof of this Safe, or leave it out"
        case .otherVersion: "do not sign: correct the version in the policy, after you know why it changed"
        case .otherOwners, .otherThreshold: "do not sign until you know who changed the Safe; then correct the policy"
        case .nonceUsed: "ask for the transaction with the Safe's next nonce"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .repeatedSlot, .missingSlot, .surplusSlot: .malformedInput
        case .noAccount, .list, .word, .singleton, .otherSafe, .otherVersion, .otherOwners, .otherThreshold,
            .nonceUsed:
            .refused
        }
    }
}

extension StateProofRule: Advised {
    package var next: String { "fetch the proof again, from another node if it is wrong again" }

    package var exit: ExitCode {
        switch self {
        case .tooLarge, .malformedHeader, .malformedNode, .malformedAccount, .malformedWord: .malformedInput
        case .otherNode, .missingNode, .surplusNode: .refused
        }
    }
}

extension SafePolicyRule: Advised {
    package var next: String {
        switch self {
        case .repeated: "keep one of the two"
        case .owners: "write how many owners must sign, as in the Safe's contract"
        case .administration: "name a function of the Safe by its canonical signature"
        case .safe: "do not sign unless the Safe is yours; then list it in the policy's safes"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .repeated, .owners, .administration: .malformedConfiguration
        case .safe: .refused
        }
    }
}
