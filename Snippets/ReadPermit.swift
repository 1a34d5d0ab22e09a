import AirlockEthereumTypes
import AirlockMessages
import AirlockTypedData

// Reads a permit (EIP-2612). Prints its digest, and who may take how much of which token.
let permit = try TypedData(
    Array(
        """
        {"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},
        {"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],
        "Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},{"name":"value","type":"uint256"},
        {"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},"primaryType":"Permit",
        "domain":{"name":"USD Coin","version":"2","chainId":8453,
        "verifyingContract":"0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"},
        "message":{"owner":"0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB",
        "spender":"0x5eA054aEea285Ebc3A92eCB1f722f44304F72581","value":"1050000","nonce":0,"deadline":1773303049}}
        """.utf8))
print(permit.digest)
if let terms = try MessageTerms(permit), let take = terms.takes.first {
    print(terms.taker, "may take", take.amount, "of", take.token)
}
