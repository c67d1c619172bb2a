package import Bytes

/// Documents of a message that were missed when it was read, and when they are tried again: of all of them together, for they
/// are read by reading the message.
package struct DocumentRetry: Hashable, Sendable {
  /// How often they were tried again, the try that is due not counted.
  package var tries: Int
  /// Of the next try; nil: there is none, they stay without text.
  package var dueAt: Timestamp?
  /// What kept the first of them from being read, the last time.
  package var reason: String

  package init(tries: Int, dueAt: Timestamp?, reason: String) {
    self.tries = tries
    self.dueAt = dueAt
    self.reason = reason
  }

  /// What is busy now is seldom so in a minute; what is installed by hand takes hours.
  private static let delays: [Duration] = [
    .seconds(60), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3_600), .seconds(8 * 3_600),
  ]
  package static let maxTries = delays.count

  /// Documents that were missed just now.
  package init(missedAt now: Timestamp, reason: String) {
    self.init(tries: 0, dueAt: Self.dueAt(after: 0, now), reason: reason)
  }

  /// As it is from the moment at which a try begins, for the case that nothing is ever heard of it.
  package func trying(at now: Timestamp) -> DocumentRetry {
    DocumentRetry(tries: tries + 1, dueAt: Self.dueAt(after: tries + 1, now), reason: reason)
  }

  private static func dueAt(after tries: Int, _ now: Timestamp) -> Timestamp? {
    guard tries < delays.count else { return nil }
    return Timestamp(rawValue: now.rawValue + delays[tries].components.seconds * 1_000)
  }
}

// MARK: - Bytes

extension DocumentRetry {
  /// The first byte: nothing is missed, it is tried again at a time, or never.
  private enum State: UInt8 {
    case none = 0
    case due = 1
    case givenUp = 2
  }

  static func encode(_ retry: DocumentRetry?, into writer: inout ByteWriter) {
    guard let retry else { return writer.write(State.none.rawValue) }
    writer.write(retry.dueAt == nil ? State.givenUp.rawValue : State.due.rawValue)
    writer.writeVarint(retry.tries)
    if let dueAt = retry.dueAt { writer.writeSignedVarint(dueAt.rawValue) }
    writer.writeLengthPrefixed(retry.reason)
  }

  static func decode(from reader: inout ByteReader) throws(DecodingError) -> DocumentRetry? {
    let number = try reader.readUInt8()
    guard let state = State(rawValue: number) else {
      throw DecodingError(offset: reader.offset - 1, message: "expected 0, 1 or 2, found \(number)")
    }
    if state == .none { return nil }
    let tries = Int(try reader.readVarint32())
    let dueAt: Timestamp? = state == .due ? Timestamp(rawValue: try reader.readSignedVarint()) : nil
    return DocumentRetry(tries: tries, dueAt: dueAt, reason: try reader.readString())
  }
}
