public import AirlockEthereumTypes
public import AirlockRequests
public import AirlockStrictJSON

extension Payment {
    /// What is paid, as the other machine knows it.
    public enum Subject: Hashable, Sendable {
        /// The form of the first kind of request, which files have kept: the service's name, the id that the contract
        /// pays once, and the function that pays it.
        case first(name: String, id: FixedBytes<16>, method: String)
        /// Of every other kind: the kind, and the key and text of what must not be signed twice.
        case request(kind: String, key: Hash, reference: String)
    }
}

extension Payment.Subject {
    /// Reads it from the members of a payment file, or of a ledger's entry. Without `request` they are of the first form.
    public init?(from reader: inout ObjectReader) {
        if reader.optionalValue("request") != nil {
            let request = reader.object("request") { request -> Self? in
                let kind = request.string("kind")
                let key = request.string("key") { try Hash(hex: $0) }
                let reference = request.optionalString("reference") ?? ""
                request.refuseUnknown()
                guard let kind, let key else { return nil }
                return .request(kind: kind, key: key, reference: reference)
            }
            guard let request else { return nil }
            self = request
        } else {
            let name = reader.string(FirstForm.name)
            let id = reader.string(FirstForm.id) { try FixedBytes<16>(hex: $0) }
            let method = reader.string("method")
            guard let name, let id, let method else { return nil }
            self = .first(name: name, id: id, method: method)
        }
    }
}

extension Payment {
    /// Can a file with these members pay a request of this kind at all? Those of the first form have the ids of one kind alone.
    public func mayPay(_ request: any Request) -> Bool {
        if case .first = subject { return request.reference(payer: from).legacy != nil }
        return true
    }
}
