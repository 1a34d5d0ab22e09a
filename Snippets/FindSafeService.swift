import AirlockDiagnostics
import AirlockSafeService
import AirlockSafes

// Where the transaction service of a chain is, and why an answer that is no transaction is refused.
print(SafeServiceClient.defaultBase(on: .base) ?? "none")
do {
    _ = try ServiceTransaction(Array(#"{"detail":"Not found."}"#.utf8))
} catch {
    print(error.problems.map(\.code))
}
