import AirlockEthereumTypes
import AirlockSafes

// Computes the hash that the owners of a Safe sign. It also depends on the version and the chain of the Safe.
let safe = try Address("0x5eA054aEea285Ebc3A92eCB1f722f44304F72581")
let transaction = SafeTransaction(
    to: try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB"), value: 1_000_000, data: [], operation: .call,
    safeTxGas: .zero, baseGas: .zero, gasPrice: .zero, gasToken: .zero, refundReceiver: .zero, nonce: 7)
print(transaction.hash(in: SafeDomain(chain: .base, safe: safe, version: .latest)))
