import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics

/// `sign --qr`: the payment as a picture, for a scanner at the other machine.
enum QROption {
    #if QR
        static let all = [
            Option("--qr", help: "also draw the payment on standard error, as a QR code for a scanner")
        ]
        /// What the version says of it.
        static let state = ""

        /// The drawing, where it is asked for, and before it what the code does not hold.
        static func drawing(
            of payment: Payment, _ arguments: Arguments, on console: Console
        ) throws(Problem) -> String {
            guard all.contains(where: arguments.has) else { return "" }
            guard let paying = payment.transactions.first(where: { $0.role == .pay }), let raw = paying.raw else {
                throw Problem(InternalRule.unexpected, detail: "no transaction pays")
            }
            let code = try QRCode(Hex.encode(raw).dropFirst(2).uppercased())
            // Under the last row is the line in which the cursor waits.
            if let window = console.window, window.columns < code.columns || window.rows <= code.rows {
                throw Problem(
                    QRRule.windowTooSmall, saw: "\(window.columns) columns and \(window.rows) rows",
                    expected: "at least \(code.columns) columns and \(code.rows + 1) rows")
            }
            return notes(on: payment, beside: paying) + code.drawing(inColour: console.showsColour)
        }

        private static func notes(on payment: Payment, beside paying: Payment.Transaction) -> String {
            let others = payment.transactions.filter { $0 != paying }
            guard !others.isEmpty else { return "" }
            let names = others.map { other in
                "\(other.role.rawValue) \(other.nonce)" + (other.rung.map { $0 > 0 ? " rung \($0)" : "" } ?? "")
            }
            let before = others.contains { $0.nonce < paying.nonce }
            return """
                airlock: note: the code holds pay \(paying.nonce) alone; not in it: \(names.joined(separator: ", "))
                hint: carry the payment file too\(before ? ": the payment waits for the nonces before it" : "")

                """
        }
    #else
        static let all: [Option] = []
        static let state = "QR codes: not in this build\n"

        static func drawing(
            of payment: Payment, _ arguments: Arguments, on console: Console
        ) throws(Problem) -> String { "" }
    #endif
}

/// The rules of drawing.
enum QRRule: String, Advised {
    case windowTooSmall = "qr.window-too-small"

    var meaning: String { "the window is too small for the QR code, and it was not drawn" }
    var next: String {
        "the payment is signed and put out: make the window larger or its letters smaller, and run the same command again"
    }
    var exit: ExitCode { .cannotWrite }
}
