/// A part of Airlock that reads bytes from outside. For every input, the part must neither crash nor hang. If the part
/// accepts the bytes, it must be able to write the value that it has read. The written bytes must be the same as the
/// input, or reading them must give the same value. If the part refuses the bytes, the position that the error states
/// must be inside the input.
///
/// The fuzzer generates the inputs. The tests repeat the inputs that the fuzzer found earlier.
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

    /// Passes the bytes to this part. Returns whether the part accepted the bytes. Throws if a property does not hold.
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

/// The property that should hold for every input, but does not hold for this input.
public struct BrokenInvariant: Error, CustomStringConvertible {
    public let description: String
}

func require(_ holds: Bool, _ sentence: String) throws(BrokenInvariant) {
    if !holds { throw BrokenInvariant(description: sentence) }
}
