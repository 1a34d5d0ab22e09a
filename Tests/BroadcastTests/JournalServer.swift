import AirlockPostgreSQL
import AirlockToolSupport
import AirlockTestSupport

extension PostgreSQLServer {
    func address(_ schema: String) throws -> PostgreSQLAddress { try PostgreSQLAddress(uri(schema)) }

    /// Creates an empty schema, unless a schema with this name exists already.
    func make(_ schema: String) throws { try run("CREATE SCHEMA IF NOT EXISTS \(schema)", in: "public") }

    @discardableResult
    func run(_ sql: String, in schema: String) throws -> [[String: PostgreSQLValue]] {
        try PostgreSQLConnection(address(schema)).run(sql)
    }
}

extension Scratch {
    /// The name of the schema for this folder. It is derived from the name of the folder.
    var schema: String { "j" + (path.split(separator: "/").last ?? "").filter { $0 != "-" }.lowercased() }
}
