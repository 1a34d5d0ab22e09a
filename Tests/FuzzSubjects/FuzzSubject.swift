/// What reads bytes that somebody else chose, and what must hold whatever they are: it neither crashes nor hangs, what
/// it reads it writes as it was, and what it refuses it refuses at a place inside the input.
///
/// The fuzzer makes up the bytes; the tests feed again those that were found once.
public enum FuzzSubject: String, CaseIterable, Sendable {
    case abi
    case cbor
    case charge
    case descriptor
    case files
    case json
    case line
    case message
    case request
    case rlp
    case safe
    case signature
    case signRequest = "sign-request"
    case table
    case text
    case transaction
    case typedData = "typed-data"
    case ur

    /// Whether the bytes were read as something; throws what does not hold.
    @discardableResult
    public func feed(_ bytes: [UInt8]) throws(BrokenInvariant) -> Bool {
        switch self {
        case .abi: try feedABI(bytes)
        case .cbor: try feedCBOR(bytes)
        case .charge: try feedCharge(bytes)
        case .descriptor: try feedDescriptor(bytes)
        case .files: try feedFiles(bytes)
        case .json: try feedJSON(bytes)
        case .line: try feedLine(bytes)
        case .message: try feedMessage(bytes)
        case .request: try feedRequest(bytes)
        case .rlp: try feedRLP(bytes)
        case .safe: try feedSafe(bytes)
        case .signature: try feedSignature(bytes)
        case .signRequest: try feedSignRequest(bytes)
        case .table: try feedTable(bytes)
        case .text: try feedText(bytes)
        case .transaction: try feedTransaction(bytes)
        case .typedData: try feedTypedData(bytes)
        case .ur: try feedUR(bytes)
        }
    }
}

/// What should hold for every input, and does not for this one.
public struct BrokenInvariant: Error, CustomStringConvertible {
    public let description: String
}

func require(_ holds: Bool, _ sentence: String) throws(BrokenInvariant) {
    if !holds { throw BrokenInvariant(description: sentence) }
}
