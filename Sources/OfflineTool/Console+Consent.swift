import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockSigning

extension Console {
    /// What a person says to questions that have to be answered at a terminal, all by one answer. One that closes has
    /// said no.
    func consent(_ questions: [String], _ prompt: String) throws -> String {
        guard hasTerminal else { throw Problem(SigningRule.nobodyToAsk) }
        // Where standard error is no terminal this one has a width nevertheless.
        let width = noteWidth == .max ? 80 : noteWidth
        let lines = questions.flatMap { wrapped($0, width: width) }
        if lines.count == 1, lines[0].count + 1 + prompt.count <= width {
            return try ask("\(lines[0]) \(prompt)") ?? ""
        }
        return try ask(lines.map { $0 + "\n" }.joined() + prompt) ?? ""
    }
}
