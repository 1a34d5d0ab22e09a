import Foundation
import Testing

/// Code for one kind of request belongs in the module of this kind. So the words that only charges use must not occur
/// in other modules.
@Suite("The words of the charge")
struct KindWordTests {
    /// The modules of charges, and of the service that makes charges.
    static let own = ["Charges/", "OpenRouter/"]

    /// Files of other modules that are allowed to contain the words of charges, each with the reason. A file is given
    /// by its path or by the beginning of its path.
    static let others = [
        "RequestKinds/RequestKinds.swift": "the table of kinds names each",
        "Requests/Reference.swift": "LegacyMembers names the members that old files have",
        "Presentation/Advice+Requests.swift": "says for each kind what helps",
        "RelayTool/ChargeCommand.swift": "a command of OpenRouter's",
        "RelayTool/CreditsCommand.swift": "a command of OpenRouter's",
        "RelayTool/Advice+Services.swift": "says what helps with OpenRouter",
        "ClearSigning/": "ERC-7730 calls the sentence of a descriptor an intent",
        "Signing/MessageReview+Safe.swift": "ERC-7730 calls the sentence of a descriptor an intent",
        "Signing/Rendering.swift": "ERC-7730 calls the sentence of a descriptor an intent",
        "RelayTool/EnvironmentVariable.swift": "names OpenRouter's environment",
        "RelayTool/Examples.swift": "shows OpenRouter's commands",
        "OfflineTool/OfflineTool.swift": "names the relay's commands",
        "Keys/WordList.swift": "BIP-39's words",
        "Broadcast/SQL": "the journal's first tables name the first kind's ids",
        "Broadcast/PostgreSQLSchema": "the journal's tables are the same in every store",
    ]

    private static let words: Set = [
        "coinbase", "intent", "intents", "operator", "operators", "charge", "charges", "transferredevent",
        "unverifiedcharge", "transfermethod", "transferintent", "transfernative", "transfertoken",
        "transfertokenpreapproved", "wrapandtransfer", "unwrapandtransfer", "unwrapandtransferpreapproved",
        "swapandtransferuniswapv3native", "swapandtransferuniswapv3token", "swapandtransferuniswapv3tokenpreapproved",
        "subsidizedtransfertoken", "issubsidized",
    ]

    /// Whether a line contains a word that only charges use.
    private static func names(_ line: Substring) -> Bool {
        // The text of an error code must never change, so it is allowed to contain one of the words.
        let start = line.drop { $0 == " " }
        if start.hasPrefix("case "), line.contains(" = \"") { return false }
        return line.lowercased().split { !$0.isLetter && !$0.isNumber }.contains { words.contains(String($0)) }
    }

    @Test("stand in its own module, and in places that are listed")
    func places() throws {
        var met: Set<String> = []
        for (name, text) in try SourceTree.files(under: "Sources")
        where !Self.own.contains(where: name.hasPrefix) {
            guard let first = text.split(separator: "\n").first(where: Self.names) else { continue }
            let place = Self.others.keys.first { name.hasPrefix($0) }
            #expect(place != nil, "\(name): \(first)")
            if let place { met.insert(place) }
        }
        #expect(Set(Self.others.keys).subtracting(met) == [], "these are listed for nothing")
    }
}
