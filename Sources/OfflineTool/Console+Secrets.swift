import AirlockCommandLineTool
import AirlockGcrypt
import AirlockKeys
import AirlockDiagnostics

extension Console {
    /// Asks for a secret, which goes from the terminal into secure memory.
    ///
    /// - Parameter page: shows what belongs to the question (true), and takes it from the screen again (false).
    func secret(_ question: String, page: (Bool) -> Void = { _ in }) throws -> SecureBytes {
        var typed = try SecureBytes(count: Password.limit)
        var count = 0
        let isAnswered = try askSecret(question, page) { byte in
            guard let byte else {
                count = 0
                return
            }
            if count < Password.limit { typed.withMutableBytes { $0[count] = byte } }
            count += 1
        }
        guard isAnswered else { throw Problem(PasswordRule.noTerminal) }
        guard count <= Password.limit else { throw Problem(PasswordRule.tooLong) }
        return try typed.withBytes { try SecureBytes(copying: $0.extracting(first: count)) }
    }

    /// Asks twice for a password that is new, since nobody sees what is typed.
    func newPassword(_ question: String, allowingWeak isWeakAllowed: Bool) throws -> SecureBytes {
        let first = try secret(question + ": ")
        try Password.checkNew(first, allowingWeak: isWeakAllowed)
        guard first.isEqual(to: try secret("The same again: ")) else { throw Problem(PasswordRule.mismatch) }
        return first
    }

    /// Says on the terminal that a password is being worked on, which takes a moment; on standard error, too, if the
    /// keystore asks for more than the usual work.
    ///
    /// - Parameter effort: how many times the work of a usual keystore it is.
    func showWorking(_ effort: Int = 1) {
        guard effort > 1 else { return show("Working on the password...\n") }
        note(
            """
            airlock: working on the password: this keystore takes \(effort) times as long as a usual one, which can be \
            half a minute\n
            """)
    }
}
