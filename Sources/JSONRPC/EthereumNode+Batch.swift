internal import AirlockDiagnostics
internal import AirlockStrictJSON
import Synchronization

/// Several questions in one round trip: JSON-RPC 2.0 §6.
extension EthereumNode {
    /// What one question of several was answered with: the answer itself, or why there is none.
    public typealias Answered<Answer> = Result<Answer, NodeError>

    /// Asks questions of several kinds at once; the first that has no answer is thrown.
    public func askTogether<each Answer: Sendable>(
        _ questions: repeat NodeQuestion<each Answer>
    ) async throws(NodeError) -> (repeat each Answer) {
        var calls: [NodeCall] = []
        for question in repeat each questions { calls.append(question.call) }
        let answers = try await answers(to: calls)
        var position = 0
        func next<One>(_ question: NodeQuestion<One>) throws(NodeError) -> One {
            defer { position += 1 }
            return try read(answers[position].get(), question)
        }
        return try (repeat next(each questions))
    }

    /// Asks questions of one kind at once; each has an answer of its own, in the order of the questions.
    public func askEach<Answer>(
        _ questions: [NodeQuestion<Answer>]
    ) async throws(NodeError) -> [Answered<Answer>] {
        let answers = try await answers(to: questions.map(\.call))
        return zip(questions, answers).map { question, answer in
            do throws(NodeError) { return .success(try read(try answer.get(), question)) } catch {
                return .failure(error)
            }
        }
    }

    /// The answer to each call. Throws when there is none to any of them.
    private func answers(to calls: [NodeCall]) async throws(NodeError) -> [Answered<JSONValue>] {
        if calls.count < 2 || refusesBatches.load(ordering: .relaxed) { return try await answersOneByOne(to: calls) }
        let methods = calls.map(\.method).joined(separator: ", ")
        let ids = calls.map { _ in nextID() }
        let (root, status) = try await post(.array(zip(calls, ids).map { $0.request($1) }), methods)
        if Self.isRefusal(root, of: calls.count) {
            let answers = try await answersOneByOne(to: calls)
            refusesBatches.store(true, ordering: .relaxed)
            return answers
        }
        guard status < 300 else { throw failure(methods, .status(status)) }
        let found = try sorted(root, ids, methods)
        return zip(calls, found).map { call, answer in
            guard let error = answer["error"], !error.isNull else { return .success(answer) }
            return .failure(refusal(call.method, error))
        }
    }

    /// A node that takes no batches says so once: with a single error; or, as geth does of one that is too large, with
    /// an array of a single error.
    private static func isRefusal(_ root: JSONValue, of count: Int) -> Bool {
        let said = root.elements.map { $0.count == 1 && count > 1 ? $0[0]["error"] : nil } ?? root["error"]
        return said.map { !$0.isNull } ?? false
    }

    /// One after the other, and no further than the node can be reached and does not complain of their number.
    private func answersOneByOne(to calls: [NodeCall]) async throws(NodeError) -> [Answered<JSONValue>] {
        var answers: [Answered<JSONValue>] = []
        for call in calls {
            do throws(NodeError) { answers.append(.success(try await answer(to: call))) } catch {
                guard let rule = error.refusal?.rule, rule != .rateLimited else { throw error }
                answers.append(.failure(error))
            }
        }
        return answers
    }

    /// The answers in the order of their questions, whatever order they came in: each question has exactly one.
    private func sorted(
        _ root: JSONValue, _ ids: [String], _ methods: String
    ) throws(NodeError) -> [JSONValue] {
        var problems: [Problem] = []
        var found: [String: JSONValue] = [:]
        guard let elements = root.elements else {
            throw failure(
                methods, .malformed([Problem(JSONRule.wrongType, at: "", saw: root.text, expected: "an array")]))
        }
        for element in elements {
            var reader = ObjectReader(element)
            if let id = reader.number("id") {
                if !ids.contains(id) {
                    reader.record([Problem(RPCRule.wrongID, at: reader.pointer(to: "id"), saw: id)])
                } else if found.updateValue(element, forKey: id) != nil {
                    reader.record([Problem(RPCRule.repeatedID, at: reader.pointer(to: "id"), saw: id)])
                }
            }
            problems += reader.problems
        }
        for id in ids where found[id] == nil { problems.append(Problem(RPCRule.missingAnswer, expected: "id \(id)")) }
        if !problems.isEmpty { throw failure(methods, .malformed(problems)) }
        return ids.compactMap { found[$0] }
    }
}
