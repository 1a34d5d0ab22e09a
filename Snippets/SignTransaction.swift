import AirlockEthereumTypes
import AirlockSecretKeys
import AirlockTransactions

// Signs an EIP-1559 transaction and reads it again. The signature is deterministic (RFC 6979), so the bytes are the
// same each time. This key is public, so do not use it for payments.
let key = try SecretKey(hex: Array(String(repeating: "33", count: 32).utf8).span)
let transaction = UnsignedTransaction(
    nonce: 7, gas: 21_000, to: key.address, value: try Amount.parseNative("0.001eth", on: .base), data: [],
    form: .dynamicFee(
        chainID: Chain.base.id, maxPriorityFeePerGas: 1_000_000, maxFeePerGas: 30_000_000, accessList: []))

let signed = try SignedTransaction(transaction, key.sign(transaction.signingHash))
print(Hex.encode(signed.raw))
let again = try SignedTransaction(raw: signed.raw)
print(again.hash, try again.sender)
