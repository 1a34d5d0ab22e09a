import AirlockPostgreSQL
import AirlockToolSupport
import AirlockTestSupport

extension PostgreSQLServer {
    func address(_ schema: String) throws -> PostgreSQLAddress { try PostgreSQLAddress(uri(schema)) }

    /// Creates an empty schema. An existing one stays.
    func make(_ schema: String) throws { try run("CREATE SCHEMA IF NOT EXISTS \(schema)", in: "public") }

    @discardableResult
    func run(_ sql: String, in schema: String) throws -> [[String: PostgreSQLValue]] {
        try PostgreSQLConnection(address(schema)).run(sql)
    }
}

extension Scratch {
    /// The folder's name as the name of a schema.
    var schema: String { "j" + path.split(separator: "-").dropFirst().joined().lowercased() }
}
