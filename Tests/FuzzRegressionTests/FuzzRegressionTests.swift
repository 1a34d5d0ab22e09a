import Foundation
import AirlockFuzzSubjects
import Testing
import AirlockTestSupport

@Suite("What the fuzzer is fed with")
struct FuzzRegressionTests {
    @Test("every seed is read, and all that must hold does", arguments: files("Corpus"))
    func seed(_ file: FuzzFile) throws {
        #expect(try file.subject.feed(file.bytes()), "a seed that is refused leads the fuzzer nowhere")
    }

    @Test("what broke something once does so no more", arguments: files("Regressions"))
    func regression(_ file: FuzzFile) throws {
        try file.subject.feed(file.bytes())
    }

    @Test("every subject has a seed", arguments: FuzzSubject.allCases)
    func subject(_ subject: FuzzSubject) {
        #expect(files("Corpus").contains { $0.subject == subject })
    }
}

/// A file with an input, and the subject whose folder contains the file.
struct FuzzFile: CustomTestStringConvertible {
    let subject: FuzzSubject
    let url: URL

    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: url)) }

    var testDescription: String { "\(subject.rawValue)/\(url.lastPathComponent)" }
}

private func files(_ folder: String) -> [FuzzFile] {
    return FuzzSubject.allCases.flatMap { subject in
        let folder = PackageRoot.url("Tests/Fuzz/\(folder)/\(subject.rawValue)")
        let urls = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (urls ?? []).sorted { $0.path < $1.path }.map { FuzzFile(subject: subject, url: $0) }
    }
}
