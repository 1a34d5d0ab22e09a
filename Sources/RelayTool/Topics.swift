import AirlockRequests
import AirlockCommandLineTool
import AirlockRequestKinds

/// The help topics of `airlock-relay`. The command `help` shows them.
enum Topics {
    static let introduction = """
        Three verbs and two files carry a payment across the gap. prepare and send are
        for the machine that has a network, sign is for the one that has none:

          airlock-relay prepare transfer.json -o conditions.json
          airlock sign transfer.json -c conditions.json -k key.json -o payment.json
          airlock-relay send payment.json

        AIRLOCK_RPC_URL names the nodes if no --rpc does. The request comes from whoever
        asks to be paid, or request transfer writes one.
        """

    private static var kinds: [Topic] {
        RequestKinds.help.flatMap(\.topics).map { Topic($0.name, $0.summary, $0.text, terms: $0.terms) }
    }

    static var all: [Topic] {
        [.airGap] + kinds + [.conditions, .fees, .amounts, nodes, journal, .exitCodes, environment]
    }

    private static let nodes = Topic(
        "nodes", "which nodes are used, and what a lying node can do",
        """
        --rpc names a node, and may be given more than once; otherwise AIRLOCK_RPC_URL names
        the nodes, separated by commas or spaces. Nodes are called over https, or over http
        on this machine. The part of a URL after the host may be an API key, and is never
        shown. --rpc @FILE keeps it off the command line, too: the file has one address per
        line; blank lines and lines that begin with # are ignored.

        All nodes must agree on the chain and on the nonce, and the highest of their base
        fees is used. A node can lie about balances and fees, but it cannot change what is
        paid: that is in the request, and is checked again offline.
        """)

    private static let journal = Topic(
        "journal", "the relay's record of all payments",
        """
        Every payment is written to the journal before its first byte leaves. So it can be
        sent any number of times, and is paid only once; resume continues interrupted
        payments, and status and journal export show what is known. The journal is a SQLite
        database, by default $XDG_STATE_HOME/airlock/journal.sqlite.

        Relays on several machines can share a journal in PostgreSQL. Its address is a URI
        as libpq reads it: --journal postgresql://relay@db.example/airlock. In a database
        without these tables, the first send creates them. Settings such as those of TLS are
        in the address (sslmode, sslrootcert, target_session_attrs, ...) or in libpq's
        variables. Of several hosts, the one that accepts writes is used; a standby is
        refused. While the server is down nothing is sent, and the relay continues when it
        is back. A password in an argument is refused, because every user of the machine can
        read it: use AIRLOCK_JOURNAL, --journal @FILE, or libpq's PGPASSWORD or PGPASSFILE.

        One relay at a time sends the payments of a sender on a chain: it holds a lease, and
        others wait. If the relay stops, the lease ends after ten seconds and another relay
        takes over. A relay that has lost its lease sends nothing more, and what it writes
        is refused. journal copy copies a journal from one store to the other.
        """)

    private static let environment = Topic(
        "environment", "the environment variables that are read",
        "Options of the command line take precedence.",
        terms: EnvironmentVariable.allCases.map { ($0.rawValue, $0.meaning) } + [
            ("PGPASSWORD, PGPASSFILE, ...", "the journal's server, as libpq reads them"),
            ("XDG_STATE_HOME", "the folder of airlock/journal.sqlite; else .local/state in HOME"),
            ("HOME", "the home folder, if XDG_STATE_HOME is not set"),
            ("CURL_CA_BUNDLE, SSL_CERT_FILE", "a PEM file of trusted authorities, instead of the system's"),
            ("https_proxy, all_proxy, no_proxy", "a proxy, as libcurl reads them"),
        ])
}
