import GRDB
import Testing

@testable import MailStore

@Suite struct `what a database says is a store's error` {
  @Test(arguments: [
    (ResultCode.SQLITE_FULL, StoreError.Code.noSpace), (.SQLITE_CANTOPEN, .noSpace), (.SQLITE_CORRUPT, .corrupt),
    (.SQLITE_NOTADB, .corrupt), (.SQLITE_BUSY, .busy), (.SQLITE_LOCKED, .busy), (.SQLITE_IOERR, .busy),
    (.SQLITE_NOMEM, .busy), (.SQLITE_IOERR_DATA, .corrupt), (.SQLITE_IOERR_CORRUPTFS, .corrupt),
    (.SQLITE_CONSTRAINT, .failed), (.SQLITE_ERROR, .failed),
  ])
  func `of the kind that callers act on`(_ result: ResultCode, _ code: StoreError.Code) {
    let error = #expect(throws: StoreError.self) {
      try StoreError.translatingDatabaseErrors("a.sqlite") { throw DatabaseError(resultCode: result, message: "why") }
    }
    #expect(error?.code == code)
    #expect(error?.message.hasPrefix("a.sqlite") == true)
  }

  @Test(arguments: [
    ResultCode.SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_IOERR, .SQLITE_NOMEM,
  ])
  func `and what may pass speaks against no mail, said by the store or by the database itself`(_ result: ResultCode) {
    let error = DatabaseError(resultCode: result, message: "why")
    #expect(StoreError(error, path: "a.sqlite").isTemporaryTrouble)
    #expect((error as any Error).isTemporaryTrouble)
  }

  @Test func `other errors are left as they are`() {
    struct Other: Error {}
    #expect(throws: Other.self) { try StoreError.translatingDatabaseErrors("a.sqlite") { throw Other() } }
  }
}
