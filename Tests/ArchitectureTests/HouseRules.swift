/// A table of the targets. The row of a target lists the modules that the target is allowed to import. Each of these
/// modules is itself a target further up. Some modules need not be listed. Every target is allowed to import the
/// modules of the Swift toolchain, except Foundation. Every Swift target is allowed to import `Diagnostics`, which
/// imports no other target.
enum HouseRules {
    static let table = """
        CCurl CGcrypt CLinux CMicroHTTPD CPQ CQREncode CSQLite CSeccomp CSecp256k1
        CHex CKeccak
        Diagnostics
        Keccak:           CKeccak
        CSV:
        StrictJSON:
        EthereumTypes:    CHex Keccak
        RLP:              EthereumTypes
        StateProofs:      EthereumTypes RLP
        UR:               EthereumTypes
        ABI:              EthereumTypes Keccak StrictJSON
        Gcrypt:           CGcrypt
        Secp256k1:        CSecp256k1 EthereumTypes Keccak
        SecretKeys:       CSecp256k1 EthereumTypes Gcrypt Keccak Secp256k1
        Transactions:     EthereumTypes Keccak RLP Secp256k1
        TypedData:        ABI EthereumTypes Keccak StrictJSON
        ClearSigning:     ABI EthereumTypes Secp256k1 StrictJSON TypedData
        Requests:         ABI EthereumTypes StrictJSON
        Tokens:           ABI EthereumTypes TypedData
        PaymentFiles:     EthereumTypes Keccak Requests Secp256k1 StrictJSON Transactions
        Charges:          ABI EthereumTypes Keccak Requests Secp256k1 StrictJSON Tokens
        Transfers:        ABI EthereumTypes PaymentFiles Requests Secp256k1 StrictJSON Tokens TypedData
        Safes:            ABI EthereumTypes Keccak PaymentFiles Requests Secp256k1 StateProofs StrictJSON TypedData
        Messages:         ABI EthereumTypes Requests Safes StrictJSON Tokens TypedData
        Calls:            ABI EthereumTypes PaymentFiles Requests Safes StrictJSON Tokens Transactions
        RequestKinds:     Calls PaymentFiles Requests Safes StrictJSON Charges Transfers
        Files:            CLinux
        Policies:         EthereumTypes Files PaymentFiles RequestKinds Requests StrictJSON Tokens
        Keys:             EthereumTypes Files Gcrypt Keccak Secp256k1 SecretKeys StrictJSON
        Signing:          ABI ClearSigning EthereumTypes Files Gcrypt Keccak Messages PaymentFiles Policies RequestKinds \
        Requests Safes Secp256k1 SecretKeys StrictJSON Tokens Transactions TypedData
        Evidence:         EthereumTypes Files Gcrypt Messages PaymentFiles Policies RequestKinds Requests Safes Secp256k1 Signing \
        StrictJSON Transactions
        Sandbox:          CLinux CSeccomp
        CommandLineTool:  StrictJSON
        QRCodes:          CQREncode CommandLineTool Files StrictJSON UR
        Presentation:     ABI CSV Calls Charges CommandLineTool EthereumTypes Files PaymentFiles Policies RLP Requests Safes \
        Secp256k1 StateProofs StrictJSON Transactions Transfers TypedData UR
        RequestWriting:   ABI CSV Calls CommandLineTool EthereumTypes Files Policies QRCodes Requests StrictJSON Transfers
        HTTP:             CCurl
        JSONRPC:          EthereumTypes HTTP RLP StrictJSON
        OpenRouter:       EthereumTypes HTTP StrictJSON
        SafeService:      EthereumTypes HTTP Safes StrictJSON
        PostgreSQL:       CPQ
        Web:              CMicroHTTPD
        Broadcast:        ABI CSQLite EthereumTypes Files HTTP JSONRPC Keccak PaymentFiles PostgreSQL RequestKinds Requests Safes \
        Secp256k1 StrictJSON Tokens Transactions
        OfflineTool:      ABI CSV ClearSigning CommandLineTool EthereumTypes Evidence Files Gcrypt Keccak Keys Messages PaymentFiles \
        Policies Presentation QRCodes RLP RequestKinds RequestWriting Requests Safes Sandbox Secp256k1 Signing StrictJSON Tokens \
        Transactions TypedData UR
        RelayTool:        ABI Broadcast CLinux CSV CommandLineTool EthereumTypes Files HTTP JSONRPC Keccak OpenRouter \
        PaymentFiles Policies PostgreSQL Presentation QRCodes RLP RequestKinds RequestWriting Requests SafeService Safes Secp256k1 \
        StrictJSON Tokens Transactions Calls Charges UR Web
        airlock:          OfflineTool
        airlock-relay:    RelayTool
        """

    static let free: Set = ["Dispatch", "Glibc", "Diagnostics", "Swift", "Synchronization"]

    /// Targets, each with the modules that it must not import, either directly or through other modules.
    static let apart: [(target: String, never: Set<String>)] = [
        (
            "airlock",
            [
                "HTTP", "JSONRPC", "OpenRouter", "SafeService", "Broadcast", "CCurl", "CMicroHTTPD", "CPQ", "CSQLite",
                "Web",
            ]
        ),
        ("airlock-relay", ["Signing", "Keys", "SecretKeys"]),
        ("Presentation", ["Signing", "Keys", "SecretKeys", "Gcrypt", "HTTP", "JSONRPC", "Broadcast", "OpenRouter"]),
        ("QRCodes", ["Signing", "Keys", "SecretKeys", "Gcrypt", "HTTP", "JSONRPC", "Broadcast", "OpenRouter"]),
        ("RequestWriting", ["Signing", "Keys", "SecretKeys", "HTTP", "JSONRPC", "Broadcast"]),
        ("Broadcast", ["Signing", "Keys", "SecretKeys", "Gcrypt"]),
        ("SafeService", ["Signing", "Keys", "SecretKeys", "Gcrypt"]),
        ("OpenRouter", ["Signing", "Keys", "SecretKeys", "Gcrypt"]),
    ]

    /// The rows of the table, in order.
    static let rows: [(target: String, allowed: Set<String>)] = table.split(separator: "\n").flatMap { line in
        let parts = line.split(separator: ":", omittingEmptySubsequences: false)
        let names = parts[0].split(separator: " ").map(String.init)
        let allowed = parts.count == 1 ? [] : parts[1].split(separator: " ").map(String.init)
        return names.map { (target: $0, allowed: Set(allowed)) }
    }
}
