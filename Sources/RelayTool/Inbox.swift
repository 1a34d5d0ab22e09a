import AirlockBroadcast
import AirlockCommandLineTool
import AirlockDiagnostics
import AirlockFiles
import AirlockStrictJSON
import Glibc
import Synchronization

/// A folder for incoming payment files. The relay records each payment in the journal, and moves its file to the
/// subfolder `done`. If a file does not contain a valid payment, the relay moves it to the subfolder `refused`. There
/// it also writes a second file that contains the reason.
final class Inbox: Sendable {
    let folder: String
    /// The files whose payments are in the journal, but that could not be moved yet. The keys are the file names.
    private let recorded = Mutex<[String: RecordedFile]>([:])

    private static let done = "done"
    private static let refused = "refused"
    /// The maximum number of files that one call of `take` reads. The limit lets the relay send the payments in these
    /// files before it reads the remaining files.
    private static let most = 256

    /// A file whose payments are in the journal. The inode and the time of the last change distinguish it from another
    /// file that later gets the same name.
    private struct RecordedFile {
        let inode: UInt
        /// The time of the last change, as bytes.
        let changed: [UInt8]
        let payments: Int

        init(_ status: stat, payments: Int) {
            inode = status.st_ino
            changed = unsafe withUnsafeBytes(of: status.st_mtim) { unsafe Array($0) }
            self.payments = payments
        }

        func isSame(_ status: stat) -> Bool {
            let other = RecordedFile(status, payments: payments)
            return inode == other.inode && changed == other.changed
        }
    }

    /// What the relay did with one file in the folder of incoming payments.
    enum Event {
        case taken(file: String, payments: Int)
        case refused(file: String, ProblemList)
        /// The relay has left the file in the folder, and will read or move it later.
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
    ///
    /// If a file cannot be moved, its payments are returned only once. The next calls only try to move it.
    func take(
        into journal: any PaymentJournal, _ tell: (Event) -> Void
    ) async -> [(payment: Int64, signedPayment: SignedPayment)] {
        var taken: [(payment: Int64, signedPayment: SignedPayment)] = []
        let names: [String]
        do { names = try Folder.names(in: folder) } catch {
            tell(.left(file: folder, ProblemList(error)))
            return []
        }
        let present = Set(names)
        recorded.withLock { files in files = files.filter { present.contains($0.key) } }
        var count = 0
        for name in names where !name.hasPrefix(".") {
            guard count < Self.most else { break }
            // Skip a file that no longer exists. Also skip subfolders, such as `done`.
            guard let facts = status(of: name) else { continue }
            switch facts.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: continue
            default:
                tell(.left(file: name, ProblemList(Problem(FileRule.notRegular, at: "\(folder)/\(name)"))))
                continue
            }
            if let file = recorded.withLock({ files in files[name] }), file.isSame(facts) {
                finish(name, file, tell)
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
            finish(name, RecordedFile(facts, payments: signedPayments.count), tell)
        }
        return taken
    }

    private func status(of name: String) -> stat? {
        var status = stat()
        return unsafe lstat("\(folder)/\(name)", &status) == 0 ? status : nil
    }

    /// Moves a file whose payments are in the journal. If this fails, the relay tries again at the next call of `take`.
    private func finish(_ name: String, _ file: RecordedFile, _ tell: (Event) -> Void) {
        do throws(FileError) {
            _ = try Folder.move(name, from: folder, into: Self.done)
            recorded.withLock { files in files[name] = nil }
            tell(.taken(file: name, payments: file.payments))
        } catch {
            recorded.withLock { files in files[name] = file }
            tell(.left(file: name, ProblemList(error)))
        }
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
