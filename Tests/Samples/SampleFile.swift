/// The JSON object of a file. Each member is JSON text, so that a test can change, add or remove it.
public struct SampleFile: Sendable {
    public var members: [(name: String, json: String)]

    public init(members: [(name: String, json: String)]) { self.members = members }

    public subscript(name: String) -> String? {
        get { members.first { $0.name == name }?.json }
        set {
            let index = members.firstIndex { $0.name == name } ?? members.count
            members.replaceSubrange(
                index..<min(index + 1, members.count), with: newValue.map { [(name, $0)] } ?? [])
        }
    }

    public var json: String { "{\(members.map { "\"\($0.name)\":\($0.json)" }.joined(separator: ","))}" }
    public var bytes: [UInt8] { Array(json.utf8) }

    /// Returns a copy of the file with another value of a member. If the value is `nil`, the copy lacks this member.
    public func with(_ name: String, _ json: String?) -> SampleFile {
        var file = self
        file[name] = json
        return file
    }
}
