import AirlockCommandLineTool
import AirlockFiles
import AirlockHTTP
import AirlockDiagnostics

/// A file that names nodes, so that a key in an address stands on no command line: `--rpc @FILE`.
enum NodeFile {
    /// The nodes of an option's value that names such a file; `nil` where it does not.
    ///
    /// One address on a line; blank lines and those that begin with # say nothing. What is refused is told by its line,
    /// and never shown: it may be a key.
    static func nodes(_ value: String, into problems: inout [Problem]) -> [HTTPURL]? {
        guard value.hasPrefix("@") else { return nil }
        let path = String(value.dropFirst())
        let content: InputFile
        do throws(FileError) { content = try InputFile.read(path) } catch {
            problems += error.problems
            return []
        }
        var urls: [HTTPURL] = []
        let lines = String(decoding: content.bytes, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            guard let first = line.firstIndex(where: { !$0.isWhitespace }), line[first] != "#",
                let last = line.lastIndex(where: { !$0.isWhitespace })
            else { continue }
            do throws(HTTPError) { urls.append(try HTTPURL(String(line[first...last]))) } catch {
                let place = "\(path), line \(index + 1)"
                problems += error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: place) }
            }
        }
        if urls.isEmpty, problems.isEmpty {
            let words = "no line of \(escaped(path, limit: 256)) names a node"
            problems.append(Problem(UsageRule.missingValue, at: RelayOptions.rpc.name, detail: words))
        }
        return urls
    }
}
