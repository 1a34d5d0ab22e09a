import AirlockStrictJSON
import AirlockToolSupport
import Testing

/// Scripts rely on the exit code of each error code. These tests fail if an error code gets another exit code.
@Suite("The exit codes")
struct ExitCodeTests {
    @Test("of every code are as they were promised", arguments: ["airlock", "airlock-relay"])
    func table(tool: String) throws {
        let outcome = try BuiltTool(tool).run(["explain", "--json"], in: "/")
        let document = try JSONDocument(Array(outcome.out.utf8)).root
        let codes = try #require(document["codes"]?.elements)
        var found: [String: String] = [:]
        for entry in codes { found[entry["code"]?.string ?? ""] = entry["exit"]?.number }
        let promised = try #require(Self.promised[tool])
        for (code, exit) in found { #expect(promised[code] == exit, "\(code) ends with \(exit)") }
        #expect(Set(promised.keys).subtracting(found.keys) == [])
    }

    private static let promised = ["airlock": read(airlock), "airlock-relay": read(relay)]

    /// Reads a table of exit codes. In the table, a colon follows each exit code, and then come the error codes that
    /// have this exit code. Returns the exit code of each error code.
    private static func read(_ table: String) -> [String: String] {
        var exits: [String: String] = [:]
        var exit = ""
        for word in table.split(whereSeparator: \.isWhitespace) {
            if word.hasSuffix(":") { exit = String(word.dropLast()) } else { exits[String(word)] = exit }
        }
        return exits
    }

    private static let airlock = """
        10:
          evidence.altered-file evidence.broken-chain evidence.head-unknown evidence.missing-file evidence.no-place
          evidence.not-in-ledger evidence.other-entry evidence.other-page evidence.other-relay evidence.other-request
          evidence.other-transactions evidence.unknown-file
          qr.key-file
          safe-proof.broken-list safe-proof.malformed-word safe-proof.no-account safe-proof.nonce-used
          safe-proof.other-owners safe-proof.other-safe safe-proof.other-threshold safe-proof.other-version
          safe-proof.unknown-singleton state-proof.missing-node state-proof.other-node state-proof.surplus-node
          wallet.account-never-shown wallet.no-fingerprint wallet.other-address wallet.other-chain wallet.other-data-type
          wallet.other-key wallet.path-not-shown
          ur.unknown-data-type
          policy.safe-not-listed safe.administration-not-listed safe.call-not-read safe.confirmation-not-of-an-owner
          safe.confirmation-of-another safe.confirmed-twice safe.creates-a-contract safe.data-contradict-method
          safe.delegate-call safe.inner-delegate-call safe.key-not-an-owner safe.multisend-not-consumed
          safe.multisend-sends-value safe.no-multisend-listed safe.nonce-used safe.null-recipient
          safe.other-hash safe.other-hash-approved safe.other-nonce safe.other-safe safe.other-version
          safe.owner-safe-not-an-owner safe.refund-base-gas
          safe.refund-gas-price safe.refund-gas-token safe.refund-receiver safe.wrong-checksum
          attestation.domain attestation.expired attestation.form attestation.identifier
          attestation.other-descriptor attestation.other-signer attestation.schema attestation.signature
          attestation.unknown-attester descriptor.not-trusted
          message.expired message.incomplete-domain message.not-pinned message.other-owner message.safe-transaction
          message.text-of-32-bytes message.holds-a-mnemonic
          message.text-not-allowed message.unlimited signature.other-message signature.other-signer
          blind.too-long call.approval-for-all call.approves-a-safe-transaction call.arguments-not-decodable
          call.creates-a-contract call.expired call.null-contract call.plain-transfer call.token-function-not-understood call.unlimited-approval
          charge.amount-overflow charge.expired charge.nothing-needed charge.null-operator
          charge.null-recipient charge.signature-form charge.signature-mismatch charge.unknown-prefix
          conditions.from-the-future conditions.other-chain conditions.other-decimals conditions.other-domain
          conditions.other-gas conditions.other-max-fee conditions.other-method
          conditions.other-nonce conditions.other-priority-fee conditions.other-sender conditions.other-spender conditions.other-token
          conditions.too-old descriptor.ambiguous descriptor.array-lengths descriptor.call-data
          descriptor.must-match descriptor.no-such-value descriptor.other-contract descriptor.other-domain
          descriptor.other-function descriptor.too-deep descriptor.unchecked-demand descriptor.unknown-function descriptor.unknown-message
          descriptor.wrong-type
          folder.several-payers key.not-the-payer ledger.altered ledger.broken-chain ledger.clock-behind
          ledger.head-unknown ledger.index ledger.intent-already-signed ledger.malformed ledger.missing
          ledger.nonce-already-signed ledger.nothing-to-replace ledger.other-form ledger.signed-with-other-nonce
          ledger.unknown-subject method.incorrect-currency method.none-fits method.swap-same-token
          method.swap-with-zero-value method.value-not-exact method.wrapped-native-unknown money.allowance-too-low
          money.gas-above-limit money.native-balance-too-low money.overflow money.token-balance-too-low
          payment.chain-mismatch payment.code-mismatch payment.hash-mismatch payment.nonce-mismatch
          payment.repeated-transaction payment.sender-mismatch
          policy.chain-not-listed policy.contract-not-listed policy.currency-not-listed
          policy.argument-not-allowed policy.called-contract-not-listed policy.function-not-listed policy.kind
          policy.over-call-value 
          policy.operator-not-listed policy.over-day-cap policy.over-native-cap policy.over-network-fee-cap
          policy.over-payment-cap policy.over-price-cap policy.recipient-not-listed policy.no-requester policy.requester-not-listed
          sign.policy-not-enough sign.same-intent transfer.expired transfer.null-recipient transfer.signature-form
          transfer.signature-mismatch transfer.to-the-payer transfer.to-the-token verify.expired
          verify.other-payment verify.other-value verify.unknown-call
        11:
          mnemonic.wrong-word sign.declined
        64:
          wallet.no-mnemonic
          safe.chain-not-known safe.nonce-not-named safe.safe-not-named safe.version-not-known
          file.no-home method.pool-fee-without-swap method.signs-no-transaction method.swap-token-unknown
          method.swap-without-value method.unknown method.unknown-pool-fee operand.file-name password.empty
          prepare.nothing-to-approve prepare.token-not-spent
          password.mismatch password.no-terminal password.not-ascii password.too-short path.index-too-large
          path.no-master path.not-index path.too-deep request.no-payer request.option-without-effect
          sign.missing-value sign.nobody-to-ask usage.conflicting-options usage.invalid-value usage.missing-operand
          usage.missing-value usage.no-command usage.not-utf8 usage.option-takes-no-value usage.option-without-value
          usage.repeated-option usage.surplus-operand usage.unknown-code usage.unknown-command usage.unknown-option
          usage.unknown-shell
        65:
          evidence.no-manifest evidence.too-many-entries
          safe-proof.missing-slot safe-proof.repeated-slot safe-proof.surplus-slot state-proof.malformed-account
          state-proof.malformed-header state-proof.malformed-node state-proof.malformed-word state-proof.too-large
          scan.incomplete
          cbor.bad-key cbor.bad-utf8 cbor.duplicate-key cbor.indefinite-length cbor.missing-field cbor.not-shortest
          cbor.too-deep cbor.too-many cbor.trailing-bytes cbor.unfinished cbor.unknown-field cbor.unsupported cbor.wrong-type
          ur.bad-byteword ur.bad-part ur.bad-path ur.bad-sequence ur.bad-type ur.contradiction ur.not-ur ur.other-message
          ur.other-type ur.too-large ur.wrong-checksum ur.wrong-length
          safe.empty-batch safe.malformed-batch-value safe.malformed-signature safe.other-typed-data
          safe.page-of-transactions safe.unknown-operation safe.unknown-version
          message.chain-too-large message.not-a-sign-in message.not-a-text message.text-too-long
          abi.bad-utf8 abi.data-too-short abi.dirty-padding abi.elements-without-size abi.length-too-large
          abi.not-a-boolean abi.not-packable abi.offset-outside abi.out-of-range abi.syntax abi.too-deep
          abi.too-many-indexed abi.trailing-data abi.type-mismatch abi.type-too-large abi.unknown-type
          abi.unknown-word abi.wrong-array-length abi.wrong-count abi.wrong-offset abi.wrong-selector
          abi.wrong-topic abi.wrong-topic-count abi.wrong-width call.data-and-input-differ call.function-and-data call.gas-price-and-max-fee
          call.neither-function-nor-data call.no-chain call.no-selector call.nothing call.other-type
          call.signature-not-canonical 
          charge.is-an-error-answer charge.json-rpc-form
          charge.no-id charge.not-hydrated charge.signature-length conditions.not-of-a-payroll
          conditions.repeated-token contract-error.unknown csv.bad-utf8 csv.bare-carriage-return csv.bare-quote
          csv.control-character csv.empty csv.field-count csv.open-quote csv.text-after-quote
          descriptor.bad-format-key descriptor.bad-path descriptor.binds-nothing descriptor.include-cycle
          descriptor.include-depth descriptor.include-outside descriptor.missing-constant descriptor.not-canonical
          descriptor.not-supported descriptor.same-function-twice descriptor.schema-version descriptor.too-large
          file.too-large format.not-an-airlock-file format.unknown-kind format.unknown-version input.line-too-long
          json.bad-escape json.bad-utf8 json.byte-order-mark json.control-character json.duplicate-key json.empty
          json.leading-zero json.lone-surrogate json.missing-colon json.missing-comma json.missing-digit
          json.missing-field json.missing-key json.missing-value json.not-finite json.plus-sign json.too-deep
          json.too-large json.trailing-bytes json.trailing-comma json.unfinished json.unknown-field json.wrong-type
          key.not-hex key.out-of-range key.wrong-length keystore.address keystore.address-mismatch keystore.cipher
          keystore.ciphertext keystore.dklen keystore.iv keystore.kdf keystore.mac keystore.not-a-keystore
          keystore.pbkdf2-c keystore.pbkdf2-prf keystore.salt keystore.scrypt-n keystore.scrypt-p keystore.scrypt-r
          keystore.too-much-work keystore.version ledger.not-a-ledger mnemonic.not-english
          mnemonic.passphrase-not-ascii mnemonic.unknown-word mnemonic.word-count mnemonic.wrong-checksum
          password.several-lines password.too-long payment.no-transactions payment.permit-not-alone
          payment.unknown-role payroll.missing-column payroll.no-rows payroll.repeated-column
          payroll.repeated-reference payroll.unknown-column request.ambiguous-currency request.two-kinds request.two-conditions
          request.two-in-a-line request.unknown-decimals request.unknown-kind rlp.beyond-end rlp.byte-not-minimal
          rlp.expected-bytes rlp.expected-list rlp.integer-leading-zero rlp.integer-too-large
          rlp.length-leading-zero rlp.length-not-minimal rlp.length-too-large rlp.missing-item rlp.superfluous-item
          rlp.too-deep rlp.trailing-bytes rlp.wrong-length signature.high-s signature.not-a-public-key
          signature.r-out-of-range signature.s-out-of-range signature.unrecoverable signature.wrong-length
          signature.wrong-recovery-byte transaction.already-signed transaction.contradiction
          transaction.gas-below-intrinsic transaction.initcode-too-long transaction.last-nonce
          transaction.network-fee-overflow transaction.no-chain-id transaction.no-target transaction.not-signed
          transaction.priority-fee-above-max-fee transaction.type-3-blob transaction.type-4-set-code
          transaction.type-not-encoded transaction.unknown-type transaction.wrapped-in-string transaction.wrong-v
          transaction.wrong-y-parity transfer.null-requester transfer.reference-blanks transfer.reference-form transfer.reference-length
          transfer.requester-without-signature transfer.zero-amount transfer.zero-token typed-data.bad-name
          typed-data.domain-field typed-data.duplicate-member typed-data.empty-domain typed-data.message-not-empty
          typed-data.reserved-name typed-data.too-deep typed-data.types-too-large typed-data.unknown-type
          typed-data.wrong-array-length typed-data.wrong-count uri.gas uri.negative uri.no-amount uri.no-chain
          uri.no-recipient uri.not-a-number uri.not-a-parameter uri.not-a-payment uri.not-an-address
          uri.not-an-integer uri.other-argument-order uri.other-function uri.repeated-parameter uri.too-large
          uri.unknown-parameter value.not-a-chain value.not-a-decimal-integer value.not-a-duration
          value.not-a-hex-quantity value.not-a-time value.not-an-address value.not-an-amount value.not-hex
          value.too-large value.too-precise value.wrong-checksum value.wrong-length value.wrong-unit
        66:
          scan.nothing scan.no-scanner
          file.missing file.no-stream file.not-regular file.unreadable folder.no-charges input.unreadable
        70:
          gcrypt.failed gcrypt.secure-memory-exhausted gcrypt.wrong-length internal.unexpected-error
          key.engine-failed self-check.not-decodable self-check.other-call self-check.other-encoding
          self-check.other-sender self-check.other-transaction self-check.second-engine
        73:
          file.cannot-create file.cannot-replace file.exists file.folder-not-empty file.is-input ledger.already-there
        74:
          scan.not-text
          qr.no-terminal qr.too-large
          file.cannot-write file.locked output.not-written qr.window-too-small
        77:
          file.other-owner file.readable-by-others file.secret-mode file.symbolic-link file.writable-by-others
          keystore.wrong-password
        78:
          policy.repeated-safe policy.safe-administration policy.safe-owners
          doctor.clock-wrong doctor.network-up doctor.no-key doctor.no-landlock doctor.no-policy doctor.not-sealed
          gcrypt.fips-mode gcrypt.no-randomness gcrypt.no-secure-memory policy.malformed policy.repeated-address
          policy.other-decimals
          policy.argument-is-no-amount policy.no-message-type policy.no-such-argument policy.repeated-function policy.same-selector
          policy.writable-by-others sandbox.cannot-prepare sandbox.cannot-seal
        130:
          input.interrupted question.interrupted
        """

    private static let relay = """
        10:
          qr.key-file
          page.code page.ended page.no-cancel
          web.busy web.malformed web.method web.not-found web.other-site web.password web.token web.too-large web.wrong-host
          safe-chain.below-threshold safe-chain.call-would-fail safe-chain.nonce-not-next safe-chain.nonce-used
          safe-chain.not-a-safe safe-chain.not-an-owner safe-chain.other-threshold safe-chain.other-version
          safe-chain.would-revert safe-service.more-pages safe-service.no-transaction safe-service.other-transaction
          safe-service.several-transactions
          safe-proof.broken-list safe-proof.malformed-word safe-proof.no-account safe-proof.nonce-used
          safe-proof.other-owners safe-proof.other-safe safe-proof.other-threshold safe-proof.other-version
          safe-proof.unknown-singleton state-proof.missing-node state-proof.other-node state-proof.surplus-node
          ur.unknown-data-type
          policy.safe-not-listed safe.administration-not-listed safe.call-not-read safe.confirmation-not-of-an-owner
          safe.confirmation-of-another safe.confirmed-twice safe.creates-a-contract safe.data-contradict-method
          safe.delegate-call safe.inner-delegate-call safe.key-not-an-owner safe.multisend-not-consumed
          safe.multisend-sends-value safe.no-multisend-listed safe.nonce-used safe.null-recipient
          safe.other-hash safe.other-hash-approved safe.other-nonce safe.other-safe safe.other-version
          safe.owner-safe-not-an-owner safe.refund-base-gas
          safe.refund-gas-price safe.refund-gas-token safe.refund-receiver safe.wrong-checksum
          signature.other-signer
          call.approval-for-all call.approves-a-safe-transaction call.arguments-not-decodable
          call.creates-a-contract call.expired call.null-contract call.plain-transfer call.token-function-not-understood call.unlimited-approval
          charge.amount-overflow charge.expired charge.nothing-needed charge.null-operator charge.null-recipient
          charge.signature-form charge.signature-mismatch charge.unknown-prefix method.incorrect-currency
          method.none-fits method.swap-same-token method.swap-with-zero-value method.value-not-exact
          method.wrapped-native-unknown node.reverted nodes.disagree nodes.wrong-chain openrouter.other-charge
          payment.chain-mismatch payment.code-mismatch payment.hash-mismatch payment.nonce-mismatch
          payment.repeated-transaction payment.sender-mismatch
          policy.chain-not-listed policy.contract-not-listed policy.currency-not-listed
          policy.argument-not-allowed policy.called-contract-not-listed policy.function-not-listed policy.kind
          policy.over-call-value 
          policy.operator-not-listed policy.over-native-cap policy.over-network-fee-cap policy.over-payment-cap
          policy.over-price-cap policy.recipient-not-listed policy.no-requester policy.requester-not-listed prepare.gas-not-measured
          prepare.insufficient-funds prepare.insufficient-token prepare.no-permit2 prepare.no-pool
          prepare.no-token-permit prepare.not-a-token prepare.other-payer prepare.same-request
          prepare.several-chains prepare.token-refuses prepare.would-revert send.no-cancel send.no-chain-id
          signature.other-signer
          send.not-a-cancel send.other-payment send.permit send.refused-line send.same-nonce settlement.no-event
          settlement.other-event transfer.expired transfer.null-recipient transfer.signature-form
          transfer.signature-mismatch transfer.to-the-payer transfer.to-the-token
        11:
          journal.prune-declined send.declined
        20:
          settlement.execution-failed
          send.reverted
        21:
          send.nonce-taken
        22:
          node.already-known node.fee-above-cap node.fee-too-low node.gas-limit node.insufficient-funds
          node.intrinsic-gas node.nonce-too-high node.nonce-too-low node.other node.replacement-underpriced
          node.wrong-chain
        23:
          safe-service.bad-request safe-service.forbidden safe-service.internal-server safe-service.not-found
          safe-service.status safe-service.too-many-requests safe-service.unauthorized
          openrouter.bad-request openrouter.forbidden openrouter.gone openrouter.internal-server openrouter.status
          openrouter.too-many-requests openrouter.unauthorized
        24:
          send.expired
        25:
          send.cancelled
        30:
          credits.below-mark
        64:
          page.parameter
          safe.chain-not-known safe.nonce-not-named safe.safe-not-named safe.version-not-known
          file.no-home http.bad-header http.bad-url http.insecure-url journal.several-payments
          journal.no-address journal.password-in-argument
          method.pool-fee-without-swap method.swap-token-unknown method.swap-without-value method.unknown
          method.unknown-pool-fee safe-service.bad-key openrouter.bad-amount openrouter.bad-key prepare.no-quoter
          prepare.nothing-to-approve prepare.token-not-spent request.no-payer request.option-without-effect
          usage.conflicting-options usage.invalid-value usage.missing-operand usage.missing-value usage.no-command
          usage.not-utf8 usage.option-takes-no-value usage.option-without-value usage.repeated-option
          usage.surplus-operand usage.unknown-code usage.unknown-command usage.unknown-option usage.unknown-shell
        65:
          safe-proof.missing-slot safe-proof.repeated-slot safe-proof.surplus-slot state-proof.malformed-account
          state-proof.malformed-header state-proof.malformed-node state-proof.malformed-word state-proof.too-large
          scan.incomplete
          cbor.bad-key cbor.bad-utf8 cbor.duplicate-key cbor.indefinite-length cbor.missing-field cbor.not-shortest
          cbor.too-deep cbor.too-many cbor.trailing-bytes cbor.unfinished cbor.unknown-field cbor.unsupported cbor.wrong-type
          ur.bad-byteword ur.bad-part ur.bad-path ur.bad-sequence ur.bad-type ur.contradiction ur.not-ur ur.other-message
          ur.other-type ur.too-large ur.wrong-checksum ur.wrong-length
          safe.empty-batch safe.malformed-batch-value safe.malformed-signature safe.other-typed-data
          safe.page-of-transactions safe.unknown-operation safe.unknown-version
          abi.bad-utf8 abi.data-too-short abi.dirty-padding abi.elements-without-size abi.length-too-large
          abi.not-a-boolean abi.not-packable abi.offset-outside abi.out-of-range abi.syntax abi.too-deep
          abi.too-many-indexed abi.trailing-data abi.type-mismatch abi.type-too-large abi.unknown-type
          abi.unknown-word abi.wrong-array-length abi.wrong-count abi.wrong-offset abi.wrong-selector
          abi.wrong-topic abi.wrong-topic-count abi.wrong-width call.data-and-input-differ call.function-and-data call.gas-price-and-max-fee
          call.neither-function-nor-data call.no-chain call.no-selector call.nothing call.other-type
          call.signature-not-canonical 
          charge.is-an-error-answer charge.json-rpc-form
          charge.no-id charge.not-hydrated charge.signature-length conditions.not-of-a-payroll
          conditions.repeated-token csv.bad-utf8 csv.bare-carriage-return csv.bare-quote csv.control-character
          csv.empty csv.field-count csv.open-quote csv.text-after-quote file.too-large format.not-an-airlock-file
          format.unknown-kind format.unknown-version input.line-too-long journal.damaged
          journal.not-a-journal json.bad-escape json.bad-utf8 json.byte-order-mark json.control-character
          json.duplicate-key json.empty json.leading-zero json.lone-surrogate json.missing-colon json.missing-comma
          json.missing-digit json.missing-field json.missing-key json.missing-value json.not-finite json.plus-sign
          json.too-deep json.too-large json.trailing-bytes json.trailing-comma json.unfinished json.unknown-field
          json.wrong-type openrouter.bad-answer safe-service.bad-answer payment.no-transactions payment.permit-not-alone
          payment.unknown-role payroll.missing-column payroll.no-rows payroll.repeated-column
          payroll.repeated-reference payroll.unknown-column prepare.no-lines prepare.not-of-a-payroll
          request.ambiguous-currency request.two-kinds request.two-conditions request.two-in-a-line request.unknown-decimals
          request.unknown-kind rlp.beyond-end rlp.byte-not-minimal rlp.expected-bytes rlp.expected-list
          rlp.integer-leading-zero rlp.integer-too-large rlp.length-leading-zero rlp.length-not-minimal
          rlp.length-too-large rlp.missing-item rlp.superfluous-item rlp.too-deep rlp.trailing-bytes
          rlp.wrong-length send.mixed send.nothing-to-send signature.high-s signature.not-a-public-key
          signature.r-out-of-range signature.s-out-of-range signature.unrecoverable signature.wrong-length
          signature.wrong-recovery-byte transaction.already-signed transaction.gas-below-intrinsic
          transaction.initcode-too-long transaction.last-nonce transaction.network-fee-overflow
          transaction.no-chain-id transaction.not-signed transaction.priority-fee-above-max-fee
          transaction.type-3-blob transaction.type-4-set-code transaction.unknown-type transaction.wrapped-in-string
          transaction.wrong-v transaction.wrong-y-parity transfer.null-requester transfer.reference-blanks transfer.reference-form
          transfer.reference-length transfer.requester-without-signature transfer.zero-amount transfer.zero-token
          uri.gas uri.negative uri.no-amount uri.no-chain uri.no-recipient uri.not-a-number uri.not-a-parameter
          uri.not-a-payment uri.not-an-address uri.not-an-integer uri.other-argument-order uri.other-function
          uri.repeated-parameter uri.too-large uri.unknown-parameter value.not-a-chain value.not-a-decimal-integer
          value.not-a-duration value.not-a-hex-quantity value.not-a-time value.not-an-address value.not-an-amount
          value.not-hex value.too-large value.too-precise value.wrong-checksum value.wrong-length value.wrong-unit
        66:
          scan.nothing scan.no-scanner
          file.missing file.no-stream file.not-regular file.unreadable input.unreadable journal.unknown-payment
          journal.unreadable
        69:
          webhook.rejected
          journal.read-only journal.unreachable
          http.cut-off http.not-http http.redirected http.timeout http.tls http.too-large http.unreachable
          node.method-missing node.rate-limited nodes.none-of-the-chain rpc.bad-answer rpc.missing-answer
          rpc.other-header rpc.other-receipt rpc.repeated-id rpc.status rpc.wrong-id send.other-hash
        70:
          internal.unexpected-error self-check.other-call
        73:
          file.cannot-create file.cannot-replace file.exists file.folder-not-empty file.is-input journal.cannot-open
          journal.not-empty
        74:
          scan.not-text
          qr.no-terminal qr.too-large qr.window-too-small
          journal.differs
          file.cannot-write file.locked journal.failed journal.locked output.not-written
        75:
          journal.lease-held journal.lease-lost
          send.held-back send.pending send.unconfirmed
        77:
          file.other-owner file.readable-by-others file.secret-mode file.symbolic-link file.writable-by-others
        78:
          web.cannot-listen
          doctor.clock-behind doctor.little-room doctor.node-behind
          journal.newer journal.older
          policy.repeated-safe policy.safe-administration policy.safe-owners
          http.bad-certificates policy.malformed policy.repeated-address
          policy.other-decimals
          policy.argument-is-no-amount policy.no-message-type policy.no-such-argument policy.repeated-function policy.same-selector policy.writable-by-others
        130:
          http.cancelled input.interrupted question.interrupted
        """
}
