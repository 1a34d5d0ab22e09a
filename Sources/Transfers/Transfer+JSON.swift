public import AirlockEthereumTypes
import AirlockPaymentFiles
public import AirlockDiagnostics
import AirlockSecp256k1
public import AirlockStrictJSON

extension Transfer {
    /// Reads a transfer file.
    public init(_ root: JSONValue) throws(ProblemList) {
        let members = try AirlockFile.read(root, Self.read)
        do throws(ProblemList) {
            try self.init(
                chain: members.chain, from: members.from, to: members.to, token: members.token,
                amount: members.amount, reference: members.reference, expires: members.expires,
                requester: members.requester, signature: members.signature)
        } catch { throw ProblemList(error.problems.map { $0.at(root.pointer + ($0.field ?? "")) }) ?? error }
    }

    private struct Members {
        let chain: Chain
        let from: Address?
        let to: Address
        let token: Address?
        let amount: UInt256
        let reference: String?
        let expires: Timestamp?
        let requester: Address?
        let signature: [UInt8]?
    }

    private static func read(_ reader: inout ObjectReader) -> Members? {
        AirlockFile.readHead(&reader, kind: kind)
        let chain = reader.string("chainId") { try Chain(decimal: $0) }
        let from = reader.optionalString("from") { try Address($0) }
        let to = reader.string("to") { try Address($0) }
        let token = reader.optionalString("token") { try Address($0) }
        let amount = reader.string("amount") { try UInt256(decimal: $0) }
        let reference = reader.optionalString("reference")
        let expires = reader.optionalString("expires") { try Timestamp($0) }
        let requester = reader.optionalString("requester") { try Address($0) }
        let signature = reader.optionalString("signature") { text throws in
            let bytes = try Hex.decode(text)
            guard bytes.count == 65 else {
                throw Problem(TransferRule.signatureForm, saw: "\(bytes.count) bytes", expected: "65 bytes")
            }
            return bytes
        }
        guard let chain, let to, let amount else { return nil }
        return Members(
            chain: chain, from: from, to: to, token: token, amount: amount, reference: reference, expires: expires,
            requester: requester, signature: signature)
    }

    /// Recovers the requester from the signature: `nil` where the request is not signed, and nobody is proved to ask.
    public func provenRequester() throws(ProblemList) -> Address? {
        guard let requester, let signature else { return nil }
        let signer: Address
        do throws(SignatureError) {
            let read = try Signature(signature, accepting: .only27Or28)
            try read.requireLowS()
            signer = try read.recoverAddress(digest: digest)
        } catch {
            let problems = error.problems.map { Problem(TransferRule.signatureForm, because: $0, at: "/signature") }
            throw ProblemList(problems) ?? ProblemList(Problem(TransferRule.signatureForm, at: "/signature"))
        }
        guard signer == requester else {
            throw ProblemList(
                Problem(
                    TransferRule.signatureMismatch, at: "/signature", saw: "a signature of \(signer)",
                    expected: "one of the requester \(requester)"))
        }
        return requester
    }

    /// The file as it is written.
    public var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("airlock", .number(AirlockFile.version)), ("kind", .string(Self.kind)),
            ("chainId", .string("\(chain.id)")),
        ]
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { members.append((name, .string(value.description))) }
        }
        add("from", from)
        add("to", to)
        add("token", token)
        add("amount", amount)
        add("reference", reference)
        add("expires", expires)
        add("requester", requester)
        add("signature", signature.map { Hex.encode($0) })
        return .object(members)
    }
}
