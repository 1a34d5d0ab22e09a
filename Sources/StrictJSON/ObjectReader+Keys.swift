public import AirlockDiagnostics

extension ObjectReader {
    /// An object whose keys are values themselves: no two may be the same, however they are written. A second key of the same
    /// value breaks the rule that is given. A member that cannot be read is recorded, and left out.
    public mutating func keyed<Key: Hashable, Value>(
        _ object: JSONValue?, repeated: any Rule, key: (String) throws -> Key,
        value: (inout ObjectReader, _ name: String, JSONValue) -> Value?
    ) -> [Key: Value]? {
        guard let object else { return nil }
        guard let members = object.members else {
            record(ObjectReader(object).problems)
            return nil
        }
        var result: [Key: Value] = [:]
        for (name, member) in members {
            guard let read = value(&self, name, member) else { continue }
            do {
                let key = try key(name)
                if result.updateValue(read, forKey: key) != nil {
                    record([Problem(repeated, at: member.pointer, saw: name)])
                }
            } catch let broken as any RuleBroken {
                record(broken.problems.map { $0.at(member.pointer) })
            } catch {
                record([Problem(JSONRule.wrongType, at: member.pointer, saw: name)])
            }
        }
        return result
    }

    /// An object read by a reader of its own, whose problems become this one's.
    public mutating func nested<Value>(_ value: JSONValue, _ body: (inout ObjectReader) -> Value?) -> Value? {
        var inner = ObjectReader(value)
        let result = body(&inner)
        record(inner.problems)
        return result
    }
}
