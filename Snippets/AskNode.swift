import AirlockDiagnostics
import AirlockHTTP
import AirlockJSONRPC

// Asks a node for its chain. If no node answers, the error names the node, the request and the reason. It does not show
// a key in the address of the node.
let node = EthereumNode(try HTTPURL("http://127.0.0.1:9/secret-key-0123456789abcdef0123456789abcdef"), HTTPClient())
do {
    print(try await node.chain())
} catch {
    print(error.method, error.problems.map(\.code))
}
