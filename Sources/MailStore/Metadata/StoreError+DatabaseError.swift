import Bytes
import GRDB

extension StoreError {
  /// What GRDB says of a database, as callers of stores see it.
  /// - Parameters:
  ///   - path: names the database in the message.
  ///   - remedy: what the operator can do about damage.
  init(_ error: DatabaseError, path: String, remedy: String? = nil) {
    let said = error.message ?? "database error \(error.resultCode)"
    let code = Self.code(of: error)
    let message =
      switch code {
      case .corrupt: "\(path) is damaged: \(said)\(remedy.map { "; \($0)" } ?? "")"
      case .noSpace where error.resultCode == .SQLITE_FULL: "\(path): the disk is full"
      default: "\(path): \(said)"
      }
    self.init(code: code, message: message)
  }

  private static func code(of error: DatabaseError) -> Code {
    // Two kinds of failed reads are damage.
    if [.SQLITE_IOERR_DATA, .SQLITE_IOERR_CORRUPTFS].contains(error.extendedResultCode) { return .corrupt }
    return switch error.resultCode {
    // A file that cannot be opened was there at the start: the process has too many open.
    case .SQLITE_FULL, .SQLITE_CANTOPEN: .noSpace
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_NOMEM: .busy
    default: .failed
    }
  }

  /// Runs what asks the database at `path`.
  /// - Throws: `StoreError` for trouble of GRDB, of the file below it, and for a row of another shape than was expected;
  ///   other errors as they are.
  static func translatingDatabaseErrors<Value>(
    _ path: String, remedy: String? = nil, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch let error as FileError {
      throw StoreError(error)
    } catch let error as DatabaseError {
      throw StoreError(error, path: path, remedy: remedy)
    } catch let error as RowDecodingError {
      throw StoreError(code: .corrupt, message: "\(path) is damaged: \(error)")
    }
  }
}
