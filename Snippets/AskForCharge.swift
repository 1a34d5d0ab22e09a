import AirlockEthereumTypes
import Glibc
import AirlockHTTP
import AirlockOpenRouter

// What the account has, and a charge for 25 dollars. Where the service is and its key are in the environment.
func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
let address = variable("OPENROUTER_BASE_URL")
let service = try OpenRouterClient(
    HTTPClient(), base: address.isEmpty ? nil : HTTPURL(address), key: BearerKey(variable("OPENROUTER_API_KEY")))

let credits = try await service.getCredits()
print(credits.total, "-", credits.used, "=", credits.balance)

let payer = try Address("0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB")
let answer = try await service.createCoinbaseCharge(CoinbaseChargeRequest(amount: "25", sender: payer, chain: .base))
// Save answer.bytes before anything else is done with them: they are what airlock reads.
print(try answer.charge().callData.recipientAmount)
