import Query
import Testing

struct DateReferenceTests {
  /// A Wednesday.
  private static let today = CalendarPeriod("2024-05-15")!.days.lowerBound

  @Test(arguments: [
    ("2024-05-01", "2024-05-01", 1), ("2024/5/1", "2024-05-01", 1), ("2024.5.1", "2024-05-01", 1),
    ("2024-02", "2024-02-01", 29), ("2023", "2023-01-01", 365), ("5 May 2024", "2024-05-05", 1),
    ("may 5, 2024", "2024-05-05", 1), ("May 5th 2024", "2024-05-05", 1), ("may 2023", "2023-05-01", 31),
    ("2023년", "2023-01-01", 365), ("2023년 2월", "2023-02-01", 28), ("2024년5월1일", "2024-05-01", 1),
    ("today", "2024-05-15", 1), ("오늘", "2024-05-15", 1), ("YESTERDAY", "2024-05-14", 1), ("그저께", "2024-05-13", 1),
    ("3 days ago", "2024-05-12", 1), ("3일 전", "2024-05-12", 1), ("2주전", "2024-05-01", 1),
    ("3 months ago", "2024-02-15", 1), ("1 year ago", "2023-05-15", 1), ("1개월 전", "2024-04-15", 1),
    ("wednesday", "2024-05-15", 1), ("last wednesday", "2024-05-08", 1), ("thursday", "2024-05-09", 1),
    ("last thu", "2024-05-09", 1), ("this monday", "2024-05-13", 1), ("월요일", "2024-05-13", 1),
    ("지난 수요일", "2024-05-08", 1), ("지난월요일", "2024-05-13", 1), ("this week", "2024-05-13", 7),
    ("last week", "2024-05-06", 7), ("이번 주", "2024-05-13", 7), ("지난주", "2024-05-06", 7),
    ("this month", "2024-05-01", 31), ("last month", "2024-04-01", 30), ("지난달", "2024-04-01", 30),
    ("this year", "2024-01-01", 366), ("last year", "2023-01-01", 365), ("작년", "2023-01-01", 365),
    ("지난해", "2023-01-01", 365), ("올해", "2024-01-01", 366), ("may", "2024-05-01", 31), ("june", "2023-06-01", 30),
    ("6월", "2023-06-01", 30), ("may 16", "2023-05-16", 1), ("16 may", "2023-05-16", 1), ("5월 15일", "2024-05-15", 1),
    ("feb 29", "2024-02-29", 1), ("  last\t week ", "2024-05-06", 7),
  ])
  func `a date means its days`(text: String, first: String, count: Int) throws {
    let date = try #require(DateReference(text))
    let start = CalendarPeriod(first)!.days.lowerBound
    #expect(date.days(today: Self.today) == start..<start + count)
    // What it is called is read as the same.
    #expect(DateReference(date.description) == date)
  }

  @Test(arguments: [
    "", "someday", "last", "5", "may 32", "31 february", "may 5 may", "5 hours ago", "0 days ago", "last 5 days",
    "2024-05-01 today", "tomorrow", "3개월", "6달", "2024해", "3주", "mon,", "13월", "2월 30일", "+3 days ago", "-3 days ago",
    "3 days", "ago", "last today",
    "this", "99999999 days ago",
  ])
  func `what is no date is none`(text: String) {
    #expect(DateReference(text) == nil)
  }

  @Test func `the 29th of February is the last one that there was`() {
    let date = DateReference.monthDay(month: 2, day: 29)
    #expect(date.days(today: CalendarPeriod("1903-12-31")!.days.lowerBound) == CalendarPeriod("1896-02-29")!.days)
    #expect(date.days(today: CalendarPeriod("2024-02-28")!.days.lowerBound) == CalendarPeriod("2020-02-29")!.days)
  }

  @Test func `days before the calendar begins are none, and no trap`() {
    for date in [DateReference.last(.year), .last(.month), .last(.week), .month(12), .ago(RelativeAge("100000y")!)] {
      let days = date.days(today: CalendarPeriod("0001-01-01")!.days.lowerBound)
      #expect(days.count <= 366)
    }
  }

  @Test func `a range has both ends, and one may be open`() throws {
    let both = try #require(DateRange("2024-01..last week"))
    let days = both.days(today: Self.today)
    #expect(days.lower == CalendarPeriod("2024-01-01")!.days.lowerBound)
    #expect(days.upper == CalendarPeriod("2024-05-13")!.days.lowerBound)
    #expect(DateRange("..2023")?.days(today: Self.today).lower == nil)
    #expect(DateRange("today..")?.days(today: Self.today).upper == nil)
    #expect(DateRange("..") == nil && DateRange("2024") == nil && DateRange("a..2024") == nil)
  }
}
