package import AirlockBroadcast
package import AirlockCommandLineTool
package import AirlockSafeService

extension SafeServiceRule: Advised {
    package var next: String {
        switch self {
        case .badRequest: "read what the service said: it takes signatures of owners, for a nonce that is not used"
        case .unauthorized: "set SAFE_API_KEY to a key of the service's"
        case .forbidden: "use a key that may, in SAFE_API_KEY"
        case .notFound: "check the Safe and its chain, and that AIRLOCK_SAFE_URL ends before /api"
        case .tooManyRequests: "wait, or let --retry backoff do so; a key in SAFE_API_KEY is asked less often to wait"
        case .internalServer: "run the same command again later; what was posted already is not posted twice"
        case .status: "read what the service said, and check AIRLOCK_SAFE_URL"
        case .badKey: "put the key alone into SAFE_API_KEY, without quotes, line end or the word Bearer"
        case .badAnswer: "sign nothing of it: check AIRLOCK_SAFE_URL"
        case .noTransaction: "check the Safe, the chain and the nonce; --hash asks for a transaction by its hash"
        case .severalTransactions:
            "compare them, and say which one is meant with --hash; where all have nonces of their own, with --nonce"
        case .morePages: "say which one is meant with --nonce or --hash"
        case .otherTransaction: "sign nothing of it: check AIRLOCK_SAFE_URL"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .badRequest, .unauthorized, .forbidden, .notFound, .tooManyRequests, .internalServer, .status:
            .serviceError
        case .badKey: .usage
        case .badAnswer: .malformedInput
        case .noTransaction, .severalTransactions, .morePages, .otherTransaction: .refused
        }
    }
}

extension SafeChainRule: Advised {
    package var next: String {
        switch self {
        case .notASafe: "check the Safe's address and the node's chain"
        case .otherVersion: "sign nothing of it: the service and the chain differ; ask who proposed it"
        case .otherThreshold:
            "sign nothing of it: ask the other owners who changed the threshold, and run it again later"
        case .notOwner: "leave that signature out, or ask the other owners who changed the owners"
        case .nonceUsed: "look in a block explorer which transaction the Safe made with this nonce"
        case .nonceAhead: "execute the transactions before it first"
        case .belowThreshold: "have more owners sign, and give their signature files too"
        case .wouldRevert: "mend what the Safe says, and run the same command again"
        case .innerFails: "propose another transaction with this nonce, such as one that does nothing"
        }
    }

    package var exit: ExitCode { .refused }
}
