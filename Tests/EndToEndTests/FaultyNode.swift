import Foundation
import AirlockHTTP
import AirlockToolSupport
import AirlockTestSupport

/// An unreliable node: the program Tests/Faults, a proxy in front of the devnet that makes some requests fail. It runs
/// in a separate process, which ends when this object is released or the test process ends.
final class FaultyNode {
    let url: String
    private let server: PythonServer
    private let client = HTTPClient()

    init(before devnet: Devnet, seed: UInt64) throws {
        server = try PythonServer(["\(PackageRoot.path)/Tests/Faults", "--upstream", devnet.url, "--seed", "\(seed)"])
        url = try JSON(server.announcement)["url"].text
    }

    /// Returns how often each fault has happened. The key `pass` counts the requests without a fault.
    func faults() async throws -> [String: Int] {
        let answer = try await client.send(HTTPRequest(.get, HTTPURL(url)))
        return try JSONDecoder().decode([String: Int].self, from: Data(answer.body))
    }
}

/// A random number generator (SplitMix64). The same seed gives the same numbers.
struct SeededChance: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
