public import AirlockDiagnostics
public import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockRequestKinds
import AirlockRequests
import AirlockStrictJSON

/// A payroll file. Each line contains one request, as `{"request":{…}}`. All requests have the same payer and the same
/// chain.
public struct PayrollFile: Sendable {
    struct Line: Sendable {
        /// The number of this line in the payroll file, counted from 1.
        let number: Int
        let request: any Request
        let call: Call
    }

    let path: String
    let lines: [Line]
    public let chain: Chain
    public let payer: Address

    /// Whether a file is a payroll and not a single request. A file is a payroll if its name has the extension
    /// `.jsonl`, or if its first line is a complete JSON object that contains a request and has no member `airlock`.
    public static func isPayroll(_ bytes: [UInt8], path: String) -> Bool {
        if path.hasSuffix(".jsonl") { return true }
        let first = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard let root = (try? JSONDocument(Array(first)))?.root else { return false }
        return root["airlock"] == nil && (["request"] + RequestKinds.ownMembers).contains { root[$0] != nil }
    }

    /// Reads a payroll file. Throws all problems of the file together. Each problem states the number of the line.
    ///
    /// - Parameters:
    ///   - bytes: the content of the payroll file.
    ///   - path: the name of the payroll file.
    ///   - payer: the payer. With `nil`, the payer is read from the requests in the payroll file. Requests that specify
    ///     another payer are refused.
    ///   - now: the current time, with which the deadlines of the requests are compared.
    public init(_ bytes: [UInt8], path: String, from payer: Address?, now: Timestamp) throws(ProblemList) {
        var texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if texts.last?.isEmpty == true { texts.removeLast() }
        guard !texts.isEmpty else { throw ProblemList(Problem(PrepareRule.noLines, at: path)) }
        var problems: [Problem] = []
        var requests: [(number: Int, request: any Request)] = []
        for (index, text) in texts.enumerated() {
            do throws(ProblemList) {
                requests.append((index + 1, try Self.request(Array(text))))
            } catch {
                problems += error.problems.map { Self.placed($0, path, index + 1) }
            }
        }
        guard let chain = requests.first?.request.terms.chain else {
            throw ProblemList(problems) ?? ProblemList(Problem(PrepareRule.noLines, at: path))
        }
        guard let payer = payer ?? requests.lazy.compactMap({ $0.request.terms.payer }).first else {
            let missing = Problem(RequestRule.noPayer, at: .payer, because: BroadcastCause.payerNotNamed)
            throw ProblemList(problems + [missing]) ?? ProblemList(missing)
        }
        var lines: [Line] = []
        var first: [Hash: Int] = [:]
        for (number, request) in requests {
            var own = Self.problems(of: request, chain: chain, payer: payer, now: now)
            let key = request.reference(payer: payer).key
            if let same = first[key] {
                own.append(
                    Problem(
                        PrepareRule.sameRequest, at: request.terms.places.reference,
                        expected: "another request than that of line \(same)"))
            } else {
                first[key] = number
            }
            do throws(ProblemList) {
                let call = try request.prove().action(ActionInputs(payer: payer)).call
                lines.append(Line(number: number, request: request, call: call))
            } catch { own += error.problems }
            problems += own.map { problem in
                let isInside = problem.field?.hasPrefix("/") ?? false
                return Self.placed(isInside ? problem.at("/request\(problem.field ?? "")") : problem, path, number)
            }
        }
        if let all = ProblemList(problems) { throw all }
        self.path = path
        self.lines = lines
        self.chain = chain
        self.payer = payer
    }

    private static func request(_ bytes: [UInt8]) throws(ProblemList) -> any Request {
        try AirlockFile.read(bytes) { reader -> (any Request)? in
            for member in RequestKinds.ownMembers where reader.optionalValue(member) != nil {
                reader.record([Problem(PrepareRule.notOfPayroll, at: reader.pointer(to: member))])
                return nil
            }
            if reader.optionalValue("conditions") != nil {
                reader.record([Problem(RequestRule.twoConditions, at: reader.pointer(to: "conditions"))])
            }
            let reference = reader.optionalString("reference")
            guard let value = reader.value("request") else { return nil }
            var problems: [Problem] = []
            var request: (any Request)?
            do throws(ProblemList) {
                let read = try RequestKinds.read(value)
                if !read.sharesConditions {
                    problems.append(Problem(PrepareRule.notOfPayroll, at: reader.pointer(to: "request")))
                } else {
                    request = read
                }
            } catch { problems += error.problems }
            if let reference, let read = request {
                do throws(Problem) { request = try read.referenced(reference) } catch {
                    problems.append(error.at(reader.pointer(to: "reference")))
                }
            }
            reader.record(problems)
            return request
        }
    }

    private static func problems(
        of request: any Request, chain: Chain, payer: Address, now: Timestamp
    ) -> [Problem] {
        let terms = request.terms
        var problems: [Problem] = []
        if terms.chain != chain {
            problems.append(
                Problem(PrepareRule.severalChains, at: terms.places.chain, saw: "\(terms.chain)", expected: "\(chain)"))
        }
        if let named = terms.payer, named != payer {
            problems.append(
                Problem(PrepareRule.otherPayer, at: terms.places.payer, saw: "\(named)", expected: "\(payer)"))
        }
        if let late = request.expiry(at: now) { problems.append(late) }
        return problems
    }

    /// The name of the file and the number of a line, for error messages.
    func place(_ number: Int) -> String { "\(path):\(number)" }

    private static func placed(_ problem: Problem, _ path: String, _ number: Int) -> Problem {
        let place = "\(path):\(number)"
        guard let field = problem.field, field.hasPrefix("/") else { return problem.at(place) }
        return problem.inFile(place)
    }
}
