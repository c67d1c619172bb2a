import Testing

@testable import Receipt

struct FailureTableTests {
  @Test func `failures are counted, and one is forgiven in each period`() {
    var table = FailureTable(capacity: 10, forgiveness: .seconds(60))
    for _ in 0..<3 { table.add(to: 1, now: .seconds(10)) }
    #expect(table.count(of: 1, now: .seconds(69)) == 3)
    #expect(table.count(of: 1, now: .seconds(70)) == 2)
    #expect(table.count(of: 1, now: .seconds(189)) == 1)
    #expect(table.count(of: 1, now: .seconds(190)) == 0)
    #expect(table.count(of: 2, now: .seconds(10)) == 0)
    table.add(to: 1, now: .seconds(500))
    #expect(table.count(of: 1, now: .seconds(559)) == 1, "a new one counts from when it came")
  }

  @Test func `a failure that was none is taken back`() {
    var table = FailureTable(capacity: 10, forgiveness: .seconds(60))
    table.add(to: 1, now: .zero)
    table.add(to: 1, now: .zero)
    table.takeBack(from: 1)
    #expect(table.count(of: 1, now: .zero) == 1)
    table.takeBack(from: 1)
    table.takeBack(from: 1)
    #expect(table.count(of: 1, now: .zero) == 0 && table.size == 0)
  }

  @Test func `a flood of keys takes no more memory than there is, and those of late are remembered`() {
    var table = FailureTable(capacity: 100, forgiveness: .seconds(60))
    for key in 0..<10_000 {
      table.add(to: key, now: .zero)
      table.add(to: -1, now: .zero)
      #expect(table.size <= 100)
    }
    #expect(table.count(of: -1, now: .zero) == 10_000)
    #expect(table.count(of: 9_990, now: .zero) == 1)
    #expect(table.count(of: 1, now: .zero) == 0)
  }

  @Test func `time that comes the other way round changes nothing`() {
    var table = FailureTable(capacity: 10, forgiveness: .seconds(60))
    table.add(to: 1, now: .seconds(100))
    table.add(to: 1, now: .seconds(99))
    #expect(table.count(of: 1, now: .seconds(50)) == 2)
  }
}
