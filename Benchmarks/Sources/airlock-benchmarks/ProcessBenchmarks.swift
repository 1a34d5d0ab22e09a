import CBenchmarks
import AirlockEthereumTypes
import Glibc
import Operations
import AirlockSecretKeys
import AirlockStrictJSON
import AirlockTransactions

/// The benchmarks of the tool as its users run it, with one payment and with many.
final class ProcessBenchmarks {
    private let airlock: String
    private let scratch: Scratch
    private let key: String
    private let policy: String

    /// - Parameter airlock: the path of the tool, built for release.
    init(airlock: String, _ payment: borrowing SwapPayment, _ scratch: Scratch) throws {
        self.airlock = airlock
        self.scratch = scratch
        key = try scratch.write(SwapPayment.payerKey.utf8, to: "key")
        policy = try scratch.write(payment.policy, to: "policy.json")
        try scratch.write(payment.charge, to: "charge.json")
    }

    /// Returns the benchmark of one payment. The sandbox, the second engine and the ledger are on. Each run begins a
    /// new ledger.
    ///
    /// - Parameters:
    ///   - tool: the path of the build of the tool that makes the payment.
    ///   - raw: the transaction that the tool must output.
    func single(_ name: String, by tool: String, raw: [UInt8], _ peers: Peers) throws -> Benchmark {
        let sign = ChildProcess(command: [
            tool, "sign", scratch.file("charge.json"), "--key", key, "--policy", policy, "--ledger",
            scratch.file("ledger"), "--now", SwapPayment.now, "--method", "swapAndTransferUniswapV3Native", "--value",
            "\(SwapPayment.value)", "--nonce", "\(SwapPayment.nonce)", "--gas", "\(SwapPayment.gas)", "--max-fee",
            "\(SwapPayment.maxFeePerGas)", "--priority-fee", "\(SwapPayment.maxPriorityFeePerGas)", "--yes", "--raw",
        ])
        let expected = Array((Hex.encode(raw) + "\n").utf8)
        try verify(name, output(of: sign) == expected)
        let python = peers.python.map { ChildProcess(command: $0 + [scratch.file("charge.json"), key]) }
        if let python { try verify("process/\(Peer.python)", output(of: python) == expected) }
        let rust = try signer(1, peers)
        if let rust { try verify("process/\(Peer.rust)", output(of: rust) == output(of: batch(1))) }
        let signature = peers.signature.map { ChildProcess(command: [$0]) }
        if let signature { try verify("process/\(Peer.signature)", output(of: signature)?.count == 131) }
        return Benchmark(operation(name, of: sign))
            .against(python.map { operation(Peer.python, of: $0) })
            .against(rust.map { operation(Peer.rust, of: $0) })
            .against(signature.map { operation(Peer.signature, of: $0) })
    }

    /// Returns the benchmarks of many payments, on one core and on two.
    func lines(_ count: Int, curve: Operation, _ peers: Peers) throws -> [Benchmark] {
        let batch = try batch(count)
        let answers = output(of: batch)
        try verify("lines", answers?.split(separator: UInt8(ascii: "\n")).count == count)
        let here = Int(sched_getcpu())
        func run(_ name: String, on processors: [Int]) -> Operation {
            Operation(name, isElsewhere: true) { [scratch] in
                scratch.remove("ledger")
                Processors.restrict(to: processors)
                defer { Processors.restrict(to: [here]) }
                return batch.run()
            }
        }
        let curve = Operation(name: Peer.curve) { curve.work($0 * count) }
        let rust = try signer(count, peers)
        if let rust { try verify("lines/\(Peer.rust)", output(of: rust) == answers) }
        var benchmarks = [
            Benchmark(run("lines/\(count)/one core", on: [here])).against(curve)
                .against(rust.map { operation(Peer.rust, of: $0) })
        ]
        if let rust { benchmarks.append(Benchmark(operation("lines/\(count)/Rust", of: rust)).against(curve)) }
        guard Processors.count > 1 else { return benchmarks }
        return benchmarks + [
            Benchmark(run("lines/\(count)/two cores", on: [here, (here + 1) % Processors.count])).against(
                run(Peer.oneCore, on: [here]))
        ]
    }

    /// Returns an operation that signs this number of payments with one run of the tool.
    func time(lines count: Int) throws -> Operation {
        try operation("--lines", of: batch(count))
    }

    /// Returns an operation that runs the process with a new ledger.
    private func operation(_ name: String, of process: ChildProcess) -> Operation {
        Operation(name, isElsewhere: true) { [scratch] in
            scratch.remove("ledger")
            return process.run()
        }
    }

    /// Returns the command that runs the tool with this number of payments as its input. The intent and the nonce are
    /// different in each payment.
    private func batch(_ count: Int) throws -> ChildProcess {
        let command = [
            airlock, "sign", "--lines", "--key", key, "--policy", policy, "--ledger", scratch.file("ledger"), "--now",
            SwapPayment.now,
        ]
        return ChildProcess(command: command, input: try input(count))
    }

    /// Returns the command that runs the Rust program with this number of payments as its input. The lines are the same
    /// as for the tool in `batch`. Returns `nil` if the Rust program was not built.
    private func signer(_ count: Int, _ peers: Peers) throws -> ChildProcess? {
        guard let signer = peers.signer else { return nil }
        return ChildProcess(
            command: [signer, key, scratch.file("ledger"), SwapPayment.now], input: try input(count))
    }

    private func input(_ count: Int) throws -> String {
        try scratch.write(Self.lines(count), to: "lines-\(count).jsonl")
    }

    /// Returns lines for `sign --lines`. The intent and the nonce are different in each line.
    static func lines(_ count: Int) throws -> [UInt8] {
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
        return lines
    }

    /// Returns the output of a command; `nil` if the command fails.
    private func output(of command: ChildProcess) -> [UInt8]? {
        scratch.remove("ledger")
        return command.run(output: scratch.file("output")) ? scratch.read("output") : nil
    }
}
