import AirlockDiagnostics

extension [Problem] {
    /// Reads one of several inputs. What is wrong with it is added to the list, so that all is reported at once.
    ///
    /// - Returns: what was read; `nil` where a problem was added.
    package mutating func collect<Value>(_ body: () throws -> Value) -> Value? {
        do { return try body() } catch let broken as any RuleBroken {
            self += broken.problems
        } catch {
            append(Problem(InternalRule.unexpected))
        }
        return nil
    }
}
