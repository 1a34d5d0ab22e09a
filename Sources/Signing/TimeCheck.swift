import AirlockPolicies
import AirlockEthereumTypes
import AirlockPaymentFiles
import AirlockDiagnostics
import AirlockRequests

/// Is it still time to sign? Looked at in the review, and again after the consent: a question can stay open for hours.
struct TimeCheck {
    private let shared: Shared<PaymentRequest>
    private let isBrief: Bool
    @inline(__always) private var request: PaymentRequest { _read { yield shared.value } }

    /// - Parameters:
    ///   - shared: the request.
    ///   - isBrief: see ``Check``.
    init(_ shared: Shared<PaymentRequest>, isBrief: Bool) {
        self.shared = shared
        self.isBrief = isBrief
    }

    func check(at now: Timestamp) -> Check {
        var check = Check(.time, isBrief: isBrief)
        if let expiry = request.subject.expiry(at: now) {
            check.problems.append(expiry)
        } else if let expires = request.terms.expires {
            check.find("the deadline \(expires) has not passed at \(now)")
        } else {
            check.find("it never expires")
        }
        if let block = request.conditions?.block { checkAge(of: block.timestamp, at: now, &check) }
        return check
    }

    private func checkAge(of measured: Timestamp, at time: Timestamp, _ check: inout Check) {
        let expiry = request.subject.expiry(at: time) == nil ? request.subject.expiry(at: measured) : nil
        // A clock a few minutes off is normal.
        let tolerance: UInt64 = 900
        let now = time.seconds
        guard measured.seconds <= now || measured.seconds - now <= tolerance else {
            let problem = Problem(
                SigningRule.conditionsFromFuture, at: "/block/timestamp", saw: measured.description,
                expected: "\(time) or earlier")
            // By its time the request has expired, which a wrong clock of this machine would hide.
            if request.policy.maxConditionsAge == nil, expiry == nil {
                check.warnings.append("\(problem.message): is this machine's clock right?")
            } else {
                check.problems.append(problem)
            }
            return
        }
        if let expiry { check.problems.append(expiry) }
        let age = now - min(now, measured.seconds)
        if let limit = request.policy.maxConditionsAge {
            check.require(age <= limit, "the conditions are \(age) s old, and may be \(limit) s") {
                Problem(
                    SigningRule.conditionsTooOld, at: "/block/timestamp", saw: "\(age) s old",
                    expected: "at most \(limit) s")
            }
        }
    }
}
