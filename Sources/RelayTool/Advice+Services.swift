package import AirlockCommandLineTool
package import AirlockHTTP
package import AirlockJSONRPC
package import AirlockOpenRouter
package import AirlockSafeService
package import AirlockWeb

extension HTTPRule: Advised {
    package var next: String {
        switch self {
        case .badURL: "give the whole address, such as https://example.org/rpc or http://127.0.0.1:8545"
        case .insecureURL: "use https://, or a node on 127.0.0.1, ::1 or localhost"
        case .badHeader: "write it as 'Name: value'"
        case .badCertificates: "name a PEM file in CURL_CA_BUNDLE, or where that is not set in SSL_CERT_FILE"
        case .unreachable: "check the address and the network, then run the same command again"
        case .timeout: "run the same command again, or allow more time with --timeout"
        case .tls: "check the address and this machine's clock; a private authority's file goes into CURL_CA_BUNDLE"
        case .cutOff: "run the same command again"
        case .notHTTP: "check the address and its port"
        case .redirected: "give the final address"
        case .tooLarge: "check that the address is a node's or the service's"
        case .cancelled: "run the same command again"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .badURL, .insecureURL, .badHeader: .usage
        case .badCertificates: .malformedConfiguration
        case .unreachable, .timeout, .tls, .cutOff, .notHTTP, .redirected, .tooLarge: .unreachable
        case .cancelled: .interrupted
        }
    }
}

extension NodeRule: Advised {
    package var next: String {
        switch self {
        case .alreadyKnown: "wait for its receipt: airlock-relay status shows it"
        case .nonceTooLow: "airlock-relay status shows whether it was this payment or another transaction"
        case .nonceTooHigh: "send the transactions before it first; once they are mined, send this one again"
        case .replacementUnderpriced: "wait, send a higher rung, or sign again with fees at least 10 % higher"
        case .insufficientFunds: "fund the sender, then send the same file again"
        case .intrinsicGas: "prepare and sign again with more gas"
        case .gasLimit: "prepare and sign again with less gas"
        case .wrongChain: "check that the node's chain is the one the payment was signed for"
        case .feeTooLow: "wait until fees fall, or prepare and sign again with higher fees"
        case .feeAboveCap: "check the fees that were signed, or use a node without that cap"
        case .rateLimited: "wait, or use another node or a key of your own"
        case .reverted: "airlock decode-error says what the data means"
        case .methodMissing: "use another node"
        case .other: "read what the node said, or use another node"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .rateLimited, .methodMissing: .unreachable
        case .reverted: .refused
        default: .rejectedByNode
        }
    }
}

extension RPCRule: Advised {
    package var next: String {
        switch self {
        case .status: "check the address and the key in it; at a status of 500 and above, run the same command again"
        case .badAnswer: "check that the address is an Ethereum node's, or use another node"
        case .otherHeader: "use another node; chains whose headers have other fields are not supported"
        case .wrongID, .repeatedID, .missingAnswer, .otherReceipt: "run the same command again, or use another node"
        }
    }

    package var exit: ExitCode { .unreachable }
}

extension OpenRouterRule: Advised {
    package var next: String {
        switch self {
        case .badRequest: "read what the service said, and correct the amount, the sender or the chain"
        case .unauthorized: "check the key: OPENROUTER_API_KEY for charges, OPENROUTER_MANAGEMENT_KEY for credits"
        case .forbidden:
            "use a key with this permission: credits are shown to a management key only, which OPENROUTER_MANAGEMENT_KEY holds"
        case .gone:
            "any charge that was saved before it expires can still be prepared, signed and sent, and so can any "
                + "operator's intent on the same contracts; new credits are bought on the service's website"
        case .tooManyRequests: "wait, then run the same command again, or let --retry backoff do so"
        case .internalServer: "run the same command again later; --retry backoff repeats it by itself"
        case .status:
            "read what the service said, and check OPENROUTER_BASE_URL; at a status of 502 to 504 run the same command "
                + "again later"
        case .badKey: "set the variable to the key only, without quotes, line end or the word Bearer"
        case .badAmount: "give dollars as a decimal number, such as 25 or 12.50"
        case .otherCharge: "do not pay it: check OPENROUTER_BASE_URL, and ask for another charge"
        case .badAnswer: "check OPENROUTER_BASE_URL; the answer to charge create is saved as it came"
        }
    }

    package var exit: ExitCode {
        switch self {
        case .badRequest, .unauthorized, .forbidden, .gone, .tooManyRequests, .internalServer, .status: .serviceError
        case .badKey, .badAmount: .usage
        case .badAnswer: .malformedInput
        case .otherCharge: .refused
        }
    }
}

extension LostAnswer: AdvisedCause {
    package var hint: String? {
        switch self {
        case .mayHaveMade:
            "run the same command again; if a charge was made although its answer was lost, it costs nothing as long as nobody "
                + "pays it"
        }
    }
}

extension ServiceRefusal: AdvisedCause {
    package var hint: String? {
        if isShortOfCredits { return "the account has too few credits for it: airlock-relay credits shows them" }
        return isPassing ? OpenRouterRule.internalServer.next : nil
    }
}

extension WebRule: Advised {
    package var next: String {
        switch self {
        case .malformed: "see docs/api.md for the requests that exist"
        case .wrongHost: "use an address or localhost, or start with --listen-name for another name"
        case .password: "give the password of the file that --listen-password-file names"
        case .notFound: "see docs/api.md for the addresses that exist"
        case .method: "use a method that the header Allow names"
        case .otherSite: "open the page itself, at the address that it is served at"
        case .token: "load the page again: its token changed when the service was restarted"
        case .tooLarge: "send large files by the inbox or airlock-relay send"
        case .busy: "try again in a moment; close pages that are not needed"
        case .cannotListen: "choose another port, or end what uses this one"
        }
    }

    package var exit: ExitCode { self == .cannotListen ? .malformedConfiguration : .refused }
}

extension SafeServiceRule: Advised {
    package var next: String {
        switch self {
        case .badRequest: "read what the service said: it accepts signatures of owners for an unused nonce"
        case .unauthorized: "set SAFE_API_KEY to a key of the service"
        case .forbidden: "set SAFE_API_KEY to a key with this permission"
        case .notFound: "check the Safe and its chain, and that AIRLOCK_SAFE_URL ends before /api"
        case .tooManyRequests: "wait, or let --retry backoff do so; the limit is higher with a key in SAFE_API_KEY"
        case .internalServer: "run the same command again later; what was posted already is not posted twice"
        case .status: "read what the service said, and check AIRLOCK_SAFE_URL"
        case .badKey: "set SAFE_API_KEY to the key only, without quotes, line end or the word Bearer"
        case .badAnswer: "do not sign it: check AIRLOCK_SAFE_URL"
        case .noTransaction: "check the Safe, the chain and the nonce; --hash asks for a transaction by its hash"
        case .severalTransactions:
            "compare them, and select one with --hash, or with --nonce if their nonces differ"
        case .morePages: "select one with --nonce or --hash"
        case .otherTransaction: "do not sign it: check AIRLOCK_SAFE_URL"
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
