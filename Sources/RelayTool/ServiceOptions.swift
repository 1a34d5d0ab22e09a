import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockOpenRouter
import AirlockDiagnostics

/// How the commands that ask the service do so: where it is, the key, and what every request has.
enum ServiceOptions {
    static let all = [RelayOptions.header, RelayOptions.timeout] + RetryOptions.all

    /// The service, and what each call is told.
    ///
    /// - Parameters:
    ///   - keys: the variables that may hold the key; the first that is set counts.
    ///   - retry: whether to try again where nothing is said of it.
    ///   - problems: what is wrong with the command line so far; all of it is thrown at once.
    static func client(
        _ arguments: Arguments, _ console: Console, keys: [String], retry: RetryPolicy.Strategy, _ problems: [Problem]
    ) throws -> (OpenRouterClient, OpenRouterClient.CallOptions) {
        var problems = problems
        var options = OpenRouterClient.CallOptions(headers: RelayOptions.headers(arguments, into: &problems))
        options.timeout = arguments.value(RelayOptions.timeout, { try Duration(text: $0) }, into: &problems)
        options.retry = RetryOptions.policy(arguments, usual: retry, into: &problems)
        if options.headers.contains(where: { $0.name.lowercased() == "authorization" }) {
            let words = "a key in an argument can be seen by others"
            problems.append(
                Problem(
                    UsageRule.invalidValue, at: RelayOptions.header.name, detail: words,
                    hint: "put the key into the environment, as OPENROUTER_API_KEY"))
        }
        let base = read("OPENROUTER_BASE_URL", into: &problems) { text throws(HTTPError) in try HTTPURL(text) }
        let variable = keys.first { isSet($0) }
        let key = variable.flatMap { name in
            read(name, into: &problems) { text throws(OpenRouterError) in try BearerKey(text) }
        }
        if variable == nil {
            problems.append(
                Problem(
                    UsageRule.missingValue, at: "OPENROUTER_API_KEY", detail: "the service's key",
                    hint: "set \(keys.joined(separator: " or ")) in the environment; no option takes a key"))
        }
        guard problems.isEmpty, let key else {
            throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.missingValue))
        }
        var settings = RelayOptions.httpSettings(console)
        // What is saved must be readable again.
        settings.maximumBody = InputFile.usualLimit
        return (try OpenRouterClient(HTTPClient(settings), base: base, key: key), options)
    }

    static func isSet(_ name: String) -> Bool { RelayOptions.environment(name)?.isEmpty == false }

    /// What a variable of the environment holds, where it is set.
    static func read<Value, Failure: RuleBroken>(
        _ name: String, into problems: inout [Problem], _ read: (String) throws(Failure) -> Value
    ) -> Value? {
        guard isSet(name), let text = RelayOptions.environment(name) else { return nil }
        do throws(Failure) { return try read(text) } catch {
            problems += error.problems.map { $0.at(name) }
            return nil
        }
    }
}
