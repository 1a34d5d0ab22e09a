import AirlockRequests
import AirlockCommandLineTool
import AirlockRequestKinds

/// The help topics of `airlock`. The command `help` shows them.
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

    /// A program that is built on Airlock can add kinds of request when it starts. Therefore the list of topics is
    /// computed each time it is used.
    static var all: [Topic] {
        [.airGap] + kinds + [
            .conditions, policy, messages, safe, descriptors, .fees, .amounts, ledger, .exitCodes, environment, files,
        ]
    }

    private static let policy = Topic(
        "policy", "what may be paid, and how much",
        """
        A policy lists, for each chain, the recipients and currencies that may be paid,
        caps the amounts, and has further lists for some kinds of request. What it does
        not list is refused, also with --yes. airlock policy init writes a first policy,
        and airlock policy check shows in sentences what a policy allows.

          {"airlock":1,"kind":"policy","chains":{"8453":{
            "recipients":{"0x...":"a name that you know"},
            "currencies":{"0x...":{"symbol":"USDC","decimals":"6",
              "perPayment":"1000","perDay":"5000"}},
            "maxNativeValue":"500000000000000000",
            "maxNetworkFee":"10000000000000000"}},
           "maxConditionsAge":"3600"}

        perPayment and perDay are in whole tokens, perDay over the last 24 hours of the
        ledger; the currency 0x0 is the native one. Other values are in wei and seconds.
        maxNativePerToken is the highest price of a swap, in wei for a whole token.

        Nobody else may have write permission for the file. Without a policy the built-in
        pins hold: the known contracts, any recipient. Then you must type the last six
        digits of the recipient, and --yes is refused.
        """)

    private static let messages = Topic(
        "messages", "typed data and texts that are signed",
        """
        sign, review and verify take typed data (EIP-712), the JSON with types,
        primaryType, domain and message, and a text (EIP-191) in a file.

        Permits (EIP-2612, Permit2) and authorizations (EIP-3009) let others take money:
        currencies, recipients and caps of the policy hold for that amount, and an
        unlimited amount is refused. A policy without messages refuses them all. Other
        typed data must be listed, among the rules of the chain, by domain and type, and
        so must permits if the policy lists requesters:

          "messages":[{"domainSeparator":"0x...","types":["Order"],"name":"Orders"}]

        Texts need "text":true beside chains. A text is UTF-8 that cannot be mistaken for
        anything else: it begins with a letter or a digit, but not with a URI or 0x, and is
        more than hexadecimal digits or words of a mnemonic. It is signed unchanged.
        A sign-in must have the form of EIP-4361. Invisible white space is shown as escapes.

        sign prints the signature, or writes a signature file with -o. The options for
        nonces, gas and fees apply only to transactions, and are refused.
        """)

    private static let safe = Topic(
        "safe", "transactions of a Safe, which its owners sign",
        """
        sign, review and verify take a Safe transaction as the transaction service's JSON,
        as typed data (SafeTx), as a safe file, or as a batch of the Transaction Builder:

          airlock review tx.json --policy policy.json
          airlock sign batch.json --safe 0x... --safe-nonce 71 -k key.json -o signature.json

        No file can prove the Safe's version, and most do not name the chain: the policy
        has both, among the rules of the chain. What is not listed is refused:

          "safes":{"0x...":{"name":"Treasury","version":"1.4.1","threshold":"2",
            "owners":{"0x...":"Alice","0x...":"Bob"},
            "delegateCalls":["0x9641d764fc13c8B624c04430C7356C1C7C8102e2"],
            "administration":["changeThreshold(uint256)"],"firstNonce":"71"}}

        Each call inside a batch is checked like a separate request: recipients, calls and
        currencies of the policy hold for it, and the caps hold for the sum. The ledger
        allows one transaction for each nonce of a Safe. sign writes a signature file.

        --safe-proof FILE proves owners, version, threshold and nonce of the Safe at a block.
        If the policy contradicts them, the transaction is refused:

          airlock review tx.json --policy policy.json --safe-proof proof.json

        The block's header is not proved: its hash is shown, so compare it with another
        source.

        An owner can approve on chain instead, and pays the gas. A Safe that owns another
        approves by its own transaction. With --safe a message is signed for the Safe:

          airlock sign tx.json --approve-hash -c conditions.json -k key.json -o payment.json
          airlock sign tx.json --approve-hash --owner-safe 0x... --safe-nonce 4 -k key.json -o s.json
          airlock sign message.txt --safe 0x... -k key.json -o signature.json
        """)

    private static let descriptors = Topic(
        "descriptors", "calls and messages in words",
        """
        A descriptor (ERC-7730) describes in words what a contract's functions and messages
        do. describe, review and sign first show target, value, function and every argument
        by its type, and then these words. They decide nothing, unless a descriptor that
        the policy trusts requires a value.

        The policy trusts a descriptor by its hash, or by an attester who signed for it
        (ERC-8176). Each file that it includes must be trusted in the same way:

          "descriptors":["0x..."],"attesters":{"0x...":"Auditor"}

        airlock descriptors hash FILE prints the hash, descriptors list DIR shows which are
        trusted, and descriptors check DIR reports every problem. An attestation of name.json
        is sigs/name.eip155-1-0x....json, or the same name beside it. Names and decimals
        of tokens and addresses come from the policy, never from a descriptor.
        """)

    private static let ledger = Topic(
        "ledger", "what was signed on this machine",
        """
        The ledger records each signature before the tool prints it. A recorded request or
        nonce is not signed again, unless --replace names the transaction that the new one
        replaces. The same command returns the same payment again. The cap perDay of the
        policy is counted from the ledger.

        Each entry holds the hash of the one before. airlock ledger verify finds entries
        that were altered, moved or removed, and with --head entries that were cut off at
        the end: a payment file has the hash of its entry, the relay remembers it, and the
        next conditions file returns it. After the loss of a disk, airlock ledger init
        --accept-head continues from that hash.
        """)

    private static let environment = Topic(
        "environment", "the environment variables that are read",
        "The tool reads no secret from any of them.",
        terms: [
            ("XDG_CONFIG_HOME", "the folder of airlock/policy.json and airlock/descriptors; else .config in HOME"),
            ("XDG_STATE_HOME", "the folder of airlock/ledger.jsonl; else .local/state in HOME"),
            ("HOME", "the home folder, used if one of the two above is not set"),
        ])

    private static let files = Topic(
        "files", "the files that are read and written",
        """
        Every file that crosses the gap, and the policy, is JSON with "airlock":1 and
        its kind. An output is written to a temporary file beside it, synced and renamed.
        Other content is replaced only with --force, and an input file never.
        """,
        terms: [
            ("$XDG_CONFIG_HOME/airlock/policy.json", "your policy, where --policy names no other"),
            ("$XDG_CONFIG_HOME/airlock/descriptors", "descriptors, where --descriptors names no others"),
            ("$XDG_STATE_HOME/airlock/ledger.jsonl", "what was signed, where --ledger names no other"),
            ("key file", "a keystore v3, a mnemonic or 64 hexadecimal digits, of mode 0600 or 0400"),
        ])
}
