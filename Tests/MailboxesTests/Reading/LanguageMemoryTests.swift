import Index
import Testing

@testable import Mailboxes

@Suite struct LanguageMemoryTests {
  @Test func `forms of the mailbox's own language are found once it is known`() async throws {
    var options = Door.Options()
    options.detectsLanguages = true
    try await Door.open(options) { door in
      for number in 0..<40 {
        try await door.store(
          Letter(subject: "n\(number)", body: "und das ist nicht eine Frage, auch mit Häusern wird es besser"))
      }
      #expect(try await door.found("Haus").count == 40)
      #expect(try await door.found("\"Haus\"").isEmpty)
      door.shard.maintain()
      try door.shard.compact()
      #expect(try await door.found("Haus").count == 40)
      // It is looked at again when there are twice as many mails.
      for number in 40..<79 { try await door.store(Letter(subject: "n\(number)", body: "other")) }
      #expect(try await door.found("Haus").count == 40)
    }
  }

  @Test func `words have the same forms on every page`() async throws {
    var options = Door.Options()
    options.detectsLanguages = true
    try await Door.open(options) { door in
      let text = "und das ist nicht eine Frage, auch mit Häusern wird es besser"
      for number in 0..<28 { try await door.store(Letter(subject: "n\(number)", body: text)) }
      // So few mails have no language, so that the word has no forms; on the pages that follow it has none either.
      try await door.store(Letter(subject: "one", body: "Haus"))
      try await door.store(Letter(subject: "two", body: "Haus"))
      let first = try await door.search("Haus", limit: 1)
      #expect(first.total == 2)
      for number in 28..<40 { try await door.store(Letter(subject: "n\(number)", body: text)) }
      let second = try await door.search("Haus", limit: 1, cursor: first.nextCursor)
      #expect(second.total == 2 && second.nextCursor == nil)
      #expect(try await door.search("Haus").total == 42)
    }
  }

  @Test func `without the setting they are not`() async throws {
    try await Door.open { door in
      for number in 0..<40 {
        try await door.store(
          Letter(subject: "n\(number)", body: "und das ist nicht eine Frage, auch mit Häusern wird es besser"))
      }
      door.shard.maintain()
      try door.shard.compact()
      #expect(try await door.found("Haus").isEmpty)
    }
  }
}
