import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequestKinds
import AirlockSigning
import AirlockStrictJSON

/// `verify`: who asks in a request, or a signed payment again, without a key.
enum VerifyCommand {
    static func make(_ console: Console) -> Command {
        Command(
            "verify",
            "check who asks, the deadline and the policy of a request, or a signed payment again, without a key",
            operands: ["REQUEST | PAYMENT"], options: PaymentOptions.judging
        ) { arguments in
            var problems: [Problem] = []
            var files: [InputFile] = []
            let policy = PaymentOptions.collect(&problems) { try PaymentOptions.readPolicy(arguments, &files) }
            let now = PaymentOptions.collect(&problems) {
                try PaymentOptions.readNow(arguments) ?? PaymentOptions.machineTime
            }
            let operand = arguments.operands[0]
            let bytes = PaymentOptions.collect(&problems) {
                RequestKinds.isRequest(operand) ? Array(operand.utf8) : try InputFile.read(operand).bytes
            }
            if let all = ProblemList(problems) { throw all }
            guard let policy, let now, let bytes else { throw Problem(InternalRule.unexpected) }
            try FileKind.require(.request, .payment, of: bytes, in: operand)
            let verification = try Verification(bytes, policy: policy, now: now)
            if arguments.has(.json) {
                try console.write(Console.document(verification.problems, beside: verification.json(\.json)))
            } else {
                if let code = verification.code { try console.write("code \(code)\n") }
                for check in verification.checks { try console.write(check.text(width: console.width)) }
            }
            return try PaymentCommands.end(verification.problems, arguments)
        }
    }
}
