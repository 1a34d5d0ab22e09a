public import AirlockRequests

extension UnverifiedCharge {
    public static let help = KindHelp(
        methods: TransferMethod.allCases.map(\.rawValue),
        notes: """
            Of a charge, --method auto takes transferNative for native currency,
            wrapAndTransfer for the wrapped one, and transferTokenPreApproved for a token
            of which balance and allowance are known to suffice. A swap is made only when
            it is asked for by name, with --value or within the policy's highest price.

            subsidizedTransferToken is taken only by name: you sign a permit of the token
            (EIP-2612) and no transaction, and someone else sends the call and pays its
            fee. Its nonce is that of your permits of the token, and the conditions must
            hold the token's domainSeparator; prepare -m subsidizedTransferToken has both.
            """,
        preparing: """
            The options of methods and swaps are for charges alone.

            --method auto takes transferNative for native currency, wrapAndTransfer for
            the wrapped one of a known chain, and transferTokenPreApproved for a token.
            A swap for which no --value is given is quoted in the pools of all fees, or in
            that of --pool-fee; proposed is the cheapest and 0.5 % more. What takes a permit
            cannot be simulated before it is signed: its gas is that of the method without
            and 60000 more.

            For subsidizedTransferToken the payer signs a permit of the token and someone
            else sends the call, so that neither gas nor fees are measured: the nonce is
            that of the payer's permits of the token, and the token's domain comes with it.
            """,
        topics: [
            KindHelp.Topic(
                "charge", "what a merchant's operator asks for, and what its signature proves",
                """
                A charge is a request for payment through Coinbase's onchain payment contract,
                as JSON with data.web3_data.transfer_intent in it. Keep the service's answer
                byte for byte. Of it the metadata (chain_id, contract_address, sender) and the
                call_data are read: recipient_amount, fee_amount, deadline, recipient,
                recipient_currency, refund_destination, id, operator, signature and prefix.
                Whatever else is in it is normal, and ignored.

                Where transfer_intent is null the service does not know yet who pays: ask it
                again with the payer's address as sender.

                The operator signed payer, chain, contract, amounts, recipient and deadline.
                That proves who asks, not that you owe it: any key can be an operator's, so only
                a policy that lists operators and recipients protects you from a stranger's
                charge. After the deadline the contract refuses it; a transaction that was
                signed before does not expire, pays nothing then, and still burns its gas.
                """),
            KindHelp.Topic(
                "methods", "the functions of the contract by which a charge is paid",
                """
                --method auto, the default, takes transferNative for native currency,
                wrapAndTransfer for the wrapped one, and transferTokenPreApproved for a token
                of which balance and allowance suffice (or with --approve). A swap is made only
                when it is asked for by name: with --value, which is the most that it may
                spend, or within the highest price of the policy.
                """, terms: TransferMethod.allCases.map { ($0.rawValue, $0.summary) }),
        ])
}
