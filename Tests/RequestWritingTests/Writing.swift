import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockPresentation
import AirlockRequestWriting
import AirlockStrictJSON
import Synchronization
import AirlockTestSupport

/// A run of one of the commands that write requests.
struct Writing {
    static let payer = "0x1Be31A94361a391bBaFB2a4CCd704F57dc04d4bb"
    static let payee = "0x54235780057CC828C92aA40e3b02053881990153"
    static let usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    static let other = "0x4200000000000000000000000000000000000006"

    /// The current time in all runs: 2026-06-01T00:00:00Z.
    static let now = Timestamp(seconds: 1_780_272_000)

    let scratch: Scratch
    private(set) var out = ""
    private(set) var err = ""
    private(set) var exit = ExitCode.done

    /// Returns a policy whose currencies are USDC, two tokens called DUP, a token called GWEI, and the native currency.
    static func policy(_ recipients: String = "{\"\(payee)\":\"Supplier\"}") -> String {
        """
        {"airlock":1,"kind":"policy","chains":{"8453":{"recipients":\(recipients),"currencies":{\
        "\(usdc)":{"symbol":"USDC","decimals":"6","perPayment":"1000","perDay":"1500"},\
        "\(other)":{"symbol":"DUP","decimals":"18"},\
        "0x1111111111111111111111111111111111111111":{"symbol":"DUP","decimals":"2"},\
        "0x2222222222222222222222222222222222222222":{"symbol":"GWEI","decimals":"2"},\
        "0x0":{"symbol":"ETH","decimals":"18"}}}}}
        """
    }

    init(_ words: [String], files: [String: String] = [:], policy: String = Self.policy()) throws {
        scratch = try Scratch()
        scratch.file("policy.json", policy)
        for (name, content) in files { scratch.file(name, content) }
        let out = Mutex("")
        let err = Mutex("")
        let console = Console(
            write: { text in out.withLock { $0 += text } }, note: { text in err.withLock { $0 += text } },
            ask: { _ in nil }, hasTerminal: false)
        let tool = Tool(
            "airlock", version: "1.2.3", summary: "a sample",
            commands: RequestCommands.all(console, tool: "airlock") { Self.now })
        // If an argument is the name of a file, it is replaced by the path of that file in the test's folder.
        let paths = words.map { word in
            ["policy.json", "out", "missing.json"].contains(word) || files[word] != nil ? scratch(word) : word
        }
        exit = tool.run(["request"] + paths, console: console)
        self.out = out.withLock { $0 }
        self.err = err.withLock { $0 }
    }

    /// The code and the field of each problem in the JSON output.
    var refusals: [String] {
        get throws {
            let document = try JSONDocument(Array(out.utf8)).root
            let errors = document["errors"]?.elements ?? [document["error"]].compactMap(\.self)
            return errors.map { error in
                let place = error["field"]?.string ?? "-"
                return "\(error["code"]?.string ?? "") \(place.replacing(scratch("") , with: ""))"
            }
        }
    }
}
