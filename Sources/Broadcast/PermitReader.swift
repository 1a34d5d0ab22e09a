import AirlockABI
import AirlockEthereumTypes
import AirlockJSONRPC
import AirlockDiagnostics
import AirlockTokens

/// Asks Permit2 whether a permit can still be used.
struct PermitReader {
    let node: EthereumNode

    /// Refuses a permit whose number is used, as Permit2 would.
    func refuseUsed(_ nonce: UInt256, of owner: Address) async throws(ProblemList) {
        guard try await isUsed(nonce, of: owner) else { return }
        let error = Selector(signature: "InvalidNonce()").bytes.bytes
        throw ProblemList(Problem(PrepareRule.wouldRevert, revertedWith: error))
    }

    /// A bit of a word tells it for each of 256 nonces.
    private func isUsed(_ nonce: UInt256, of owner: Address) async throws(ProblemList) -> Bool {
        guard let (word, bit) = nonce.quotientAndRemainder(dividingBy: 256),
            let bit = UInt64(exactly: bit).map(Int.init)
        else { return false }
        let data = ABIWriter.encode(Selector(signature: "nonceBitmap(address,uint256)"), words: 2) { writer in
            writer.append(owner)
            writer.append(word)
        }
        let answer: [UInt8]
        do throws(NodeError) {
            answer = try await node.call(CallRequest(to: Permit2Transfer.contract, data: data))
        } catch { throw ProblemList(error) }
        guard let bitmap = FixedBytes<32>(answer) else {
            throw ProblemList(
                Problem(PrepareRule.noPermit2, at: Permit2Transfer.contract.description, saw: Hex.encode(answer)))
        }
        return bitmap[31 - bit / 8] & (1 << (bit % 8)) != 0
    }
}
