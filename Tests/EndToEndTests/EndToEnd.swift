import Foundation
import Testing
import AirlockToolSupport

/// Both tools as they are built, against a chain: the suites that share it run one after the other.
@Suite("End to end", .serialized, .enabled(if: Devnet.shared != nil, "there is no Python for the devnet"))
enum EndToEnd {
    /// The devnet; the suite does not run without one.
    static func devnet() throws -> Devnet {
        guard let devnet = Devnet.shared, !devnet.url.isEmpty else { throw Unexpected("no devnet") }
        return devnet
    }
}
