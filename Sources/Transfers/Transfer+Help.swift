public import AirlockRequests

extension Transfer {
    public static let help = KindHelp(
        topics: [
            KindHelp.Topic(
                "transfer", "a request to send native currency or a token to somebody",
                """
                A transfer is a JSON file that request transfer writes, or a payment URI as
                wallets show it (EIP-681), which must name its chain:

                  {"airlock":1,"kind":"transfer","chainId":"8453","from":"0x...","to":"0x...",
                   "token":"0x...","amount":"1050000","reference":"invoice 7"}

                  ethereum:0x...@8453?value=1e15

                amount is in the smallest unit; without token it is native currency. Two
                transfers with the same chain, payer, recipient, token and reference are one
                request, and the ledger refuses the second; --reference gives one to what has
                none.

                With requester and signature it is proved who asks (EIP-712). A policy that
                lists requesters refuses a transfer that none of them signed.
                """)
        ])
}
