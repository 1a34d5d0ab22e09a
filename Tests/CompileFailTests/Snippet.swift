/// A line of Swift code that must not compile, and a part of the error that the compiler must report for this line.
struct Snippet: Sendable {
    let line: String
    let error: String

    init(_ line: String, _ error: String) {
        self.line = line
        self.error = error
    }
}

extension Snippet {
    /// Lines of code that try to get or use a charge without the proof that its operator signed it.
    static let unproved = [
        Snippet("_ = Charge(contents: contents, intentHash: hash)", "extra argument 'intentHash' in call"),
        Snippet(
            "let c: Charge = contents", "cannot convert value of type 'UnverifiedCharge' to specified type 'Charge'"),
        Snippet("var other = charge; other.contents = contents", "'contents' is a 'let' constant"),
        Snippet("var other = charge; other.intentHash = hash", "'intentHash' is a 'let' constant"),
        Snippet(
            "_ = try PaymentCall(paying: contents, by: .transferNative, value: 1, poolFee: nil, wrappedNative: nil)",
            "cannot convert value of type 'UnverifiedCharge' to expected argument type 'Charge'"),
        Snippet(
            "_ = PaymentCall(charge: charge, method: .transferNative, value: 0, poolFee: nil, data: [])",
            "missing arguments for parameters 'paying', 'by', 'wrappedNative' in call"),
        Snippet("var other = call; other.value = 1", "'value' is a 'let' constant"),
        Snippet("var other = call; other.data = []", "'data' setter is inaccessible"),
        Snippet("var other = call; other.charge = charge", "'charge' is a 'let' constant"),
        Snippet(
            "_ = UnverifiedCharge(id: \"\", chain: .base, contract: zero, sender: zero, intent: contents.intent, needed: 1)",
            "extra argument 'needed' in call"),
        Snippet("var other = contents.intent; other.recipient = zero", "'recipient' is a 'let' constant"),
    ]

    /// Lines of code that try to sign without a review, or without the user's consent.
    static let unreviewed = [
        Snippet(
            "_ = ReviewedPayment(call: call, plan: [], request: request)",
            "'ReviewedPayment' initializer is inaccessible due to 'internal' protection level"),
        Snippet("var other = review; other.payment = reviewed", "'payment' is a 'let' constant"),
        Snippet("var other = reviewed; other.plan = []", "'plan' is a 'let' constant"),
        Snippet("var other = reviewed; other.action = .call(requested)", "'action' is a 'let' constant"),
        Snippet(
            "_ = PlannedTransaction(role: .pay, rung: 0, transaction: unsigned)",
            "'PlannedTransaction' initializer is inaccessible due to 'internal' protection level"),
        Snippet(
            "_ = ConsentedPayment(reviewed)",
            "'ConsentedPayment' initializer is inaccessible due to 'private' protection level"),
        Snippet(
            "let own: ConsentedPayment = .init(reviewed)",
            "'ConsentedPayment' initializer is inaccessible due to 'private' protection level"),
        Snippet(
            "_ = ConsentedMessage(message)",
            "'ConsentedMessage' initializer is inaccessible due to 'private' protection level"),
        Snippet(
            "_ = ConsentedBlindSigning(blind)",
            "'ConsentedBlindSigning' initializer is inaccessible due to 'private' protection level"),
        Snippet("_ = try consented.sign(with: key)", "missing argument for parameter 'recordingIn' in call"),
        Snippet(
            "_ = try reviewed.sign(with: key, recordingIn: ledger)",
            "value of type 'ReviewedPayment' has no member 'sign'"),
        Snippet(
            "_ = try blind.sign(with: key, recordingIn: ledger)", "value of type 'BlindSigning' has no member 'sign'"),
        // A consent applies to one payment or to one blind signature. It must not be usable for any other.
        Snippet("var other = consented; other.payment = reviewed", "'payment' is a 'let' constant"),
        Snippet("_ = try consented.sign(reviewed, with: key, recordingIn: ledger)", "extra argument in call"),
        Snippet("var other = consentedBlind; other.signing = blind", "'signing' is a 'let' constant"),
        Snippet("_ = try consentedBlind.sign(blind, with: key, recordingIn: ledger)", "extra argument in call"),
        Snippet(
            "_ = try review.sign(with: key, recordingIn: ledger)",
            "value of type 'Review' has no member 'sign'"),
        Snippet(
            "_ = try call.sign(with: key, recordingIn: ledger)",
            "value of type 'PaymentCall' has no member 'sign'"),
        Snippet(
            "_ = try unsigned.sign(with: key, recordingIn: ledger)",
            "value of type 'UnsignedTransaction' has no member 'sign'"),
        Snippet("_ = SelfCheck.verify", "cannot find 'SelfCheck' in scope"),
        // Only the module Signing can make a task for a signer, or get a signature that is not recorded yet.
        Snippet("_ = SigningTask(hash, for: .blind)", "cannot find 'SigningTask' in scope"),
        Snippet("_ = try StagedSigning(consented, secondEngine: true).tasks", "cannot find 'StagedSigning' in scope"),
        Snippet(
            "_ = try consented.signed(with: key, secondEngine: true)",
            "'signed' is inaccessible due to 'internal' protection level"),
        Snippet("_ = Checker(request)", "cannot find 'Checker' in scope"),
        Snippet(
            "var session = try LedgerSession(ledger, for: key, after: nil); _ = try session.record(reviewed, [])",
            "'record' is inaccessible due to 'internal' protection level"
        ),
    ]

    /// Lines of code that try to use or read a secret key. They import the modules in `CompileFailTests.tool`, but not
    /// SecretKeys.
    static let keys = [
        Snippet(
            "_ = try file.secret.sign(unsigned.signingHash)",
            "'sign' is not available due to missing import of defining module 'AirlockSecretKeys'"),
        Snippet("_ = file.secret.bytes", "'bytes' is inaccessible due to 'internal' protection level"),
        Snippet("print(file.secret)", "'SecretKey' does not conform to expected type 'Copyable'"),
        Snippet("_ = \"\\(file.secret)\"", "no exact matches in call to instance method 'appendInterpolation'"),
        Snippet("_ = Mirror(reflecting: file.secret)", "'SecretKey' does not conform to expected type 'Copyable'"),
        Snippet("_ = [file.secret]", "requires that 'SecretKey' conform to 'Copyable'"),
        Snippet("_ = file.secret as Any", "cannot convert value of type 'SecretKey' to type 'Any'"),
        Snippet("_ = file.secret == file.secret", "requires that 'SecretKey' conform to 'Equatable'"),
    ]

    /// Initialisers that code outside the library tries to add to types that prove a signature, a review or a consent.
    static let made = [
        Snippet(
            "extension Charge { init(own contents: UnverifiedCharge) { self.contents = contents; intentHash = .zero } }",
            "'contents' may not be initialized directly"),
        Snippet(
            "extension PaymentCall { init(own charge: Charge) { self.charge = charge } }",
            "'charge' may not be initialized directly"),
        Snippet(
            "extension ReviewedPayment { init(own action: Action) { self.action = action; plan = [] } }",
            "'action' may not be initialized directly"),
        Snippet(
            "extension ConsentedPayment { init(own other: ReviewedPayment) { self.payment = other } }",
            "'payment' may not be initialized directly"),
        Snippet(
            "extension ConsentedBlindSigning { init(own other: BlindSigning) { self.signing = other } }",
            "'signing' may not be initialized directly"),
    ]

    /// Lines of code that the compiler refuses only if it checks how values are made and owned.
    static let owned = [
        Snippet("extension ConsentedPayment { init(own: Int) {} }", "'self.init' isn't called on all paths"),
        Snippet("extension ConsentedBlindSigning { init(own: Int) {} }", "'self.init' isn't called on all paths"),
        Snippet(
            "func copied(_ key: borrowing SecretKey) { let copy = key; _ = copy.address }",
            "'key' is borrowed and cannot be consumed"),
        Snippet(
            "func taken(_ file: borrowing KeyFile) { let key = file.secret; _ = key.address }",
            "'file' is borrowed and cannot be consumed"),
    ]
}
