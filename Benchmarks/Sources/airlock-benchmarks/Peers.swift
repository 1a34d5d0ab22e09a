import Glibc
import AirlockStrictJSON

/// The peers that are no libraries: programs of other languages, which time themselves, and a Python that does the
/// same job as the tool. `make bench-peers` installs them.
struct Peers {
    /// The command that signs a charge, but for the files of the charge and the key.
    let python: [String]?
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
        let interpreter = "\(folder)/venv/bin/python"
        python = unsafe access(interpreter, X_OK) == 0 ? [interpreter, "Benchmarks/peers/sign.py"] : nil
        leftOut = String(decoding: readFile("\(folder)/left-out") ?? [], as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// What those took for a row that time themselves.
    func figures(of row: String) -> [(name: String, nanoseconds: Double)] { figures[row] ?? [] }
}
