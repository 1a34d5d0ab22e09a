public import AirlockRequests

extension UnverifiedCall {
    public static let help = KindHelp(
        preparing: """
            Of a call it says as well what the payer sends, gets and allows by it, where a
            node has debug_traceCall (callTracer). The events say so, and a contract can log
            what it did not do: compare with the offline review. --json has it under
            changes, and the file has none of it. A node without the method is named.
            """,
        topics: [
            KindHelp.Topic(
                "call", "a request to call a function of a contract",
                """
                A call is a JSON file that request call writes, or an unsigned transaction:

                  {"airlock":1,"kind":"call","chainId":"1","from":"0x...","to":"0x...",
                   "value":"0","function":"deposit(uint256)","arguments":["5000000"],
                   "reference":"deposit 7"}

                  0x02... in a file, of type 0, 1 or 2 (RLP, not signed yet)

                  {"chainId":"0x1","to":"0x...","data":"0x...","nonce":"0x7","gas":"0x..."}

                data may stand in the place of function and arguments. The policy must list
                the contract and the function under calls; what it does not list is refused,
                and so is a policy without calls. An unsigned transaction's nonce, gas and
                fees are signed as they are: conditions and options must agree with them.

                approve, permit, transferFrom and their like count against the caps of their
                token, and what lets somebody take an unlimited amount is refused, listed or
                not. Whoever gets a token, or may take it, must be one of the recipients or
                listed under the function's arguments. A call that only pays somebody is
                written as a transfer.

                Two calls with the same chain, payer, contract, data and reference are one
                request, and the ledger refuses the second, with another value too.
                """)
        ])
}
