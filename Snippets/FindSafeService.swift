import AirlockDiagnostics
import AirlockSafeService
import AirlockSafes

// Prints the address of the Safe transaction service for a chain, and why an answer that is not a transaction is
// refused.
print(SafeServiceClient.defaultBase(on: .base) ?? "none")
do {
    _ = try ServiceTransaction(Array(#"{"detail":"Not found."}"#.utf8))
} catch {
    print(error.problems.map(\.code))
}
