import AirlockABI
import AirlockCharges
import AirlockClearSigning
import AirlockDescriptorCases
import AirlockEthereumTypes
import AirlockFiles
import Foundation
import Testing
import AirlockTestSupport

@Suite("The descriptor of the payment contract")
struct PackagedDescriptorTests {
    private static let tree = FolderTree(PackageRoot.url("packaging/erc7730").path)

    private static func descriptor() throws -> Descriptor {
        try Descriptor("calldata-Transfers.json") { try tree.read($0) }
    }

    @Test("describes all ten functions, and nothing else")
    func functions() throws {
        let descriptor = try Self.descriptor()
        #expect(descriptor.problems.isEmpty)
        let declared = try descriptor.keys.map { try ABIFunction($0) }
        let known = TransferMethod.allCases.map(\.function)
        #expect(declared.map(\.signature) == known.map(\.signature))
        #expect(declared.map(\.inputs) == known.map(\.inputs), "names of arguments")
    }

    @Test("is for the contracts of all chains that are known")
    func deployments() throws {
        let descriptor = try Self.descriptor()
        for deployment in Deployment.current + Deployment.rehearsal {
            let call = ContractCall(
                chain: UInt256(deployment.chain.id), from: nil, to: deployment.transfers, value: .zero,
                data: TransferMethod.transferNative.function.selector.bytes.bytes)
            #expect(codes { _ = try descriptor.describe(call, names: KnownNames()) } == ["descriptor.call-data data"])
        }
    }

    @Test("shows what its test file in the registry's form says")
    func cases() throws {
        let cases = try DescriptorCases(
            "testsv2/calldata-Transfers.tests.json", in: Self.tree, library: Descriptors([])
        ).cases
        #expect(cases.count == TransferMethod.allCases.count)
        for (name, value) in cases {
            do { try value.check() } catch { Issue.record("\(name): \(error)") }
            #expect(try value.describe().warnings.isEmpty, "\(name)")
        }
    }
}
