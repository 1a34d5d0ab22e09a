import AirlockBroadcast
import AirlockEthereumTypes
import AirlockRelayTool
import Testing

@Suite("A note of prepare")
struct NoteTests {
    static let notes: [(Preparation.Note.Next?, String)] = [
        (nil, "so it is"), (.offerMore, "so it is; airlock sign --max-fee offers more"),
        (.swap(value: 1005, poolFee: 500), "so it is: airlock sign --value 1005 --pool-fee 500"),
        (.replace(nonce: 7), "so it is: to replace it, give airlock sign --nonce 7 --replace HASH"),
        (.otherNonce, "so it is; if that one is not to be sent, give airlock sign --nonce"),
        (
            .following(nonce: 8, kind: "charge"),
            "so it is: sign the next charge with --nonce 8, or several as a folder"
        ),
    ]

    @Test("says what can be done, by the options of sign", arguments: notes)
    func sentence(next: Preparation.Note.Next?, sentence: String) {
        #expect(Preparation.Note("so it is", next: next).sentence == sentence)
    }
}
