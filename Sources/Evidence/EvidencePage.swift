import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockGcrypt
import AirlockPaymentFiles
import AirlockRequests
import AirlockSecp256k1
import AirlockSigning
import AirlockTransactions

/// The HTML page of an evidence folder. It is a single file that shows the evidence and loads no other file.
struct EvidencePage {
    let evidence: Evidence
    /// The version of Airlock that generates the page.
    let version: String

    /// The maximum number of rows in a table of the page. If there are more, the page says how many rows it leaves out,
    /// and which evidence file contains them.
    private static let mostRows = 200

    static func bytes(of evidence: Evidence, version: String) throws(GcryptError) -> [UInt8] {
        var html = HTML()
        try EvidencePage(evidence: evidence, version: version).write(to: &html)
        return Array(html.text.utf8)
    }

    private func write(to html: inout HTML) throws(GcryptError) {
        let name = evidence.signed.name
        html.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"\(try Self.contentSecurityPolicy())\">\n")
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
        html.element("title", "Evidence of \(name) \(evidence.signed.code)")
        html.raw("\n<style>\(Self.style)</style>\n</head>\n<body>\n")
        html.raw(
            "<header><p class=\"wide\">Airlock <span>evidence of a \(name)</span></p></header>\n<main class=\"wide\">\n"
        )
        html.element("h1", evidence.sentence)
        addFacts(to: &html)
        addStatements(to: &html)
        html.section("The review") { html in html.element("pre", evidence.review) }
        addSigned(to: &html)
        addLedger(to: &html)
        if !evidence.approvals.isEmpty { addApprovals(to: &html) }
        if let relay = evidence.relay { addRelay(relay, to: &html) }
        try addFiles(to: &html)
        html.raw("</main>\n</body>\n</html>\n")
    }

    private func addFacts(to html: inout HTML) {
        let entry = evidence.ledger.entries[0].entry
        var facts: [(String, String)] = [
            ("code", evidence.signed.code), ("signer", "\(evidence.signed.signer)"),
            ("signed at", "\(entry.time), by the clock of the signing machine"),
        ]
        if entry.claimedTime != entry.time { facts.append(("time given", "\(entry.claimedTime)")) }
        facts.append(("read as", evidence.readAs))
        if case .payment(let payment, _) = evidence.signed {
            facts.append(("chain", "\(payment.chain)"))
            switch payment.subject {
            case .first(let name, let id, let method):
                facts += [("request", LegacyMembers.words(escaped(name), id)), ("method", escaped(method))]
            case .request(let kind, let key, let reference):
                facts += [("request", "\(escaped(kind)) \(key)")]
                if !reference.isEmpty { facts.append(("reference", Reference.shown(reference))) }
            }
        }
        html.section("In short") { html in html.facts(facts) }
    }

    private func addStatements(to html: inout HTML) {
        html.section("What is proved, and what is believed") { html in
            html.element(
                "p",
                "This page was made from the files beside it, and a page can be forged. To prove it, run on a machine that "
                    + "you trust: airlock verify, with the name of this folder.", class: "quiet")
            html.raw("<ul class=\"shown\">\n")
            for statement in evidence.statements {
                let words =
                    switch statement.standing {
                    case .proved: "proved"
                    case .differs: "differs"
                    case .believed: "believed"
                    }
                html.raw("<li class=\"\(statement.standing.rawValue)\"><b>")
                html.add(words)
                html.raw("</b> ")
                html.element("i", statement.subject)
                html.raw(" ")
                html.element("span", statement.text)
                html.raw("</li>\n")
            }
            html.raw("</ul>\n")
        }
    }

    // MARK: Sections about the signed payment or signature

    private func addSigned(to html: inout HTML) {
        switch evidence.signed {
        case .signature(let file):
            html.section("What was signed") { html in
                html.facts([
                    ("digest", "\(file.digest)"), ("signature", Hex.encode(file.signature)),
                    ("signer", "\(file.signer)"),
                ])
            }
        case .payment(let payment, let signed):
            html.section("What was signed") { html in
                for (index, transaction) in payment.transactions.enumerated() {
                    let rung = transaction.rung.map { ", rung \($0)" } ?? ""
                    html.element("h3", "\(index + 1). \(transaction.role.rawValue)\(rung), nonce \(transaction.nonce)")
                    if let permit = transaction.permit {
                        html.facts([
                            ("digest", "\(transaction.hash)"), ("signature", Hex.encode(permit.signature)),
                            ("domain", "\(permit.domainSeparator)"), ("contract", "\(permit.to)"),
                        ])
                        html.element("pre", Hex.encode(permit.data), class: "raw")
                    } else if index < signed.count {
                        let one = signed[index]
                        html.facts([
                            ("hash", "\(one.hash)"), ("signing hash", "\(one.signingHash)"),
                            ("r", "\(one.signature.r)"), ("s", "\(one.signature.s)"),
                            ("y parity", "\(one.signature.yParity)"), ("recovered signer", "\(payment.from)"),
                        ])
                        html.element("pre", Hex.encode(one.raw), class: "raw")
                    }
                }
            }
        }
    }

    private func addLedger(to html: inout HTML) {
        let entries = evidence.ledger.entries
        html.section("The ledger, from this entry on") { html in
            html.table(
                "Entries of the ledger", ["time", "what", "entry", "the one before"],
                entries.prefix(Self.mostRows).map { entry, hash in
                    ["\(entry.time)", entry.words, "\(hash)", "\(entry.previous)"]
                })
            addRest(entries.count, of: EvidenceFiles.ledger, to: &html)
        }
    }

    private func addRest(_ count: Int, of file: String, to html: inout HTML) {
        guard count > Self.mostRows else { return }
        html.element("p", "and \(count - Self.mostRows) more in \(file)", class: "quiet")
    }

    private func addApprovals(to html: inout HTML) {
        html.section("Approvals") { html in
            html.table(
                "Who approved", ["approver", "hash", "signature"],
                evidence.approvals.map { ["\($0.approver)", "\($0.hash)", Hex.encode($0.signature)] })
        }
    }

    // MARK: The relay

    private func addRelay(_ relay: RelayEvidence, to html: inout HTML) {
        html.section("What the relay says") { html in
            html.element(
                "p",
                "Nobody signed this. It is what the relay wrote down, as of \(relay.made). Whoever asks a node for "
                    + "the receipts sees whether it is so.", class: "quiet")
            html.element("h3", "States")
            html.table(
                "States of the payment", ["time", "state", "why"],
                relay.changes.map {
                    [escaped($0.at), escaped($0.state), $0.detail.map { escaped($0, limit: 400) } ?? ""]
                })
            html.element("h3", "Blocks")
            for receipt in relay.receipts {
                var facts: [(String, String)] = [
                    ("transaction", "\(receipt.hash)"), ("block", "\(escaped(receipt.block))"),
                    ("block hash", "\(receipt.blockHash)"), ("result", receipt.succeeded ? "success" : "reverted"),
                    ("gas used", escaped(receipt.gasUsed)), ("gas price", "\(escaped(receipt.gasPrice)) wei"),
                ]
                if let fee = receipt.l1Fee { facts.append(("L1 fee", "\(escaped(fee)) wei")) }
                facts.append(("seen at", escaped(receipt.seen)))
                if let vanished = receipt.vanished { facts.append(("left the chain", escaped(vanished))) }
                for member in receipt.event {
                    facts.append(("event \(escaped(member.name))", escaped(member.value, limit: 400)))
                }
                html.facts(facts)
            }
            if relay.receipts.isEmpty { html.element("p", "none", class: "quiet") }
            html.element("h3", "Attempts, and the nodes' answers")
            if relay.attemptsLeftOut > 0 {
                html.element("p", "\(relay.attemptsLeftOut) were made before these", class: "quiet")
            }
            html.table(
                "Attempts", ["asked", "answered", "node", "transaction", "answer"],
                relay.attempts.prefix(Self.mostRows).map { attempt in
                    let answer = [attempt.meaning, attempt.words].compactMap(\.self).map { escaped($0, limit: 400) }
                    return [
                        escaped(attempt.asked), attempt.answered.map { escaped($0) } ?? "never",
                        escaped(attempt.node, limit: 200), "\(attempt.hash)", answer.joined(separator: ": "),
                    ]
                })
            addRest(relay.attempts.count, of: EvidenceFiles.relay, to: &html)
        }
    }

    private func addFiles(to html: inout HTML) throws(GcryptError) {
        var rows: [[String]] = []
        for (name, bytes) in evidence.files.given.sorted(by: { $0.key < $1.key }) {
            rows.append([name, "\(bytes.count)", "\(try EvidenceFiles.digest(bytes))"])
        }
        let version = version
        html.section("The files") { html in
            html.table("Files of the folder", ["name", "bytes", "SHA-256"], rows)
            html.element(
                "p", "The manifest has the hash of this page and of the review too. Made by Airlock \(version).",
                class: "quiet")
        }
    }
}

extension LedgerEntry {
    /// A short description of what this ledger entry records.
    fileprivate var words: String {
        switch request {
        case .first(let name, let id, _): LegacyMembers.words(escaped(name), id)
        case .request(let kind, _, let reference):
            reference.isEmpty ? escaped(kind) : "\(escaped(kind)) \(Reference.shown(reference))"
        case nil: subject == .begin ? "the ledger goes on after a loss" : "signed without a request"
        }
    }
}

extension EvidencePage {
    /// The CSS of the page. It uses only fonts that every system has, and loads nothing.
    static let style = """
        :root {
          --ground: #f8f7f4; --surface: #ffffff; --text: #1c2226; --quiet: #59636c; --line: #e3e0da;
          --accent: #0b6b5e; --bad: #a3262a; --mark: #ece9e2;
          --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
          --mono: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
          color-scheme: light dark;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #13171a; --surface: #1a1f23; --text: #e7eaec; --quiet: #9ba6af; --line: #2e353b;
            --accent: #62c9b7; --bad: #f39a92; --mark: #2c3339;
          }
        }
        *, ::before, ::after { box-sizing: border-box; }
        body {
          margin: 0; background: var(--ground); color: var(--text); font: 16px/1.55 var(--sans);
          font-variant-numeric: tabular-nums; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
        }
        .wide { width: min(100% - 2rem, 72rem); margin-inline: auto; }
        header { border-bottom: 1px solid var(--line); background: var(--surface); }
        header p { margin: 0; padding-block: 1rem; font-weight: 650; }
        header span { color: var(--quiet); font-weight: 400; }
        main { padding-block: 2rem 3rem; }
        h1 { margin: 0 0 1.25rem; font-size: 1.75rem; font-weight: 650; line-height: 1.25; letter-spacing: -.015em; }
        h2 { margin: 0 0 .75rem; font-size: 1.0625rem; font-weight: 650; }
        h3 { margin: 1.25rem 0 .5rem; font-size: .875rem; font-weight: 650; color: var(--quiet); }
        p { margin: 0 0 .75rem; }
        section {
          margin-block: 1.25rem; padding: 1.25rem 1.5rem; border: 1px solid var(--line); border-radius: 10px;
          background: var(--surface);
        }
        code, pre { font-family: var(--mono); font-size: .8125rem; font-variant-ligatures: none; }
        pre { margin: 0; white-space: pre-wrap; }
        .raw { margin-top: .5rem; padding: .75rem; border-radius: 6px; background: var(--mark); }
        .quiet { color: var(--quiet); font-size: .875rem; }
        .hidden {
          position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
        }
        dl { display: grid; grid-template-columns: 9rem 1fr; gap: .25rem 1rem; margin: 0; }
        dt { color: var(--quiet); }
        dd { margin: 0; min-width: 0; }
        table { width: 100%; border-collapse: collapse; font-size: .875rem; }
        th { text-align: left; font-weight: 550; color: var(--quiet); }
        th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        .shown { display: grid; grid-template-columns: 7rem 8rem 1fr; gap: .4rem 1rem; margin: 0; padding: 0; list-style: none; }
        .shown li { display: contents; }
        .shown b { font-weight: 550; color: var(--accent); }
        .shown .warn b { color: var(--bad); }
        .shown .believed b { color: var(--quiet); }
        .shown i { font-style: normal; color: var(--quiet); }
        @media (max-width: 640px) {
          section { padding: 1rem; }
          h1 { font-size: 1.375rem; }
          dl, .shown { grid-template-columns: 1fr; gap: 0; }
          dd { margin-bottom: .5rem; }
          .shown li { display: block; padding-block: .5rem; border-bottom: 1px solid var(--line); }
          .shown b, .shown i { margin-right: .5rem; }
          .shown span { display: block; }
          thead { display: none; }
          table, tbody, tr, td { display: block; }
          tr { padding-block: .5rem; border-bottom: 1px solid var(--line); }
          td { padding: 0; border: 0; }
          td:empty { display: none; }
          td::before { content: attr(data-head) " "; color: var(--quiet); }
        }
        @media print {
          :root {
            --ground: #fff; --surface: #fff; --text: #000; --quiet: #444; --line: #bbb; --accent: #000; --bad: #000;
            --mark: #f2f2f2; color-scheme: light;
          }
          body { font-size: 10pt; }
          main { padding: 0; }
          .wide { width: 100%; }
          section { margin-block: .75rem; padding: .5rem 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; }
          h2, h3 { break-after: avoid; }
          tr, .shown li, dl { break-inside: avoid; }
          @page { margin: 18mm 15mm; }
        }

        """

    /// Returns the content security policy of the page. It allows the page's own style, and nothing else.
    static func contentSecurityPolicy() throws(GcryptError) -> String {
        let digest = try EvidenceFiles.digest(Array(style.utf8))
        return "default-src 'none'; style-src 'sha256-\(base64(digest.bytes))'; base-uri 'none'; form-action 'none'"
    }

    /// Encodes bytes as base64 (RFC 4648, section 4).
    static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for index in 0..<3 { bits = bits << 8 | UInt32(index < group.count ? group[start + index] : 0) }
            for index in 0..<4 {
                text.append(index <= group.count ? letters[Int(bits >> UInt32(18 - 6 * index) & 63)] : "=")
            }
        }
        return text
    }
}
