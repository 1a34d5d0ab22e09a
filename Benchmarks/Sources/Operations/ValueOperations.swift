import AirlockTokens
import AirlockEthereumTypes
import AirlockCharges

/// The operations that convert values to and from text, and those that compute the digests to be signed.
public enum ValueOperations {
    public static func all(_ payment: borrowing SwapPayment) throws -> [Operation] {
        let digits = "115792089237316195423570985008687907853269984665640564039457584007913129639935"
        let address = "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"
        let largest = try UInt256(decimal: digits)
        let recipient = try Address(address)
        try verify("uint256/text", largest == .max && largest.description == digits)
        try verify("address/text", recipient.description == address)
        return [
            Operation("uint256/parse") { try UInt256(decimal: digits) },
            Operation("uint256/text") { largest.description },
            Operation("address/parse") { try Address(address) },
            Operation("address/text") { recipient.description },
        ] + (try digests(payment.call))
    }

    private static func digests(_ call: PaymentCall) throws -> [Operation] {
        let contents = call.charge.contents
        let intent = contents.intent
        let permit = Permit2Transfer(
            chain: contents.chain, token: intent.recipientCurrency, amount: contents.needed, spender: contents.contract,
            nonce: UInt256(intent.id), deadline: intent.deadline)
        let (chain, sender, contract) = (contents.chain, contents.sender, contents.contract)
        try verify("permit2/digest", permit.digest == Hash(hex: permitReference))
        let hash = intent.hash(chain: chain, sender: sender, contract: contract)
        try verify("operator/digest", intent.signedDigest(of: hash) == Hash(hex: operatorReference))
        return [
            Operation("permit2/digest") { permit.digest },
            Operation("operator/digest") {
                intent.signedDigest(of: intent.hash(chain: chain, sender: sender, contract: contract))
            },
        ]
    }

    /// Digests that eth-account computed. The first is the digest of the Permit2 message. The second is the digest of
    /// the packed bytes that the operator signs.
    private static let permitReference = "0x6676e7135a8947a34fb396d46eb0592a923321d679f45e78e80d499465b72da8"
    private static let operatorReference = "0xd03ea6bf7f8ce2509ffb8fd30108b5e39f06ada1e9694077f243d4daf52fe819"
}
