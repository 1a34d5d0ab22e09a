import AirlockEthereumTypes
import AirlockLoopbackServer
import AirlockSecp256k1
import Foundation
import Synchronization

/// A Safe transaction service for tests. It stores the proposed transactions. It accepts a confirmation from every key
/// that has signed the transaction's hash.
final class SafeService: Sendable {
    private let server: LoopbackServer
    private let proposals: Proposals

    private final class Proposals: Sendable {
        let all = Mutex<[Proposal]>([])
    }

    private struct Proposal: Sendable {
        let hash: String
        let nonce: String
        /// The members of the proposed transaction as JSON text, without the braces.
        let members: String
        var confirmations: [(owner: String, signature: String)]

        var json: String {
            let confirmed = confirmations.map {
                "{\"owner\":\"\($0.owner)\",\"signatureType\":\"EOA\",\"signature\":\"\($0.signature)\"}"
            }
            return "{\(members),\"safeTxHash\":\"\(hash)\",\"isExecuted\":false,\"confirmationsRequired\":2,"
                + "\"confirmations\":[\(confirmed.joined(separator: ","))]}"
        }
    }

    init() {
        let proposals = Proposals()
        self.proposals = proposals
        server = LoopbackServer { connection in
            while let request = connection.request() {
                let parts = request.components(separatedBy: "\r\n\r\n")
                let words = request.split(separator: " ").prefix(2).map(String.init)
                do {
                    let (status, body) = try Self.answer(words[0], words[1], parts.dropFirst().joined(), proposals)
                    connection.answer(body, status: status)
                } catch { connection.answer("{\"detail\":\"\(error)\"}", status: "422 Unprocessable") }
            }
        }
    }

    var url: String { "\(server.url)/service" }

    private static func answer(
        _ method: String, _ target: String, _ body: String, _ proposals: Proposals
    ) throws -> (String, String) {
        let parts = target.split(separator: "?", maxSplits: 1)
        // The path of a request consists of `service`, `api` and `v2`, then `safes` or `multisig-transactions`, and
        // then the Safe's address or the transaction's hash.
        let path = parts[0].split(separator: "/").map(String.init)
        guard path.count >= 5 else { return ("404 Not Found", "{}") }
        switch (method, path[3]) {
        case ("GET", "multisig-transactions"):
            let found = proposals.all.withLock { $0.first { $0.hash == path[4] }?.json }
            return found.map { ("200 OK", $0) } ?? ("404 Not Found", "{\"detail\":\"not found\"}")
        case ("GET", _):
            let query = parts.dropFirst().first.map(String.init) ?? ""
            let found = proposals.all.withLock { all in
                all.filter { !query.contains("nonce=") || query.contains("nonce=\($0.nonce)") }.map(\.json)
            }
            return (
                "200 OK",
                "{\"count\":\(found.count),\"next\":null,\"previous\":null,\"results\":[\(found.joined(separator: ","))]}"
            )
        case ("POST", "safes"):
            let said = try JSON(body)
            let hash = try said["contractTransactionHash"].text
            let signature = try said["signature"].text
            let owner = try said["sender"].text
            guard try signer(signature, hash) == owner else { throw Unexpected("the sender did not sign") }
            var members = "\"safe\":\"\(path[4])\""
            for name in ["to", "value", "data", "gasPrice", "gasToken", "refundReceiver"] {
                let text = said.has(name) ? (try? said[name].text).map { "\"\($0)\"" } ?? "null" : "null"
                members += ",\"\(name)\":\(text)"
            }
            for name in ["operation", "safeTxGas", "baseGas", "nonce"] {
                members +=
                    ",\"\(name)\":\(name == "operation" ? "\(try said[name].integer)" : "\"\(try said[name].integer)\"")"
            }
            let proposal = Proposal(
                hash: hash, nonce: "\(try said["nonce"].integer)", members: members,
                confirmations: [(owner, signature)])
            proposals.all.withLock { $0.append(proposal) }
            return ("201 Created", "")
        case ("POST", "multisig-transactions"):
            let signature = try JSON(body)["signature"].text
            let owner = try signer(signature, path[4])
            proposals.all.withLock { all in
                for index in all.indices where all[index].hash == path[4] {
                    all[index].confirmations.append((owner, signature))
                }
            }
            return ("201 Created", "")
        default: return ("404 Not Found", "{}")
        }
    }

    private static func signer(_ signature: String, _ hash: String) throws -> String {
        let signature = try Signature(Hex.decode(signature), accepting: .only27Or28)
        return "\(try signature.recoverAddress(digest: Hash(hex: hash)))"
    }
}
