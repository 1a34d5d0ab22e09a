import CBenchmarks
import AirlockEthereumTypes
import Glibc
import Operations
import AirlockSecretKeys
import AirlockStrictJSON
import AirlockTransactions

/// The tool as its users run it: one payment, and many.
final class ProcessBenchmarks {
    private let airlock: String
    private let scratch: Scratch
    private let key: String
    private let policy: String

    /// - Parameter airlock: the tool, built for release.
    init(airlock: String, _ payment: borrowing SwapPayment, _ scratch: Scratch) throws {
        self.airlock = airlock
        self.scratch = scratch
        key = try scratch.write(SwapPayment.payerKey.utf8, to: "key")
        policy = try scratch.write(payment.policy, to: "policy.json")
        try scratch.write(payment.charge, to: "charge.json")
    }

    /// One payment; the sandbox, the second engine and the ledger are on, and the ledger is a new one each time.
    ///
    /// - Parameter python: a command that does the same job, if there is one; it takes the charge's file and the key's.
    func single(raw: [UInt8], python: [String]?) throws -> Benchmark {
        let sign = ChildProcess(command: [
            airlock, "sign", scratch.file("charge.json"), "--key", key, "--policy", policy, "--ledger",
            scratch.file("ledger"), "--now", SwapPayment.now, "--method", "swapAndTransferUniswapV3Native", "--value",
            "\(SwapPayment.value)", "--nonce", "\(SwapPayment.nonce)", "--gas", "\(SwapPayment.gas)", "--max-fee",
            "\(SwapPayment.maxFeePerGas)", "--priority-fee", "\(SwapPayment.maxPriorityFeePerGas)", "--yes", "--raw",
        ])
        let expected = Array((Hex.encode(raw) + "\n").utf8)
        try verify("process/sign --raw", output(of: sign) == expected)
        let benchmark = Benchmark(
            Operation("process/sign --raw", isElsewhere: true) { [scratch] in
                scratch.remove("ledger")
                return sign.run()
            })
        guard let python else { return benchmark }
        let peer = ChildProcess(command: python + [scratch.file("charge.json"), key])
        try verify("process/\(Peer.python)", output(of: peer) == expected)
        return benchmark.against(Operation(Peer.python, isElsewhere: true) { peer.run() })
    }

    /// Many payments, on one core and on two.
    func lines(_ count: Int, curve: Operation) throws -> [Benchmark] {
        let batch = try batch(count)
        try verify("lines", output(of: batch)?.split(separator: UInt8(ascii: "\n")).count == count)
        let here = Int(sched_getcpu())
        func run(_ name: String, on processors: [Int]) -> Operation {
            Operation(name, isElsewhere: true) { [scratch] in
                scratch.remove("ledger")
                Processors.restrict(to: processors)
                defer { Processors.restrict(to: [here]) }
                return batch.run()
            }
        }
        let benchmarks = [
            Benchmark(run("lines/\(count)/one core", on: [here])).against(
                Operation(name: Peer.curve) { curve.work($0 * count) })
        ]
        guard Processors.count > 1 else { return benchmarks }
        return benchmarks + [
            Benchmark(run("lines/\(count)/two cores", on: [here, (here + 1) % Processors.count])).against(
                run(Peer.oneCore, on: [here]))
        ]
    }

    /// How long so many payments take.
    func time(lines count: Int) throws -> Operation {
        let batch = try batch(count)
        return Operation("--lines", isElsewhere: true) { [scratch] in
            scratch.remove("ledger")
            return batch.run()
        }
    }

    /// The tool with as many payments to read as are asked for, each of another intent and nonce.
    private func batch(_ count: Int) throws -> ChildProcess {
        var lines: [UInt8] = []
        for number in 0..<UInt64(count) {
            let payment = try SwapPayment(number: number)
            let conditions: JSONOutput = [
                "chainId": "8453", "sender": .string("\(payment.payer.address)"), "nonce": .string("\(number)"),
                "gas": .string("\(SwapPayment.gas)"), "maxFeePerGas": .string("\(SwapPayment.maxFeePerGas)"),
                "maxPriorityFeePerGas": .string("\(SwapPayment.maxPriorityFeePerGas)"),
            ]
            lines += Array(#"{"charge":"#.utf8) + payment.charge + Array(#","conditions":"#.utf8) + conditions.bytes
            lines += Array(#","method":"swapAndTransferUniswapV3Native","value":"\#(SwapPayment.value)"}"#.utf8)
            lines.append(UInt8(ascii: "\n"))
        }
        let command = [
            airlock, "sign", "--lines", "--key", key, "--policy", policy, "--ledger", scratch.file("ledger"), "--now",
            SwapPayment.now,
        ]
        return ChildProcess(command: command, input: try scratch.write(lines, to: "lines-\(count).jsonl"))
    }

    /// What a command puts out, when it ends well.
    private func output(of command: ChildProcess) -> [UInt8]? {
        scratch.remove("ledger")
        return command.run(output: scratch.file("output")) ? scratch.read("output") : nil
    }
}
