package import AirlockCommandLineTool
package import AirlockBroadcast

extension JournalRule: Advised {
    package var next: String {
        switch self {
        case .cannotOpen: "check the path and its permissions, or name another file with --journal"
        case .unreadable: "check the path and its permissions"
        case .notAJournal: "check the path: nothing was changed in the file; name another one with --journal"
        case .damaged: "keep the file, restore a copy, or name another file with --journal"
        case .locked: "wait until the other airlock-relay is done, then run the same command again"
        case .failed: "check the disk's space and permissions, then run the same command again: nothing is lost"
        case .newer: "use the newer Airlock, or name another journal with --journal"
        case .leaseHeld, .leaseLost: "airlock-relay resume continues it; it is paid only once"
        case .notEmpty: "name a new file or an empty database"
        case .differs: "stop all relays that use the journal, then copy it again: nothing was written"
        case .older: "stop the relays of the older version, then run airlock-relay journal migrate"
        case .unreachable:
            "check the address, the server and the network, then run the same command again: nothing is lost"
        case .readOnly: "name the server that takes writes, or all of them: postgresql://first,second/database"
        case .noAddress: "write it as postgresql://user@host:port/database"
        case .passwordInArgument:
            "give the address in AIRLOCK_JOURNAL or in a file (--journal @FILE), or the password in PGPASSWORD or PGPASSFILE"
        case .pruneDeclined: "--dry-run shows what would be removed"
        case .severalPayments: "name the payment by its code"
        case .unknownPayment: "airlock-relay status lists all; give a code, or the request's id or a transaction's hash"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .cannotOpen: .cannotCreate
        case .damaged, .notAJournal: .malformedInput
        case .newer, .older: .malformedConfiguration
        case .unreadable, .unknownPayment: .missingInput
        case .severalPayments, .noAddress, .passwordInArgument: .usage
        case .unreachable, .readOnly: .unreachable
        case .leaseHeld, .leaseLost: .pending
        case .pruneDeclined: .declined
        case .notEmpty: .cannotCreate
        case .locked, .failed, .differs: .cannotWrite
        }
    }
}

extension NodesRule: Advised {
    package var next: String {
        switch self {
        case .wrongChain: "name a node of the chain that the payment is for"
        case .noNode: "name a node of each chain that the payments are for"
        case .disagree: "wait until all have caught up and run the same command again, or leave out the one that lags"
        }
    }

    package var exit: ExitCode { self == .noNode ? .unreachable : .refused }
}

extension PrepareRule: Advised {
    package var next: String {
        switch self {
        case .wouldRevert: "airlock decode-error says what the data means"
        case .insufficientFunds: "fund the payer's address, or wait until fees fall"
        case .otherPayer: "leave --from out, or make a payroll for each payer"
        case .severalChains: "make a payroll for each chain"
        case .sameRequest: "remove one of the two, or give each its own reference"
        case .notOfPayroll: "prepare and sign it on its own"
        case .noLines: "give one {\"request\":{...}} per line"
        case .tooLittle: "fund the payer's address with the token"
        case .answersFalse: "do not pay: ask the token's issuer why it refuses the transfer"
        case .notAToken: "check the request's currency, --token and the node's chain"
        case .noQuoter: "name a QuoterV2 with --quoter, or the most to spend with --value"
        case .noPool: "spend another token, or pay in the currency that the request asks for"
        case .noTokenPermit: "choose another method"
        case .noPermit2: "choose a method without a permit, whose name ends in PreApproved"
        case .gasNotMeasured: "give airlock sign --gas, or prepare with another node"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .notOfPayroll, .noLines: .malformedInput
        case .noQuoter: .usage
        case .wouldRevert, .insufficientFunds, .otherPayer, .severalChains, .sameRequest, .tooLittle, .answersFalse,
            .notAToken, .noPool, .noTokenPermit, .noPermit2, .gasNotMeasured:
            .refused
        }
    }
}

extension SendRule: Advised {
    package var next: String {
        switch self {
        case .otherPayment, .notACancel: "do not send it: the file was altered; copy it again or sign again"
        case .permit:
            """
            whoever pays the network fee sends a transaction with the permit's to and data (airlock tx encode); \
            airlock-relay send with this file and --transaction HASH follows it until it is settled
            """
        case .noChain: "sign again with a chain id"
        case .mixed: "send each payment by itself, or give a FILE.jsonl with one payment on each line"
        case .empty: "give a payment file or raw transactions"
        case .otherHash: "use another node"
        case .pending, .unconfirmed:
            "run the same command again, or airlock-relay resume for a payment in the journal; it is paid at most once"
        case .reverted:
            "prepare again: the simulation names what is wrong; if the ledger refuses to sign again, check the hash with another node, because this payment can still be mined if one node lied; then make a new request with another reference"
        case .nonceTaken:
            "check whether that transaction made the payment; if not, prepare and sign again with --replace, or, if the ledger refuses that, a new request with another reference"
        case .expired:
            "ask for a new request; if this one was sent before, airlock-relay cancel makes sure that it is not mined"
        case .cancelled:
            "to pay after all, prepare and sign again with --replace, or, if the ledger refuses that, a new request with another reference"
        case .noCancel:
            "sign the same request again with the same --nonce, with --cancel and --replace HASH; the next time sign with --cancel at once"
        case .refusedLine:
            "correct what airlock sign refused, sign it again and send the new lines; or remove the line from the file to send the others without it"
        case .sameNonce: "leave out the one that was replaced"
        case .heldBack: "solve the other payment's problem; then airlock-relay resume sends both"
        case .declined: "run the command again to be asked again; if the codes differ, the payment was altered"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .otherPayment, .permit, .notACancel, .noChain, .noCancel, .refusedLine, .sameNonce: .refused
        case .mixed, .empty: .malformedInput
        case .otherHash: .unreachable
        case .pending, .unconfirmed, .heldBack: .pending
        case .reverted: .reverted
        case .nonceTaken: .nonceTaken
        case .expired: .expired
        case .cancelled: .cancelled
        case .declined: .declined
        }
    }
}

extension SettlementRule: Advised {
    package var next: String {
        switch self {
        case .noEvent, .otherEvent:
            "do not pay again: look at the transaction in a block explorer, and ask the merchant"
        case .executionFailed: "propose and sign a new transaction, with the Safe's next nonce"
        }
    }

    package var exit: ExitCode { self == .executionFailed ? .reverted : .refused }
}

extension SafeChainRule: Advised {
    package var next: String {
        switch self {
        case .notASafe: "check the Safe's address and the node's chain"
        case .otherVersion: "do not sign it: the service and the chain differ; ask who proposed it"
        case .otherThreshold:
            "do not sign it: ask the other owners who changed the threshold, and run it again later"
        case .notOwner: "leave that signature out, or ask the other owners who changed the owners"
        case .nonceUsed: "look in a block explorer which transaction the Safe made with this nonce"
        case .nonceAhead: "execute the transactions before it first"
        case .belowThreshold: "have more owners sign, and give their signature files too"
        case .wouldRevert: "solve the problem that the Safe reports, and run the same command again"
        case .innerFails: "propose another transaction with this nonce, such as one that does nothing"
        }
    }

    package var exit: ExitCode { .refused }
}

extension WebhookRule: Advised {
    package var next: String {
        switch self {
        case .rejected: "look at the receiver's log; the post is repeated until the receiver answers with 2xx"
        }
    }

    package var exit: ExitCode { .unreachable }
}

extension BroadcastCause: AdvisedCause {
    package var hint: String? {
        switch self {
        case .nonceMissing(let nonce):
            "send the transaction with nonce \(nonce); then airlock-relay resume continues this one"
        case .allowanceTooSmall: "prepare with --approve, and sign with --approve"
        case .silentRevert: "check that the contract is the right one"
        case .approvalNotMined: "give airlock sign --gas, or send the approval alone and prepare again"
        case .payerNotNamed: "name the payer with --from"
        }
    }
}

extension Preparation.Note {
    /// The note as text for the user. If an option of `airlock sign` helps in the situation that the note describes,
    /// the text names this option.
    package var sentence: String {
        switch next {
        case nil: text
        case .offerMore: "\(text); airlock sign --max-fee offers more"
        case .swap(let value, let poolFee): "\(text): airlock sign --value \(value) --pool-fee \(poolFee)"
        case .replace(let nonce): "\(text): to replace it, give airlock sign --nonce \(nonce) --replace HASH"
        case .otherNonce: "\(text); if that one is not to be sent, give airlock sign --nonce"
        case .following(let nonce, let kind):
            "\(text): sign the next \(kind) with --nonce \(nonce), or several as a folder"
        }
    }
}
