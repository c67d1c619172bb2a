import MailFormat

/// What the header of a mail says that a report about it must know. Nothing of it is believed.
package struct MailFacts: Hashable, Sendable {
  /// It is itself a report of a delivery or of what became of a mail (RFC 3464, RFC 8098).
  package let isReport: Bool
  /// `Received` fields.
  package let hopCount: Int
  /// Without angle brackets; of those that are fit to be repeated.
  let messageID: String?
  let references: [String]

  /// - Parameter mail: its bytes; the header is looked at, and of that no more than 64 KiB.
  package init(_ mail: [UInt8]) {
    let parsed = MailParser().parse(ReturnedMail.header(of: mail, limit: 64 << 10) + Array("\r\n".utf8))
    let type = parsed.headers.first { $0.name.lowercased() == "content-type" }?.value.lowercased() ?? ""
    isReport =
      type.hasPrefix("multipart/report")
      && ["delivery-status", "disposition-notification"].contains {
        type.contains("report-type=\($0)") || type.contains("report-type=\"\($0)")
      }
    hopCount = parsed.headers.count { $0.name.lowercased() == "received" }
    messageID = parsed.messageID.flatMap { Self.isFit($0) ? $0 : nil }
    let references = (parsed.references.isEmpty ? parsed.inReplyTo : parsed.references).filter(Self.isFit)
    // The root and the latest are what threading needs.
    self.references =
      references.count <= Self.maxReferences
      ? references : [references[0]] + references.suffix(Self.maxReferences - 1)
  }

  private static let maxReferences = 10

  /// Printable ASCII without what would end it, and not longer than a line.
  private static func isFit(_ identifier: String) -> Bool {
    identifier.utf8.count <= 250
      && identifier.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
  }
}
