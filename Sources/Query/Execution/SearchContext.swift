package import Bytes

/// A folder as a search needs to know it.
package struct SearchFolder: Sendable, Hashable {
  package let id: FolderID
  package let name: String
  /// `inbox`, `sent`, `drafts`, `archive`, `spam` or `trash`; `nil` for a folder of the user's own.
  package let role: String?
  /// As the API shows it.
  package let publicID: String

  /// - Parameter publicID: the number where `nil`.
  package init(id: FolderID, name: String, role: String?, publicID: String? = nil) {
    self.id = id
    self.publicID = publicID ?? String(id.rawValue)
    self.name = name
    self.role = role
  }
}

/// A mail's header could not be read, so what asks for it has no answer.
package struct UnreadHeader: Error, CustomStringConvertible {
  package let cause: any Error

  package init(cause: any Error) { self.cause = cause }

  package var description: String { "the mail's header cannot be read: \(cause)" }
}

/// Reads the header of a document's mail.
package typealias HeaderLookup = @Sendable (DocID) throws -> [HeaderEntry]

/// A field of a mail's header, unfolded and decoded.
package struct HeaderEntry: Sendable, Hashable {
  /// In small letters.
  package let name: String
  package let value: String

  package init(name: String, value: String) {
    self.name = name.lowercased()
    self.value = value
  }
}

/// What a query's words mean for this user at this moment. A class: every part of a search keeps it.
package final class SearchContext: Sendable {
  package let folders: [SearchFolder]
  /// Folders whose mail is found only where the query asks for it: spam and trash.
  let hiddenFolders: [SearchFolder]
  package let now: Timestamp
  /// The moment at which a day begins in the user's time zone; days are counted from 1970-01-01.
  package let startOfDay: @Sendable (Int) -> Timestamp
  /// The name of that time zone: cursors of one are none of another.
  package let zone: String
  /// The thread behind a thread's public id; `nil` where this user has none of that name.
  package let thread: @Sendable (String) -> UInt32?
  /// The document behind a message's public id; `nil` where this user has none of that name.
  package let message: @Sendable (String) -> DocID?
  /// For `header:`, which no index answers.
  let headers: HeaderLookup

  package init(
    folders: [SearchFolder], now: Timestamp,
    startOfDay: @escaping @Sendable (Int) -> Timestamp = SearchContext.startOfDayUTC, zone: String = "",
    thread: @escaping @Sendable (String) -> UInt32? = { _ in nil },
    message: @escaping @Sendable (String) -> DocID? = { _ in nil },
    headers: @escaping HeaderLookup = { _ in [] }
  ) {
    self.folders = folders
    hiddenFolders = folders.filter { $0.role == "spam" || $0.role == "trash" }
    self.now = now
    self.startOfDay = startOfDay
    self.zone = zone
    self.thread = thread
    self.message = message
    self.headers = headers
  }

  /// The day in which the moment lies, counted from 1970-01-01.
  var today: Int {
    let length: Int64 = 86_400_000
    let day = Int(now.rawValue >= 0 ? now.rawValue / length : (now.rawValue + 1) / length - 1)
    // In no time zone is it another day than yesterday's, today's or tomorrow's in UTC.
    return (day - 1...day + 1).last { startOfDay($0) <= now } ?? day
  }

  /// The same at another moment.
  package func at(_ now: Timestamp) -> SearchContext {
    SearchContext(
      folders: folders, now: now, startOfDay: startOfDay, zone: zone, thread: thread, message: message, headers: headers
    )
  }

  @Sendable package static func startOfDayUTC(_ day: Int) -> Timestamp {
    Timestamp(rawValue: Int64(day) * 86_400_000)
  }
}
