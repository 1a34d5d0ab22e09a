import AirlockCommandLineTool
import AirlockGcrypt
import AirlockKeys
import AirlockDiagnostics

/// Shows the words of a new mnemonic, until the person has written them down, and asks for three of them.
struct WordCeremony {
    private let console: Console

    init(_ console: Console) { self.console = console }

    func run(_ mnemonic: borrowing Mnemonic) throws {
        try showUntilWritten(mnemonic)
        for place in try Self.threePlaces(of: mnemonic.wordCount) {
            let word = try console.secret("Word \(place): ")
            guard word.withBytes({ mnemonic.isWord($0, at: place) }) else {
                throw Problem(MnemonicRule.wrongWord, detail: "word \(place)")
            }
        }
    }

    /// The words are on the screen for as long as the question is, and not when the process ends or stops.
    private func showUntilWritten(_ mnemonic: borrowing Mnemonic) throws {
        _ = try console.secret("\nWhen they are written down, press Enter: they are shown no more. ") { isShown in
            // xterm's second screen: what is shown there is in no scrollback when it is left.
            guard isShown else { return console.show("\u{1b}[2J\u{1b}[?1049l") }
            console.show("\u{1b}[?1049h\u{1b}[H")
            show(mnemonic)
        }
    }

    private func show(_ mnemonic: borrowing Mnemonic) {
        console.show(
            "Write these \(mnemonic.wordCount) words down, in their order. They are the key: whoever has them has the\nmoney, and there is no other copy.\n\n"
        )
        mnemonic.withPhrase { phrase in
            var start = 0
            var place = 1
            for end in 0...phrase.count where end == phrase.count || phrase[end] == UInt8(ascii: " ") {
                console.show(place < 10 ? "   \(place). " : "  \(place). ")
                console.show(phrase.extracting(start..<end))
                console.show("\n")
                start = end + 1
                place += 1
            }
        }
    }

    /// Three different places, in their order.
    private static func threePlaces(of count: Int) throws -> [Int] {
        var places: Set<Int> = []
        while places.count < 3 {
            // 240 is a multiple of 12 and of 24, so that every place is as likely as any other.
            let byte = try SecureBytes.random(count: 1).withBytes { Int($0[0]) }
            if byte < 240 { places.insert(byte % count + 1) }
        }
        return places.sorted()
    }
}
