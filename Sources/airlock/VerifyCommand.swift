import CommandLineTool
import EthereumTypes
import Files
import PaymentFiles
import Problems
import Signing
import StrictJSON

/// `verify`: a charge's operator, or a signed payment again, without a key.
enum VerifyCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "verify", "check a charge's operator, deadline and policy, or a signed payment again, without a key",
            operands: ["CHARGE | PAYMENT"], options: PaymentOptions.judging
        ) { arguments in
            var problems: [Problem] = []
            var files: [InputFile] = []
            let policy = PaymentOptions.collect(&problems) { try PaymentOptions.readPolicy(arguments, &files) }
            let now = PaymentOptions.collect(&problems) {
                try PaymentOptions.readNow(arguments) ?? PaymentOptions.machineTime
            }
            let file = PaymentOptions.collect(&problems) { try InputFile.read(arguments.operands[0]) }
            if let all = ProblemList(problems) { throw all }
            guard let policy, let now, let file else { throw Problem(InternalRule.unexpected) }
            try FileKind.require(.charge, .payment, of: file.bytes, in: arguments.operands[0])
            let verification = try Verification(file.bytes, policy: policy, now: now)
            if arguments.has(.json) {
                try console.write(Console.document(verification.problems, beside: verification.json))
            } else {
                if let code = verification.code { try console.write("code \(code)\n") }
                for check in verification.checks { try console.write(check.text(width: console.width)) }
            }
            return try PaymentCommands.end(verification.problems, arguments)
        }
    }
}
