import Bytes
import Foundation
import Index

/// What the metadata would hold of the mails in an index, and the ranks that answers are compared by: the bench's own
/// bookkeeping, in two files beside the index. Who only opens and searches reads the users, which is a moment's work.
struct Ledger {
  /// Of one user, by docID less one.
  struct Mailbox: Codable {
    var ranks: [Int] = []
    /// In milliseconds.
    var dates: [Int64] = []
  }

  private(set) var users: [String: UInt32] = [:]
  private(set) var mailboxes: [UInt32: Mailbox] = [:]

  /// Reads all of it; empty where there is none.
  static func read(_ directory: String) throws -> Ledger {
    var ledger = try readUsers(directory)
    ledger.mailboxes = try decode(directory + mailboxesFile) ?? [:]
    return ledger
  }

  /// Reads the users without their mails.
  static func readUsers(_ directory: String) throws -> Ledger {
    Ledger(users: try decode(directory + usersFile) ?? [:])
  }

  func write(_ directory: String) throws {
    try JSONEncoder().encode(users).write(to: URL(fileURLWithPath: directory + Self.usersFile))
    try JSONEncoder().encode(mailboxes).write(to: URL(fileURLWithPath: directory + Self.mailboxesFile))
  }

  private static let usersFile = "/users.json"
  private static let mailboxesFile = "/mailboxes.json"

  private static func decode<Value: Decodable>(_ path: String) throws -> Value? {
    try FileManager.default.contents(atPath: path).map { try JSONDecoder().decode(Value.self, from: $0) }
  }

  /// The user's number, a new one for a new user.
  mutating func number(_ user: String) -> UInt32 {
    if let number = users[user] { return number }
    let number = UInt32(users.count + 1)
    users[user] = number
    return number
  }

  /// Notes the user's next mail.
  /// - Returns: its docID.
  mutating func add(_ user: UInt32, rank: Int, at date: Timestamp) -> DocID {
    mailboxes[user, default: Mailbox()].ranks.append(rank)
    mailboxes[user, default: Mailbox()].dates.append(date.rawValue)
    return DocID(rawValue: UInt32(mailboxes[user]?.ranks.count ?? 0))
  }

  /// All mails of the user, none of which is ever deleted here.
  func documents(_ user: UserID) -> [DocumentKey] {
    let dates = mailboxes[user.rawValue]?.dates ?? []
    return dates.indices.map {
      DocumentKey(receivedAt: Timestamp(rawValue: dates[$0]), docID: DocID(rawValue: UInt32($0 + 1)))
    }
  }

  /// - Precondition: the mail is in the ledger.
  func rank(_ docID: DocID, of user: UserID) -> Int { mailboxes[user.rawValue]?.ranks[Int(docID.rawValue) - 1] ?? 0 }
}
