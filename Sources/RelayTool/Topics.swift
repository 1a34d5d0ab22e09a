import AirlockRequests
import AirlockCommandLineTool
import AirlockRequestKinds

/// The topics that `help` explains.
enum Topics {
    static let introduction = """
        Three verbs and two files carry a payment across the gap. prepare and send are
        for the machine that has a network, sign is for the one that has none:

          airlock-relay prepare transfer.json -o conditions.json
          airlock sign transfer.json -c conditions.json -k key.json -o payment.json
          airlock-relay send payment.json

        AIRLOCK_RPC_URL names the nodes where no --rpc does. request transfer writes a
        request, or whoever asks to be paid.
        """

    private static var kinds: [Topic] {
        RequestKinds.help.flatMap(\.topics).map { Topic($0.name, $0.summary, $0.text, terms: $0.terms) }
    }

    static var all: [Topic] {
        [.airGap] + kinds + [.conditions, .fees, .amounts, nodes, journal, .exitCodes, environment]
    }

    private static let nodes = Topic(
        "nodes", "who is asked about the chain, and how far it is believed",
        """
        --rpc names a node, and more than one may be given; else AIRLOCK_RPC_URL does, in
        words with commas or spaces between. A node is spoken to over https, or over http
        on this machine itself. What stands in its address behind the host may be a key,
        and is never shown. --rpc @FILE keeps it off the command line, too: the file has
        one address on a line; blank lines and those that begin with # are passed over.

        All nodes must agree on the chain and on the nonce, and of their fees the highest
        is taken. A node can lie about balances and fees, but it cannot change what is
        paid: that stands in the request, and is checked again offline.
        """)

    private static let journal = Topic(
        "journal", "what remembers the payments",
        """
        Every payment is written into the journal before its first byte leaves. So it can
        be sent any number of times, and is paid once; resume takes up whatever was cut
        off, and status and journal export say what is known. It is a SQLite database, by
        default in $XDG_STATE_HOME/airlock/journal.sqlite.

        Relays on several machines share one in PostgreSQL, whose address is a URI as
        libpq reads it: --journal postgresql://relay@db.example/airlock. A database that
        has none of its tables gets them at the first send. Settings of TLS and others
        stand in the address (sslmode, sslrootcert, target_session_attrs, ...) or in
        libpq's variables. Of several hosts it is the one that takes writes; a standby is
        refused. While the server is away nothing is sent, and the relay goes on when it
        is back. A password is refused in an argument, which every user of the machine
        can read: AIRLOCK_JOURNAL or --journal @FILE may hold one, and so may libpq's
        PGPASSWORD and PGPASSFILE.

        One relay at a time sends the payments of a sender on a chain: it has a lease,
        which others wait for, and which ends ten seconds after the relay did. What a
        relay writes that has lost its lease is refused, and it sends nothing then.
        journal copy moves a journal from one store into the other.
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
