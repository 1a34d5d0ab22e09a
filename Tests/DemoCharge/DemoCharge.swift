// Writes the files for a first payment into a folder: a new key (key.hex), a charge signed by a new operator
// (charge.json), and a policy that allows only this operator and this recipient (policy.json). Prints the addresses of
// the payer and the recipient.
//
// usage: demo-charge FOLDER

import AirlockChargeMaker
import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockGcrypt
import Glibc
import AirlockDiagnostics
import AirlockSecretKeys
import AirlockCharges

@main
enum DemoCharge {
    static func main() throws {
        guard CommandLine.arguments.count == 2, let deployment = Deployment.on(.base) else {
            print("usage: demo-charge FOLDER")
            exit(ExitCode.usage.rawValue)
        }
        do {
            try make(in: CommandLine.arguments[1], deployment)
        } catch let broken as any RuleBroken {
            exit(Console.process().report(broken.problems, asJSON: false, tool: "demo-charge").rawValue)
        }
    }

    private static func make(in folder: String, _ deployment: Deployment) throws {
        let secret = try SecureBytes.random(count: 32)
        try write(secret.withBytes { Array(Hex.encode($0).utf8) }, to: "\(folder)/key.hex")
        let sender = try SecretKey(secret).address
        let operatorKey = try SecretKey.random()
        let recipient = try SecretKey.random().address

        let intent = TransferIntent(
            recipientAmount: 415_800_000_000_000, deadline: UInt256(UInt64(time(nil)) + 48 * 3600),
            recipient: recipient, recipientCurrency: .zero, refundDestination: sender,
            feeAmount: 4_200_000_000_000, id: FixedBytes { _ in .random(in: 0...255) },
            operator: operatorKey.address, signature: [], prefix: TransferIntent.knownPrefix)
        let charge = try ChargeMaker.charge(
            over: intent, chain: deployment.chain, contract: deployment.transfers, sender: sender,
            signedBy: operatorKey)
        try write(charge, to: "\(folder)/charge.json")

        let policy = ChargeMaker.policy(
            on: deployment.chain, contract: deployment.transfers, operator: operatorKey.address, recipient: recipient,
            currency: .zero, symbol: deployment.chain.nativeSymbol, decimals: 18, perPayment: "0.001")
        try write(policy, to: "\(folder)/policy.json")
        print(sender, recipient)
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        _ = try OutputFile.write((bytes + [0x0A]).span, to: path, replacing: false)
    }
}
