import CommandLineTool
import Problems
import Signing

extension Console {
    /// What a person says to a question that has to be answered at a terminal. One that closes has said no.
    func consent(_ question: String) throws -> String {
        guard hasTerminal else { throw Problem(SigningRule.nobodyToAsk) }
        return try ask(question) ?? ""
    }
}
