import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockFiles
import AirlockHTTP
import AirlockOpenRouter

/// The options of the commands that call OpenRouter. They set the headers, the timeout and the retries.
enum ServiceOptions {
    static let all = [RelayOptions.header, RelayOptions.timeout] + RetryOptions.all

    /// Makes the client for OpenRouter's API, and the options of its calls.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - console: the console, which shows a note before each retry.
    ///   - keys: the environment variables that may contain the API key. The first variable that is set is used.
    ///   - retry: the retry strategy if the user does not give `--retry`.
    ///   - problems: the problems found so far. If further problems are found, all of them are thrown together.
    static func client(
        _ arguments: Arguments, _ console: Console, keys: [EnvironmentVariable], retry: RetryPolicy.Strategy,
        _ problems: [Problem]
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
                    hint: "set the key in the environment, as OPENROUTER_API_KEY"))
        }
        let base = read(.service, into: &problems) { text throws(HTTPError) in try HTTPURL(text) }
        let variable = keys.first { $0.value != nil }
        let key = variable.flatMap { name in
            read(name, into: &problems) { text throws(OpenRouterError) in try BearerKey(text) }
        }
        if variable == nil {
            let names = keys.map(\.rawValue).joined(separator: " or ")
            problems.append(
                Problem(
                    UsageRule.missingValue, at: EnvironmentVariable.serviceKey.rawValue, detail: "the service's key",
                    hint: "set \(names) in the environment; no option takes a key"))
        }
        guard problems.isEmpty, let key else {
            throw ProblemList(problems) ?? ProblemList(Problem(UsageRule.missingValue))
        }
        var settings = RelayOptions.httpSettings(console)
        // OpenRouter's answer is saved in a file. Therefore an answer is refused if it is larger than the usual limit
        // for a file that Airlock reads.
        settings.maximumBody = InputFile.usualLimit
        return (try OpenRouterClient(HTTPClient(settings), base: base, key: key), options)
    }

    /// Reads the value of an environment variable. Returns `nil` if the variable is not set. If the value is invalid,
    /// appends the problems to `problems` and returns `nil`.
    static func read<Value, Failure: RuleBroken>(
        _ variable: EnvironmentVariable, into problems: inout [Problem], _ read: (String) throws(Failure) -> Value
    ) -> Value? {
        guard let text = variable.value else { return nil }
        do throws(Failure) { return try read(text) } catch {
            problems += error.problems.map { $0.at(variable.rawValue) }
            return nil
        }
    }
}

/// The options that control retries.
enum RetryOptions {
    static let strategy = Option("--retry", value: "none|backoff", help: "whether to retry failed requests: see below")
    static let initial = Option(
        "--retry-initial", value: "TIME", help: "the wait before the second attempt (default 500ms)")
    static let longest = Option("--retry-max", value: "TIME", help: "the longest wait (default 60s)")
    static let exponent = Option("--retry-exponent", value: "N", help: "by how much each wait grows (default 1.5)")
    static let elapsed = Option(
        "--retry-elapsed", value: "TIME", help: "the time after which no further attempt begins (default 3600s)")
    static let codes = Option(
        "--retry-codes", value: "LIST", help: "the statuses to retry at (default 429,500,502,503,504)")
    static let connectionErrors = Option(
        "--retry-connection-errors", help: "retry connection errors too")

    private static let details = [initial, longest, exponent, elapsed, codes, connectionErrors]
    static let all = [strategy] + details

    static let notes = """
        --retry backoff waits initial x exponent^n plus a random time of up to a second, at
        most --retry-max, unless Retry-After in the answer says how long to wait. A status
        of 410 is final.
        """

    /// Returns the retry policy that the command line selects.
    ///
    /// - Parameters:
    ///   - arguments: the command line.
    ///   - usual: the retry strategy if the user does not give `--retry`.
    ///   - problems: the array to which the problems of the retry options are appended.
    static func policy(
        _ arguments: Arguments, usual: RetryPolicy.Strategy, into problems: inout [Problem]
    ) -> RetryPolicy {
        func time(_ option: Option) -> Duration? {
            arguments.value(option, { try Duration(text: $0) }, into: &problems)
        }
        func read<Value>(_ option: Option, expected: String, _ read: (String) -> Value?) -> Value? {
            guard let text = arguments.value(option) else { return nil }
            if let value = read(text) { return value }
            problems.append(Problem(UsageRule.invalidValue, at: option.name, saw: text, expected: expected))
            return nil
        }
        let named = read(strategy, expected: "none or backoff", RetryPolicy.Strategy.init(rawValue:))
        var policy = RetryPolicy(named ?? usual)
        if let time = time(initial) { policy.initialInterval = time }
        if let time = time(longest) { policy.maxInterval = time }
        if let time = time(elapsed) { policy.maxElapsedTime = time }
        if let number = read(exponent, expected: "a number from 1 to 100, such as 1.5", factor) {
            policy.exponent = number
        }
        if let numbers = read(codes, expected: "statuses of 400 to 599 but 410, such as 429,503", statuses) {
            policy.statusCodes = numbers
        }
        policy.retryConnectionErrors = arguments.has(connectionErrors)
        // Options such as `--retry-max` have no effect if requests are not retried. They are refused, so the user
        // notices the mistake.
        let idle = policy.strategy == .backoff ? [] : details.filter(arguments.has).map(\.name)
        if !idle.isEmpty {
            let (all, place) = (idle.joined(separator: ", "), strategy.name)
            let words = "only --retry backoff uses \(all)"
            if named != nil {
                problems.append(Problem(UsageRule.conflict, at: place, detail: words))
            } else if !arguments.has(strategy) {
                let hint = "add --retry backoff, or leave \(all) out"
                problems.append(Problem(UsageRule.missingValue, at: place, detail: words, hint: hint))
            }
        }
        return policy
    }

    private static func factor(_ text: String) -> Double? {
        let isPlain = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: ".") }
        return isPlain ? Double(text).flatMap { 1...100 ~= $0 ? $0 : nil } : nil
    }

    private static func statuses(_ text: String) -> Set<Int>? {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        return numbers.allSatisfy { 400...599 ~= $0 && $0 != 410 } ? Set(numbers) : nil
    }
}
