import AirlockCommandLineTool
import AirlockFiles
import AirlockHTTP
import AirlockDiagnostics

/// A file that names servers, so that a key in an address stands on no command line: `--rpc @FILE`.
enum NodeFile {
    /// The nodes of an option's value that names such a file; `nil` where it does not.
    ///
    /// One address on a line; blank lines and those that begin with # say nothing. What is refused is told by its line,
    /// and never shown: it may be a key.
    static func nodes(_ value: String, into problems: inout [Problem]) -> [HTTPURL]? {
        value.hasPrefix("@")
            ? urls(in: String(value.dropFirst()), for: RelayOptions.rpc.name, "a node", into: &problems) : nil
    }

    /// The servers that a value names by itself or in such a file.
    static func servers(_ value: String, for option: String, into problems: inout [Problem]) -> [HTTPURL] {
        if value.hasPrefix("@") {
            return urls(in: String(value.dropFirst()), for: option, "a server", into: &problems)
        }
        do throws(HTTPError) { return [try HTTPURL(value)] } catch {
            problems += error.problems.map { Problem(UsageRule.invalidValue, because: $0, at: option) }
            return []
        }
    }

    private static func urls(
        in path: String, for option: String, _ what: String, into problems: inout [Problem]
    ) -> [HTTPURL] {
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
            let words = "no line of \(escaped(path, limit: 256)) names \(what)"
            problems.append(Problem(UsageRule.missingValue, at: option, detail: words))
        }
        return urls
    }
}
