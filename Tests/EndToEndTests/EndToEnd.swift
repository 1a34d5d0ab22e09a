import Foundation
import Testing
import AirlockToolSupport

/// Tests of both built tools against a test chain. The suites run one after the other, because most of them share one
/// chain.
@Suite("End to end", .serialized, .enabled(if: Devnet.shared != nil, "there is no Python for the devnet"))
enum EndToEnd {
    /// Returns the shared devnet. Throws if the devnet could not be started.
    static func devnet() throws -> Devnet {
        guard let devnet = Devnet.shared, !devnet.url.isEmpty else { throw Unexpected("no devnet") }
        return devnet
    }
}
