/// What `durable` commits to: the index with a journal, or the door to the mailboxes.
protocol MailSink: Sendable {
  /// A mail as it arrives.
  associatedtype Mail: Sendable

  /// Not timed.
  func prepare(_ document: Document, rank: Int) throws -> Mail

  /// Returns when the mail is durable and every later search finds it.
  func commit(_ mail: Mail) async throws

  /// How many mails of the document's owner have the word.
  func count(of word: String, in document: Document) async throws -> Int

  /// Writes what has to be written some time, as far as it is due.
  func settle() async throws

  /// Of all its files.
  var byteCount: Int { get }
}
