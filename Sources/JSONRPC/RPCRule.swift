public import AirlockDiagnostics

/// What can be wrong with a node's answer itself; what the node says no to is `NodeRule`.
public enum RPCRule: String, Rule {
    case status = "rpc.status"
    case badAnswer = "rpc.bad-answer"
    case wrongID = "rpc.wrong-id"
    case repeatedID = "rpc.repeated-id"
    case missingAnswer = "rpc.missing-answer"
    case otherReceipt = "rpc.other-receipt"
    case otherHeader = "rpc.other-header"

    public var meaning: String {
        switch self {
        case .status: "the server answered with an HTTP error"
        case .badAnswer: "the node's answer is not what the method promises"
        case .wrongID: "the answer belongs to another request"
        case .repeatedID: "two answers claim to belong to one request"
        case .missingAnswer: "one of several requests has no answer"
        case .otherHeader: "a block's header does not have the hash that the node gives it"
        case .otherReceipt: "the receipt is of another transaction than the one asked for, or was taken back"
        }
    }
}
