import Bytes
import GRDB

extension StoreError {
  /// What GRDB says of a database, as callers of stores see it.
  /// - Parameter path: names the database in the message.
  init(_ error: DatabaseError, path: String) {
    let said = error.message ?? "database error \(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_FULL: self.init(code: .noSpace, message: "\(path): the disk is full")
    // A file that cannot be opened was there at the start: the process has too many open.
    case .SQLITE_CANTOPEN: self.init(code: .noSpace, message: "\(path): \(said)")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(code: .corrupt, message: "\(path) is damaged: \(said)")
    case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_NOMEM:
      self.init(code: .busy, message: "\(path): \(said)")
    default: self.init(code: .failed, message: "\(path): \(said)")
    }
  }

  /// Runs what asks the database at `path`.
  /// - Throws: `StoreError` for trouble of GRDB, of the file below it, and for a row of another shape than was expected;
  ///   other errors as they are.
  static func translatingDatabaseErrors<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as FileError {
      throw StoreError(error)
    } catch let error as DatabaseError {
      throw StoreError(error, path: path)
    } catch let error as RowDecodingError {
      throw StoreError(code: .corrupt, message: "\(path) is damaged: \(error)")
    }
  }
}
