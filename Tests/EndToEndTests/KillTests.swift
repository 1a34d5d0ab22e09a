import Foundation
import AirlockTestSupport
import Testing
import AirlockToolSupport

extension EndToEnd {
    /// A relay writes data to disk and to the network only by system calls. The test kills the relay at such a call,
    /// and then runs the same command again.
    @Suite("A relay that is killed", .needsTracer)
    struct Kills {
        private let devnet: Devnet
        private let workspace: Workspace

        init() throws {
            devnet = try EndToEnd.devnet()
            workspace = try Workspace(devnet)
        }

        /// The system calls at which the relay is killed, each with a step. With step 1, the relay is killed at every
        /// call of this kind. With step 3, it is killed at every third call, each time in a new run.
        private static let calls = [("fdatasync", 1), ("sendto", 1), ("recvfrom", 3), ("pwrite64", 5), ("write", 2)]

        @Test("at any step pays once when the command is run again", arguments: calls)
        func killed(at call: String, every stride: Int) async throws {
            let strace = try #require(BuiltTool.tracer)
            try await workspace.pay()
            let (merchant, nonce) = try await (devnet.balance(devnet.merchant), devnet.nonce(devnet.payer))
            var (number, kills) = (1, 0)
            while true {
                let snapshot = try await devnet.rpc("evm_snapshot").text
                let state = try Scratch()
                let wrapper = [
                    strace.path, "-f", "-qq", "-o", "/dev/null", "-e", "inject=\(call):signal=KILL:when=\(number)",
                ]
                let killed = try Tool.start(
                    "airlock-relay", workspace.sending([]), in: workspace.scratch.path, state: state.path,
                    under: wrapper
                ).finish()
                let again = try Tool.start(
                    "airlock-relay", workspace.sending([]), in: workspace.scratch.path, state: state.path
                ).finish()
                #expect(again.exit == 0, "killed at \(call) \(number): \(again.out) \(again.err)")
                #expect(try await devnet.balance(devnet.merchant) == merchant + Workspace.amount)
                #expect(try await devnet.nonce(devnet.payer) == nonce + 1)
                try await devnet.rpc("evm_revert", [snapshot])
                if killed.exit == 0 { break }
                kills += 1
                number += stride
            }
            #expect(kills > 0)
        }
    }
}
