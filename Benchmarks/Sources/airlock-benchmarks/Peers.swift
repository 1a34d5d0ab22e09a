import Glibc
import AirlockStrictJSON

/// The peers that are no libraries: programs of other languages, which time themselves, and those that do the same job
/// as the tool. `make bench-peers` installs them.
struct Peers {
    /// The command that signs a charge, but for the files of the charge and the key.
    let python: [String]?
    /// Rust's program that signs lines, and C's that makes one signature: both linked to the tool's own libsecp256k1.
    let signer, signature: String?
    let leftOut: [String]
    private var figures: [String: [(name: String, nanoseconds: Double)]] = [:]

    /// - Parameter folder: what scripts/bench leaves there: a file of figures for each language, and what is missing.
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

    /// What those took for a row that time themselves.
    func figures(of row: String) -> [(name: String, nanoseconds: Double)] { figures[row] ?? [] }
}
