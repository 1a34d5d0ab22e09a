import AirlockLoopbackServer
import AirlockStrictJSON
import Foundation
import Synchronization

/// A transaction service that knows some transactions, and that accepts proposals and confirmations. A test can make it
/// return wrong answers.
final class StubService: Sendable {
    struct Answer: Sendable {
        var status = "200 OK"
        var headers = ""
        var body: String
    }

    static let key = "safe-key-secretsecret"

    private let server: LoopbackServer
    private let state: State

    private final class State: Sendable {
        let requests = Mutex<[(line: String, whole: String)]>([])
        let known: Mutex<[String]>

        init(_ known: [String]) { self.known = Mutex(known) }
    }

    /// - Parameters:
    ///   - known: the transactions, in the form in which the service sends them.
    ///   - versions: the versions of the interface that the service supports.
    ///   - answer: a function that returns the answer to a method and path; `nil` for the service's normal answer.
    init(
        _ known: [String] = [], versions: Set<String> = ["v1", "v2"],
        answering answer: @escaping @Sendable (_ line: String) -> Answer? = { _ in nil }
    ) {
        let state = State(known)
        self.state = state
        server = LoopbackServer { connection in
            while let request = connection.request() {
                let line = request.prefix { $0 != "\r\n" && $0 != "\n" }.split(separator: " ").prefix(2)
                    .joined(separator: " ")
                let body = request.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n")
                state.requests.withLock { $0.append((line, request)) }
                let said = answer(line) ?? Self.answer(line, body, state, versions)
                connection.answer(said.body, status: said.status, headers: said.headers)
            }
        }
    }

    var url: String { "\(server.url)/tx-service/base" }
    /// The methods and paths of the received requests, in the order in which they arrived.
    var asked: [String] { state.requests.withLock { $0.map(\.line) } }
    /// The received requests, with head and body.
    var requests: [String] { state.requests.withLock { $0.map(\.whole) } }
    var posts: [String] { requests.filter { $0.hasPrefix("POST") } }

    static func page(_ transactions: [String], next: String = "null") -> String {
        "{\"count\":\(transactions.count),\"next\":\(next),\"previous\":null,\"results\":[\(transactions.joined(separator: " , "))]}"
    }

    private static let notFound = Answer(
        status: "404 Not Found", body: #"{"detail":"No MultisigTransaction matches."}"#)

    private static func answer(_ line: String, _ body: String, _ state: State, _ versions: Set<String>) -> Answer {
        let words = line.split(separator: " ").map(String.init)
        let parts = words[1].split(separator: "?", maxSplits: 1).map(String.init)
        let path = parts[0].split(separator: "/").map(String.init)
        guard path.count > 5, path[2] == "api", versions.contains(path[3]), parts[0].hasSuffix("/") else {
            return notFound
        }
        func member(_ text: String, _ name: String) -> String? {
            let value = (try? JSONDocument(Array(text.utf8)))?.root[name]
            return value?.string ?? value?.number
        }
        switch (words[0], path[4], path.last ?? "") {
        case ("GET", "multisig-transactions", let hash):
            let found = state.known.withLock { $0.first { member($0, "safeTxHash") == hash } }
            return found.map { Answer(body: $0) } ?? notFound
        case ("GET", "safes", _):
            let query = parts.count > 1 ? parts[1] : ""
            let nonce = query.hasPrefix("nonce=") ? query.split(separator: "=").last.map(String.init) : nil
            let found = state.known.withLock { $0.filter { nonce == nil || member($0, "nonce") == nonce } }
            return Answer(body: page(found))
        case ("POST", "safes", _):
            state.known.withLock { $0.append(confirmed(body, by: member(body, "sender"), member(body, "signature"))) }
            return Answer(status: "201 Created", body: "")
        case ("POST", "multisig-transactions", _): return Answer(status: "201 Created", body: "")
        default: return notFound
        }
    }

    /// Returns a proposal in the form in which the service sends it after it was accepted.
    private static func confirmed(_ body: String, by sender: String?, _ signature: String?) -> String {
        body.dropLast() + ",\"safe\":\"\(SampleSafe.safe)\",\"isExecuted\":false,\"confirmations\":[{\"owner\":"
            + "\"\(sender ?? "")\",\"signature\":\"\(signature ?? "")\"}],\"safeTxHash\":"
            + "\"\((try? JSONDocument(Array(body.utf8)))?.root["contractTransactionHash"]?.string ?? "")\"}"
    }
}
