import Glibc
import AirlockStrictJSON

/// The peers that are programs, not libraries. Some are written in other languages and measure their own times. Others
/// do the same job as the tool. `make bench-peers` installs what they need.
struct Peers {
    /// The command that signs a charge. The paths of the charge and of the key are appended to it.
    let python: [String]?
    /// The Rust program that signs lines, and the C program that makes one signature. Both are linked to the same
    /// libsecp256k1 as the tool.
    let signer, signature: String?
    let leftOut: [String]
    private var figures: [String: [(name: String, nanoseconds: Double)]] = [:]

    /// - Parameter folder: the folder in which scripts/bench writes a file of measured times for each language, and a
    ///   list of what is missing.
    init(in folder: String) {
        for language in ["python", "rust"] {
            let rows = readFile("\(folder)/\(language).json").flatMap { try? JSONDocument($0).root.elements } ?? []
            for row in rows {
                guard let name = row["row"]?.string, let peer = row["peer"]?.string,
                    let nanoseconds = row["ns"]?.number.flatMap({ Double($0) })
                else { continue }
                figures[name, default: []].append((peer, nanoseconds))
            }
        }
        func program(_ path: String) -> String? { unsafe access(path, X_OK) == 0 ? path : nil }
        python = program("\(folder)/venv/bin/python").map { [$0, "Benchmarks/peers/sign.py"] }
        signer = program("\(folder)/rust/release/airlock-signer")
        signature = program("\(folder)/sign")
        leftOut = String(decoding: readFile("\(folder)/left-out") ?? [], as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// Returns the times for one row of the report, from the peers that measure their own times.
    func figures(of row: String) -> [(name: String, nanoseconds: Double)] { figures[row] ?? [] }
}
