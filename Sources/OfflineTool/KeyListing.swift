import AirlockCommandLineTool
import AirlockEthereumTypes
import AirlockFiles
import AirlockKeys
import AirlockDiagnostics
import AirlockStrictJSON

/// The keystores in a folder. None is unlocked, so the addresses are what the files say.
struct KeyListing {
    struct Entry {
        let file: String
        let address: Address?
        /// Why the file cannot be used as a key.
        let problem: Problem?
    }

    let entries: [Entry]

    init(_ folder: String) throws {
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        entries = try Folder.names(in: folder).compactMap { name -> Entry? in
            // Whatever is no keystore is none of our business here.
            guard let file = try? InputFile.read(prefix + name, limit: 1 << 16),
                let keystore = try? Keystore(file.bytes)
            else { return nil }
            var problem: Problem?
            do throws(FileError) { _ = try SecretFile.read(prefix + name).count } catch {
                problem = error.problems.first
            }
            return Entry(file: name, address: keystore.address, problem: problem)
        }
    }
}

extension KeyListing.Entry {
    var text: String {
        let address = address.map(\.description) ?? "(says no address)                         "
        let warning = problem.map { " - \($0.message): \($0.hint)" } ?? ""
        return "\(address)  \(escaped(file, limit: 255))\(warning)\n"
    }

    var json: JSONOutput {
        var members: [(String, JSONOutput)] = [
            ("file", .string(file)), ("address", address.map { .string("\($0)") } ?? .null),
        ]
        if let problem { members.append(("problem", problem.json)) }
        return .object(members)
    }
}
