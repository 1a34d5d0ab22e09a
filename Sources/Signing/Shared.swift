/// A large value that many hold: a copy of its holder counts one reference up, and not each of those within the value.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}
