import Foundation
import AirlockHTTP
import AirlockToolSupport
import AirlockTestSupport

/// A node that cannot be relied on: Tests/Faults in a process of its own before the devnet, which ends when this one
/// does.
final class FaultyNode {
    let url: String
    private let server: PythonServer
    private let client = HTTPClient()

    init(before devnet: Devnet, seed: UInt64) throws {
        server = try PythonServer(["\(PackageRoot.path)/Tests/Faults", "--upstream", devnet.url, "--seed", "\(seed)"])
        url = try JSON(server.announcement)["url"].text
    }

    /// How often each fault has happened.
    func faults() async throws -> [String: Int] {
        let answer = try await client.send(HTTPRequest(.get, HTTPURL(url)))
        return try JSONDecoder().decode([String: Int].self, from: Data(answer.body))
    }
}

/// Chance that comes out the same for the same seed: SplitMix64.
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
