import AirlockDiagnostics
import AirlockHTTP
import AirlockJSONRPC

// Asks a node. Where none listens, the error says which node, which question and why; a key in the address is not shown.
let node = EthereumNode(try HTTPURL("http://127.0.0.1:9/secret-key-0123456789abcdef0123456789abcdef"), HTTPClient())
do {
    print(try await node.chain())
} catch {
    print(error.method, error.problems.map(\.code))
}
