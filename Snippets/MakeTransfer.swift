import AirlockEthereumTypes
import AirlockStrictJSON
import AirlockTransfers

// Makes a transfer file, like the one that `airlock request transfer` writes.
let transfer = try Transfer(
    chain: .base, from: nil, to: Address("0x5eA054aEea285Ebc3A92eCB1f722f44304F72581"), token: nil,
    amount: Amount.parseNative("0.001eth", on: .base), reference: "invoice 7")
print(transfer.json.text)
