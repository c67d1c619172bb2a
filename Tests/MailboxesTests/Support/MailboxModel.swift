import Bytes
import MailStore
import Mailboxes

/// A mailbox as its owner would tell it: without the numbers that only the engine knows.
struct MailboxModel: Equatable, Sendable, CustomStringConvertible {
  struct Message: Equatable, Sendable {
    var folder: String
    var flags: MessageFlags = []
    var labels: [String] = []
  }

  /// By subject.
  var messages: [String: Message] = [:]
  var folders: Set<String> = Set(FolderRole.allCases.map(\.defaultFolderName))
  /// Queue items that would not be delivered again.
  var delivered: Set<UInt64> = []
  /// Standing queries, by name.
  var searches: [String: String] = [:]
  /// How many of them announced a mail that is still there.
  var announced: [String: Int] = [:]

  var description: String {
    let rows = messages.sorted { $0.key < $1.key }.map {
      "\($0.key) in \($0.value.folder) \($0.value.flags.rawValue) \($0.value.labels)"
    }
    return "\(rows) \(folders.sorted()) \(delivered.sorted()) \(searches) \(announced)"
  }

  /// What a user asks for, by subjects and folder names.
  enum Operation: Sendable {
    case deliver(Letter)
    case update([String], MessageUpdate)
    case move([String], folder: String)
    case delete([String], permanent: Bool)
    case createFolder(String)
    case renameFolder(String, to: String)
    case deleteFolder(String)
    case forget(UInt64)
    case saveSearch(String, query: String)
    case deleteSearch(String)
    /// Reads and searches, so that the view is committed and the user loaded.
    case look
    case maintain
  }

  mutating func apply(_ operation: Operation) {
    switch operation {
    case .deliver(let letter):
      if let item = letter.item, !delivered.insert(item).inserted { return }
      let matching = searches.values.count { Self.matches(letter, $0) }
      if matching > 0 { announced[letter.subject] = matching }
      guard case .named(let folder) = letter.destination else {
        messages[letter.subject] = Message(folder: "Inbox", flags: letter.flags, labels: letter.labels)
        return
      }
      folders.insert(folder)
      messages[letter.subject] = Message(folder: folder, flags: letter.flags, labels: letter.labels)
    case .update(let subjects, let update):
      for subject in subjects {
        if let isRead = update.isRead { messages[subject]?.flags.setMembership(.read, isRead) }
        if let isStarred = update.isStarred { messages[subject]?.flags.setMembership(.starred, isStarred) }
        if let labels = update.labels { messages[subject]?.labels = labels }
      }
    case .move(let subjects, let folder): for subject in subjects { messages[subject]?.folder = folder }
    case .delete(let subjects, let permanent):
      for subject in subjects {
        if permanent {
          messages[subject] = nil
          announced[subject] = nil
        } else {
          messages[subject]?.folder = "Trash"
        }
      }
    case .createFolder(let name): folders.insert(name)
    case .renameFolder(let name, let new):
      folders.remove(name)
      folders.insert(new)
      for (subject, message) in messages where message.folder == name { messages[subject]?.folder = new }
    case .deleteFolder(let name):
      folders.remove(name)
      for (subject, message) in messages where message.folder == name { messages[subject]?.folder = "Trash" }
    case .forget(let item): delivered.remove(item)
    case .saveSearch(let name, let query): searches[name] = query
    case .deleteSearch(let name): searches[name] = nil
    case .look, .maintain: break
    }
  }
}

extension MailboxModel {
  /// Those that are saved by lot.
  fileprivate static let queries = ["matter", "is:unread"]

  fileprivate static func matches(_ letter: Letter, _ query: String) -> Bool {
    query == "matter" ? letter.body.contains("matter") : !letter.flags.contains(.read)
  }
}

extension MessageFlags {
  fileprivate mutating func setMembership(_ flag: MessageFlags, _ isMember: Bool) {
    if isMember { insert(flag) } else { remove(flag) }
  }
}

// MARK: - Random work

extension MailboxModel {
  /// Something that makes sense for the mailbox as it is. `number` gives each mail and folder its own name.
  func randomOperation(_ number: Int, using generator: inout some RandomNumberGenerator) -> Operation {
    let subjects = messages.keys.sorted()
    let own = folders.subtracting(FolderRole.allCases.map(\.defaultFolderName)).sorted()
    func some(_ count: Int) -> [String] { Array(subjects.shuffled(using: &generator).prefix(count)) }
    switch Int.random(in: 0..<28, using: &generator) {
    case 24...26: return .saveSearch("search \(number)", query: Self.queries[number % 2])
    case 27 where !searches.isEmpty: return .deleteSearch(searches.keys.sorted()[number % searches.count])
    case 0..<8: return .deliver(letter(number, own, &generator))
    case 8:
      return .deliver(Letter(subject: "again \(number)", item: delivered.sorted().randomElement(using: &generator)))
    case 9,
      10 where !subjects.isEmpty:
      return .update(some(3), MessageUpdate(isRead: .random(using: &generator), isStarred: .random(using: &generator)))
    case 11 where !subjects.isEmpty:
      return .update(some(2), MessageUpdate(labels: ["label\(number % 3)", "old"].sorted()))
    case 12,
      13 where !subjects.isEmpty:
      return .move(some(2), folder: folders.sorted().randomElement(using: &generator) ?? "Inbox")
    case 14 where !subjects.isEmpty: return .delete(some(2), permanent: false)
    case 15,
      16 where subjects.count > 2:
      return .delete(some(2), permanent: true)
    case 17: return .createFolder("folder \(number)")
    case 18 where !own.isEmpty: return .renameFolder(own[number % own.count], to: "renamed \(number)")
    case 19 where !own.isEmpty: return .deleteFolder(own[number % own.count])
    case 20 where !delivered.isEmpty: return .forget(delivered.sorted()[number % delivered.count])
    case 21, 22: return .maintain
    default: return .look
    }
  }

  /// May join threads: it answers to mails that are there, were there, or never come.
  private func letter(
    _ number: Int, _ folders: [String], _ generator: inout some RandomNumberGenerator
  ) -> Letter {
    var letter = Letter(subject: "mail \(number)", body: "all about matter \(number)")
    letter.references = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
      "mail \(Int.random(in: 0...(number + 3), using: &generator))"
    }
    letter.minute = Int64.random(in: 0..<500, using: &generator)
    if Bool.random(using: &generator) { letter.item = UInt64(number) }
    if Int.random(in: 0..<4, using: &generator) == 0 {
      letter.destination = .named(folders.randomElement(using: &generator) ?? "folder \(number)")
    }
    if Bool.random(using: &generator) { letter.flags = [.read] }
    return letter
  }
}
