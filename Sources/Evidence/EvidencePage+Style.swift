import AirlockEthereumTypes
import AirlockGcrypt

extension EvidencePage {
    /// The page's own style. It uses what every system has, and fetches nothing.
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

    /// What the page may do: show this style, and nothing else.
    static func contentSecurityPolicy() throws(GcryptError) -> String {
        let digest = try EvidenceFiles.digest(Array(style.utf8))
        return "default-src 'none'; style-src 'sha256-\(base64(digest.bytes))'; base-uri 'none'; form-action 'none'"
    }

    /// RFC 4648, section 4.
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
