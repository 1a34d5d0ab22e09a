import AirlockRequests
import AirlockCommandLineTool
import AirlockRequestKinds

/// The topics of `help`.
enum Topics {
    static let introduction = """
        Three verbs and two files carry a payment across the gap. sign is for the
        machine that has no network, prepare and send are for the one that has:

          airlock-relay prepare transfer.json -o conditions.json
          airlock sign transfer.json -c conditions.json -k key.json -o payment.json
          airlock-relay send payment.json

        Before the first: airlock doctor says whether this machine is ready,
        airlock key new makes a key, and airlock policy init a policy to begin with.
        """

    private static var kinds: [Topic] {
        RequestKinds.help.flatMap(\.topics).map { Topic($0.name, $0.summary, $0.text, terms: $0.terms) }
    }

    /// Computed at each use, since a program may add kinds of request at its start.
    static var all: [Topic] {
        [.airGap] + kinds + [
            .conditions, policy, messages, safe, descriptors, .fees, .amounts, ledger, .exitCodes, environment, files,
        ]
    }

    private static let policy = Topic(
        "policy", "what may be paid, and how much",
        """
        A policy lists, for each chain, the recipients and currencies that may be paid,
        caps the amounts, and lists what a kind of request needs besides. What it does
        not list is refused, by --yes too. airlock policy init writes one to begin with,
        and airlock policy check says in sentences what one allows.

          {"airlock":1,"kind":"policy","chains":{"8453":{
            "recipients":{"0x...":"a name that you know"},
            "currencies":{"0x...":{"symbol":"USDC","decimals":"6",
              "perPayment":"1000","perDay":"5000"}},
            "maxNativeValue":"500000000000000000",
            "maxNetworkFee":"10000000000000000"}},
           "maxConditionsAge":"3600"}

        perPayment and perDay are in whole tokens, perDay over the last 24 hours of the
        ledger; the currency 0x0 is the native one. The others are in wei and seconds.
        maxNativePerToken is the highest price of a swap, in wei for a whole token.

        Nobody else may be able to write to the file. Where there is no policy the
        built-in pins hold: the known contracts, any recipient. Then you are asked for
        the last six digits of the recipient, and --yes is refused.
        """)

    private static let messages = Topic(
        "messages", "typed data and texts that are signed",
        """
        sign, review and verify take typed data (EIP-712), the JSON with types,
        primaryType, domain and message, and a text (EIP-191) in a file.

        Permits (EIP-2612, Permit2) and authorizations (EIP-3009) are read as what they
        let others take: currencies, recipients and caps of the policy hold for them, and
        an unlimited amount is refused. A policy without messages refuses them all. Other
        typed data must be listed, among the rules of the chain, by domain and type, and
        permits too where the policy lists requesters:

          "messages":[{"domainSeparator":"0x...","types":["Order"],"name":"Orders"}]

        Texts need "text":true beside chains. A text is UTF-8 that can be nothing else: it
        begins with a letter or a digit, not like a URI or 0x, and is not made of
        hexadecimal digits or of a mnemonic's words alone. It is signed as it stands in the file.
        A sign-in must be in the form of EIP-4361. White space that cannot be seen is shown
        as escapes.

        sign prints the signature, or writes a signature file with -o. The options for
        nonces, gas and fees are of transactions, and are refused.
        """)

    private static let safe = Topic(
        "safe", "transactions of a Safe, which its owners sign",
        """
        sign, review and verify take a Safe transaction as the transaction service's JSON,
        as typed data (SafeTx), as a safe file, or as a batch of the Transaction Builder:

          airlock review tx.json --policy policy.json
          airlock sign batch.json --safe 0x... --safe-nonce 71 -k key.json -o signature.json

        No file can prove the Safe's version, and most do not name the chain: both are the
        policy's, among the rules of the chain. What is not listed is refused:

          "safes":{"0x...":{"name":"Treasury","version":"1.4.1","threshold":"2",
            "owners":{"0x...":"Alice","0x...":"Bob"},
            "delegateCalls":["0x9641d764fc13c8B624c04430C7356C1C7C8102e2"],
            "administration":["changeThreshold(uint256)"],"firstNonce":"71"}}

        Each call inside of a batch is looked at like a request of its own: recipients,
        calls and currencies of the policy hold for it, and the caps for all together. The
        ledger signs one transaction for a nonce of a Safe. sign writes a signature file.

        --safe-proof FILE proves owners, version, threshold and nonce of the Safe at a block;
        what the policy says otherwise is refused:

          airlock review tx.json --policy policy.json --safe-proof proof.json

        The block's header is believed: compare its hash, which is shown, elsewhere.

        An owner with gas to spend approves on chain instead, and a Safe that owns another
        approves by a transaction of its own; --safe says that a message is the Safe's:

          airlock sign tx.json --approve-hash -c conditions.json -k key.json -o payment.json
          airlock sign tx.json --approve-hash --owner-safe 0x... --safe-nonce 4 -k key.json -o s.json
          airlock sign message.txt --safe 0x... -k key.json -o signature.json
        """)

    private static let descriptors = Topic(
        "descriptors", "calls and messages in words",
        """
        A descriptor (ERC-7730) says in words what a contract's functions and messages
        do. describe, review and sign show target, value, function and every argument by
        its type first, and then these words. They decide nothing, unless a descriptor
        that the policy trusts says what a value must be.

        The policy trusts a descriptor by its hash, or by somebody who attested it
        (ERC-8176). A file that it includes needs the same for itself:

          "descriptors":["0x..."],"attesters":{"0x...":"Auditor"}

        airlock descriptors hash FILE says the hash, descriptors list DIR what counts,
        and descriptors check DIR all that is wrong. An attestation of name.json is
        sigs/name.eip155-1-0x....json, or the same name beside it. Names and decimals
        of tokens and addresses come from the policy, never from a descriptor.
        """)

    private static let ledger = Topic(
        "ledger", "what was signed on this machine",
        """
        The ledger records each signature before the tool prints it. A request or a nonce
        that stands in it is not signed again, unless --replace names the transaction
        that the new one takes the place of; the same command gives the same payment
        again. It is what perDay of the policy is counted by.

        Each entry holds the hash of the one before. airlock ledger verify finds what
        was altered, moved or taken out, and with --head what was cut off at the end: a
        payment file carries the hash of its entry, the relay remembers it, and the next
        conditions file brings it back. After a lost disk airlock ledger init
        --accept-head goes on from there.
        """)

    private static let environment = Topic(
        "environment", "the environment variables that are read",
        "No secret is taken from any of them.",
        terms: [
            ("XDG_CONFIG_HOME", "the folder of airlock/policy.json and airlock/descriptors; else .config in HOME"),
            ("XDG_STATE_HOME", "the folder of airlock/ledger.jsonl; else .local/state in HOME"),
            ("HOME", "the home folder, where the two above are not set"),
        ])

    private static let files = Topic(
        "files", "the files that are read and written",
        """
        Every file that crosses the gap, and the policy, is JSON with "airlock":1 and
        its kind. An output is written beside its name, synced and renamed; other
        content is replaced only with --force, and an input never.
        """,
        terms: [
            ("$XDG_CONFIG_HOME/airlock/policy.json", "your policy, where --policy names no other"),
            ("$XDG_CONFIG_HOME/airlock/descriptors", "descriptors, where --descriptors names no others"),
            ("$XDG_STATE_HOME/airlock/ledger.jsonl", "what was signed, where --ledger names no other"),
            ("key file", "a keystore v3, a mnemonic or 64 hexadecimal digits, of mode 0600 or 0400"),
        ])
}
