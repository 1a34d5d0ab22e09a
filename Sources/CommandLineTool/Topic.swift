import AirlockDiagnostics

/// A help topic that is not about a single command. `help NAME` shows the topic, and the manual page has a section
/// about it.
package struct Topic: Sendable {
    package let name: String
    /// The subject of the topic in one line.
    package let summary: String
    /// The text of the topic: paragraphs, and examples in lines that begin with two spaces.
    let text: String
    /// A table that is shown below the text.
    let terms: [(String, String)]

    package init(_ name: String, _ summary: String, _ text: String, terms: [(String, String)] = []) {
        self.name = name
        self.summary = summary
        self.text = text
        self.terms = terms
    }

    func text(width: Int) -> String {
        let prose = Prose(text).text(width: width)
        return terms.isEmpty ? prose : "\(prose)\n\(Prose.table(terms, width: width))"
    }
}

/// The help topics that `airlock` and `airlock-relay` share.
extension Topic {
    package static let airGap = Topic(
        "air-gap", "what crosses the gap between the two machines",
        """
        airlock runs on the machine that has no network, airlock-relay on the one that
        has. These files cross the gap, on a stick or however you like:

          transfer.json    to both: the request, of whatever kind
          conditions.json  to airlock: what airlock-relay prepare measured
          payment.json     to airlock-relay: what airlock signed

        None of them is secret, and none is trusted: each tool reads them strictly
        and checks them again. The key never leaves the offline machine. Both tools show
        the same comparison code over all that is signed: compare the two.

        The files can cross as QR codes, too. airlock sign --qr draws the payment file,
        and a camera at the other machine reads it:

          airlock-relay scan --camera -o payment.json
        """)

    package static let conditions = Topic(
        "conditions", "what must be known about the chain to sign",
        """
        Only a machine with a network can know nonce, gas and fees.
        airlock-relay prepare measures them and writes a conditions file, and
        airlock sign -c reads it:

          {"airlock":1,"kind":"conditions","chainId":"8453","sender":"0x...",
           "nonce":"7","gas":"180000","maxFeePerGas":"30000000",
           "maxPriorityFeePerGas":"1000000"}

        These members are needed; the relay adds the block, balances, allowance, method
        and more. --nonce, --gas, --max-fee and --priority-fee set the same values by hand,
        and override the file. Every missing value is named, and none is guessed.

        Under a policy with maxConditionsAge a file must name its block, and must not be
        older. Method, value and pool fee in it are a proposal that the review shows.
        """)

    package static let fees = Topic(
        "fees", "network fees, replacement transactions and cancels",
        """
        A transaction costs at most its gas times its maximum fee per gas. The sum of
        this over all transactions that can be mined together, each at its highest rung,
        must be within the policy's maxNetworkFee. Together with the native currency that is
        paid and the fee for data that prepare measured (on Base), it must be within the
        balance, if that is known.

        --rungs K signs K variants (rungs) of each transaction with the same nonce, each
        with fees 12.5 % higher. --cancel signs a cancel for each nonce: a transfer to the
        payer itself that outbids all variants. At most one transaction of a nonce can be
        mined, so all of them cross the gap in one trip: airlock-relay send --climb sends
        the next rung when one is not mined in time, and airlock-relay cancel sends the
        cancels.
        """)

    package static let amounts = Topic(
        "amounts", "how amounts, chains and times are written",
        """
        Native money has a unit: 1.5gwei, 0.004eth (on Polygon pol); a plain integer is
        wei. An amount of a token has its symbol, 12.5USDC; a plain integer counts its
        smallest unit. Every digit counts: what has more decimals than the unit is
        refused, and nothing is ever rounded.

        A chain is a name (ethereum, polygon, base, sepolia, base-sepolia) or its id. A
        time is written as in RFC 3339, 2026-03-11T08:30:49Z; a length of time as 500ms,
        30s, 5m or 2h.
        """)

    package static let exitCodes = Topic(
        "exit-codes", "the exit codes",
        """
        Both tools have the same exit codes. Every error also has a code in words, such as
        policy.over-payment-cap, which --json shows and explain explains.
        """, terms: ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
}

/// Text that consists of paragraphs and examples. Paragraphs can be wrapped to any width. Lines that begin with two
/// spaces are examples, and their line breaks are kept.
struct Prose {
    enum Block {
        case paragraph(String)
        case example([String])
    }

    let blocks: [Block]

    init(_ text: String) {
        var blocks: [Block] = []
        // Whether the next line can continue the previous paragraph or example. An empty line ends them.
        var isOpen = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            switch (line, isOpen ? blocks.last : nil) {
            case ("", _):
                isOpen = false
                continue
            case (_, .paragraph(let words)) where !line.hasPrefix("  "):
                blocks[blocks.count - 1] = .paragraph("\(words) \(line)")
            case (_, .example(let lines)) where line.hasPrefix("  "):
                blocks[blocks.count - 1] = .example(lines + [String(line.dropFirst(2))])
            default:
                blocks.append(line.hasPrefix("  ") ? .example([String(line.dropFirst(2))]) : .paragraph(line))
            }
            isOpen = true
        }
        self.blocks = blocks
    }

    /// The text, wrapped to a width, with an empty line between paragraphs and examples. If a line of an example is too
    /// wide, it continues on the next line with more indentation.
    func text(width: Int) -> String {
        blocks.map { block in
            switch block {
            case .paragraph(let words): wrapped(words, width: width).map { $0 + "\n" }.joined()
            case .example(let lines):
                lines.map { line in
                    if line.utf8.count + 2 <= width { return "  \(line)\n" }
                    return wrapped(line, width: width - 6).enumerated()
                        .map { ($0 == 0 ? "  " : "      ") + $1 + "\n" }.joined()
                }.joined()
            }
        }.joined(separator: "\n")
    }

    /// A table with two columns. If the text in the left column is too wide, the right column begins on the next line.
    static func table(_ rows: [(String, String)], width: Int) -> String {
        let left = min(rows.map(\.0.utf8.count).max() ?? 0, 24, width * 2 / 5)
        return rows.map { name, meaning in
            let isWide = name.utf8.count > left
            return (isWide ? "  \(name)\n" : "")
                + tabulated(isWide ? "" : "  \(name)", [meaning], column: left + 4, width: width)
        }.joined()
    }
}
