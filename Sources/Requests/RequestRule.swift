public import AirlockDiagnostics

/// What is wrong between a request and what would be done about it.
public enum RequestRule: String, Rule {
    case otherCall = "self-check.other-call"
    case argumentUnused = "request.option-without-effect"
    case noPayer = "request.no-payer"
    case unknownKind = "request.unknown-kind"
    case ambiguous = "request.two-kinds"
    case twice = "request.two-in-a-line"
    case twoConditions = "request.two-conditions"

    public var meaning: String {
        switch self {
        case .otherCall: "the call data says something else than the request"
        case .argumentUnused: "what was given has no effect on a request of this kind"
        case .noPayer: "nothing says who pays"
        case .unknownKind: "this is no request"
        case .ambiguous: "the request can be read as two kinds"
        case .twice: "the line holds two requests"
        case .twoConditions: "the line has conditions of its own, beside those that all lines take"
        }
    }
}

/// Why something is no request, where something else helps than what the rule says.
public enum RequestCause: Cause {
    /// It is a message: typed data.
    case typedData
}
