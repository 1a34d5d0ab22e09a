import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockStrictJSON
import Glibc

/// A folder for incoming payment files. The relay records each payment in the journal, and moves its file to the
/// subfolder `done`. If a file does not contain a valid payment, the relay moves it to the subfolder `refused`. There
/// it also writes a second file that contains the reason.
struct Inbox: Sendable {
    let folder: String

    private static let done = "done"
    private static let refused = "refused"
    /// The maximum number of files that one call of `take` reads. The limit lets the relay send the payments in these
    /// files before it reads the remaining files.
    private static let most = 256

    /// What the relay did with one file in the folder of incoming payments.
    enum Event {
        case taken(file: String, payments: Int)
        case refused(file: String, ProblemList)
        /// The relay has left the file in the folder, and will read it again later.
        case left(file: String, ProblemList)
    }

    /// Creates the folders `done` and `refused` if they are missing.
    init(_ folder: String) throws {
        guard Folder.isFolder(folder) else { throw Problem(FileRule.missing, at: folder) }
        self.folder = folder
        for name in [Self.done, Self.refused] { try BaseDirectory.create("\(folder)/\(name)") }
    }

    /// Records the payments of new files, and moves the files. The relay can crash after it has recorded the payments
    /// of a file and before it has moved the file. In that case, the next run reads the file again and finds the
    /// payments in the journal.
    func take(
        into journal: any PaymentJournal, _ tell: (Event) -> Void
    ) async -> [(payment: Int64, signedPayment: SignedPayment)] {
        var taken: [(payment: Int64, signedPayment: SignedPayment)] = []
        let names: [String]
        do { names = try Folder.names(in: folder) } catch {
            tell(.left(file: folder, ProblemList(error)))
            return []
        }
        var count = 0
        for name in names where !name.hasPrefix(".") {
            guard count < Self.most else { break }
            switch kind(of: name) {
            case S_IFREG: break
            // Skip a file that no longer exists. Also skip subfolders, such as `done`.
            case nil, S_IFDIR: continue
            default:
                tell(.left(file: name, ProblemList(Problem(FileRule.notRegular, at: "\(folder)/\(name)"))))
                continue
            }
            let signedPayments: [SignedPayment]
            do {
                switch try PaymentOperands.read(["\(folder)/\(name)"], note: { _ in }) {
                case .one(let signedPayment): signedPayments = [signedPayment]
                case .many(let batch): signedPayments = batch.signedPayments
                }
            } catch let broken as any RuleBroken {
                if refuse(name, ProblemList(broken), tell) { count += 1 }
                continue
            } catch {
                tell(.left(file: name, ProblemList(Problem(InternalRule.unexpected))))
                continue
            }
            do throws(JournalError) {
                let payments = try await journal.record(signedPayments)
                taken += zip(payments, signedPayments).map { ($0, $1) }
                count += 1
            } catch {
                // The payments could not be recorded. The cause may be temporary, such as a full disk or a locked
                // journal. Therefore the file stays in the folder, and no further files are read now.
                tell(.left(file: name, ProblemList(error)))
                break
            }
            do throws(FileError) {
                _ = try Folder.move(name, from: folder, into: Self.done)
                tell(.taken(file: name, payments: signedPayments.count))
            } catch { tell(.left(file: name, ProblemList(error))) }
        }
        return taken
    }

    private func kind(of name: String) -> mode_t? {
        var status = stat()
        return unsafe lstat("\(folder)/\(name)", &status) == 0 ? status.st_mode & S_IFMT : nil
    }

    /// Moves a refused file, and writes the reason for the refusal into a second file.
    ///
    /// - Returns: whether the file was moved.
    private func refuse(_ name: String, _ problems: ProblemList, _ tell: (Event) -> Void) -> Bool {
        let files = problems.problems.compactMap { $0.rule as? FileRule }
        // If the file no longer exists, another process has moved or deleted it, and there is nothing to move.
        if files.contains(.missing) { return false }
        do throws(FileError) {
            // A file that cannot be read stays in the folder, and the relay tries again later. The permissions of the
            // file may have changed by then.
            if !files.contains(.unreadable) {
                guard let path = try Folder.move(name, from: folder, into: Self.refused) else { return false }
                let reason = Array((Console.document(problems.problems).printable + "\n").utf8)
                _ = try OutputFile.write(reason.span, to: "\(path).reason", replacing: true)
                tell(.refused(file: name, problems))
                return true
            }
            tell(.left(file: name, problems))
        } catch { tell(.left(file: name, ProblemList(error))) }
        return false
    }
}
