import AirlockEthereumTypes
import Glibc
import AirlockHTTP
import AirlockOpenRouter

// Asks for the balance of the account, and for a charge of 25 dollars. Two environment variables contain the address of
// the service and the key.
func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
let address = variable("OPENROUTER_BASE_URL")
let service = try OpenRouterClient(
    HTTPClient(), base: address.isEmpty ? nil : HTTPURL(address), key: BearerKey(variable("OPENROUTER_API_KEY")))

let credits = try await service.getCredits()
print(credits.total, "-", credits.used, "=", credits.balance)

let payer = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
let answer = try await service.createCoinbaseCharge(CoinbaseChargeRequest(amount: "25", sender: payer, chain: .base))
// Save answer.bytes before you do anything else with them, because airlock reads these bytes.
print(try answer.charge().callData.recipientAmount)
