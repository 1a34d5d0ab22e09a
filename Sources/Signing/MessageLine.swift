import AirlockDiagnostics
import AirlockMessages
import AirlockPaymentFiles
import AirlockStrictJSON
import AirlockTypedData

/// A line of a batch that asks for a message: typed data in the place of the request, and nothing beside it.
struct MessageLine: Sendable {
    let message: SignableMessage

    /// Reads a line, or says all that is wrong with it; `nil` where its request is no typed data.
    init?(_ bytes: [UInt8]) throws(ProblemList) {
        guard let root = (try? JSONDocument(bytes))?.root, let request = root[Self.member],
            SignableMessage.recognises(request)
        else { return nil }
        message = try AirlockFile.read(root) { reader -> SignableMessage? in
            guard let value = reader.value(Self.member) else { return nil }
            do throws(ProblemList) { return try SignableMessage(TypedData(value)) } catch {
                // What was read has its place in the line; what it lets others take is told of the message alone.
                reader.record(
                    error.problems.map { $0.field?.hasPrefix("/\(Self.member)/") == true ? $0 : Self.placed($0) })
                return nil
            }
        }
    }

    private static let member = "request"

    /// A review knows the message as a file of its own.
    static func placed(_ problem: Problem) -> Problem {
        guard let field = problem.field, problem.file == nil else { return problem }
        return problem.at(field.hasPrefix("/") ? "/\(member)\(field)" : "/\(member)")
    }
}
