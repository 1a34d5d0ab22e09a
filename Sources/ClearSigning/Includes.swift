import AirlockDiagnostics
import AirlockEthereumTypes
import AirlockStrictJSON

/// Merges a descriptor with the files that it includes. If both the including file and an included file define a value,
/// the value of the including file is used.
enum Includes {
    static let deepest = 4

    /// Returns the merged descriptor, and its files in the order in which they were read.
    static func merge(
        _ path: String, read: (String) throws -> [UInt8]
    ) throws(Problem) -> (JSONValue, [Descriptor.File]) {
        var files: [Descriptor.File] = []
        let merged = try load(try resolve(path, from: ""), &files, read: read)
        let root: JSONValue
        do { root = try JSONDocument(merged.bytes).root } catch { throw error.problems[0] }
        try refuseWide(root)
        return (root, files)
    }

    /// Refuses objects with very many members. A field refers to constants and definitions by name, and each search for
    /// a name takes time proportional to the number of members.
    private static func refuseWide(_ json: JSONValue) throws(Problem) {
        var count = 0
        for child in json.children {
            count += 1
            try refuseWide(child)
        }
        guard json.kind != .object || count <= FormatReader.mostFields else {
            throw Problem(DescriptorRule.tooLarge, at: json.pointer)
        }
    }

    private static func load(
        _ path: String, _ files: inout [Descriptor.File], read: (String) throws -> [UInt8]
    ) throws(Problem) -> JSONOutput {
        guard !files.contains(where: { $0.path == path }) else { throw Problem(DescriptorRule.includeCycle, saw: path) }
        guard files.count <= deepest else { throw Problem(DescriptorRule.includeDepth, saw: path) }
        let root: JSONValue
        do {
            let bytes = try read(path)
            guard bytes.count <= Descriptor.largestFile else { throw Problem(DescriptorRule.tooLarge, at: path) }
            root = try JSONDocument(bytes).root
            files.append(Descriptor.File(path: path, hash: try CanonicalJSON.hash(root)))
        } catch {
            throw (error as? any RuleBroken)?.problems[0].inFile(path) ?? Problem(DescriptorRule.badInclude, saw: path)
        }
        try checkSchema(root["$schema"], path)
        guard let include = root["includes"] else { return normalized(root.json) }
        guard let name = include.string else {
            throw Problem(DescriptorRule.badInclude, at: include.pointer, saw: include.text).inFile(path)
        }
        let included = try load(try resolve(name, from: path), &files, read: read)
        return merge(included, normalized(root.json), key: "")
    }

    /// Returns the path of an included file, relative to the folder of the descriptors. `name` is the path that `file`
    /// contains. Throws if `name` leads out of the folder.
    static func resolve(_ name: String, from file: String) throws(Problem) -> String {
        let wrong = Problem(DescriptorRule.badInclude, saw: name)
        guard !name.isEmpty, name.utf8.count <= 512, !name.hasPrefix("/"), !name.contains(":"), !name.contains("\\"),
            !name.utf8.contains(0)
        else { throw wrong }
        var steps = file.split(separator: "/").dropLast().map(String.init)
        for step in name.split(separator: "/", omittingEmptySubsequences: false) {
            switch step {
            case ".": break
            case "": throw wrong
            case "..": guard steps.popLast() != nil else { throw wrong }
            default: steps.append(String(step))
            }
        }
        guard !steps.isEmpty else { throw wrong }
        return steps.joined(separator: "/")
    }

    /// Checks the version of the schema. The version is part of the schema's name, such as `erc7730-v2.schema.json` or
    /// `erc7730-v2.1.0.schema.json`.
    private static func checkSchema(_ json: JSONValue?, _ path: String) throws(Problem) {
        let name = json?.string?.split(separator: "/").last ?? ""
        var version = name.hasPrefix("erc7730-v") ? name.dropFirst(9) : ""
        version = version.hasSuffix(".schema.json") ? version.dropLast(12) : ""
        let numbers = version.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.first == "2", numbers.count <= 3, numbers.allSatisfy({ Int($0) != nil }) else {
            throw Problem(
                DescriptorRule.schema, at: "/$schema", saw: json?.string ?? "nothing",
                expected: "erc7730-v2.schema.json"
            ).inFile(path)
        }
    }

    // MARK: Merging

    private static func merge(_ included: JSONOutput, _ own: JSONOutput, key: String) -> JSONOutput {
        switch (included, own) {
        case (.object(var members), .object(let others)):
            // Names are compared by their UTF-8 bytes. A dictionary keeps the time proportional to the file sizes.
            var places: [[UInt8]: Int] = [:]
            for (place, member) in members.enumerated() { places[Array(member.0.utf8)] = place }
            for (name, value) in others {
                if let place = places[Array(name.utf8)] {
                    members[place].1 = merge(members[place].1, value, key: name)
                } else {
                    members.append((name, value))
                }
            }
            return .object(members)
        case (.array(var fields), .array(let others)) where key == "fields":
            // ERC-7730: "Merge together objects sharing the same path value". An object is appended if no object of the
            // other file has the same path.
            var places: [String: Int] = [:]
            for (place, field) in fields.enumerated() {
                if let path = path(field), places[path] == nil { places[path] = place }
            }
            for other in others {
                let path = path(other)
                if let path, let place = places[path] {
                    fields[place] = merge(fields[place], other, key: "")
                } else {
                    if let path { places[path] = fields.count }
                    fields.append(other)
                }
            }
            return .array(fields)
        default: return own
        }
    }

    private static func path(_ field: JSONOutput) -> String? {
        guard case .object(let members) = field, case .string(let path)? = members.first(where: { $0.0 == "path" })?.1
        else { return nil }
        return path.hasPrefix("#.") ? String(path.dropFirst(2)) : path
    }

    /// Normalizes the keys of the display formats, so that equal keys in two files are recognised as equal.
    private static func normalized(_ json: JSONOutput) -> JSONOutput {
        guard case .object(let members) = json else { return json }
        return .object(
            members.map { name, value in
                guard name == "display", case .object(let parts) = value else { return (name, value) }
                return (
                    name,
                    .object(
                        parts.map { part, value in
                            guard part == "formats", case .object(let formats) = value else { return (part, value) }
                            return (part, .object(formats.map { (Descriptor.normalized($0.0), $0.1) }))
                        })
                )
            })
    }
}
