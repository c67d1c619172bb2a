import Index
import Testing

@testable import Query

@Suite struct BeginningTableTests {
  private func found(_ term: String, in table: BeginningTable) -> [UInt64] {
    var found: Set<UInt64> = []
    if !table.isEmpty { table.forEachQuery(of: Array(term.utf8).span) { found.insert($0) } }
    return found.sorted()
  }

  @Test func `a term has the beginnings that it begins with, of every length`() {
    var table = BeginningTable()
    for (number, text) in ["m", "me", "meet", "meeting", "x", "méê"].enumerated() {
      table.insert(Array(text.utf8), of: UInt64(number))
    }
    table.insert(Array("meet".utf8), of: 9)
    #expect(found("meeting", in: table) == [0, 1, 2, 3, 9])
    #expect(found("meetings", in: table) == [0, 1, 2, 3, 9])
    #expect(found("mee", in: table) == [0, 1])
    #expect(found("méêt", in: table) == [0, 5])
    #expect(found("y", in: table) == [])
  }

  @Test func `what is removed is gone, for its query alone`() {
    var table = BeginningTable()
    table.insert(Array("meet".utf8), of: 1)
    table.insert(Array("meet".utf8), of: 2)
    table.remove(Array("meet".utf8), of: 1)
    table.remove(Array("other".utf8), of: 1)
    #expect(found("meeting", in: table) == [2])
    table.remove(Array("meet".utf8), of: 2)
    #expect(table.isEmpty)
  }

  @Test func `without knowing what a record's terms begin with, any may be there`() {
    var table = BeginningTable()
    #expect(!table.mayBeginTerm(in: nil))
    table.insert(Array("meet".utf8), of: 1)
    #expect(table.mayBeginTerm(in: nil))
    #expect(!table.mayBeginTerm(in: BeginningSet()))
  }
}
