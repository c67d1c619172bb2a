/// A mail as a row of pieces: bytes that are kept as they are, and attachments that are kept elsewhere by their content.
/// Written one after another they give the mail back.
package struct MailSplit: Hashable, Sendable {
  package enum Piece: Hashable, Sendable {
    /// These bytes of the original.
    case literal(Range<Int>)
    case attachment(Attachment)
  }

  package struct Attachment: Hashable, Sendable {
    /// As in `ParsedAttachment`.
    package var partPath: String
    /// Decoded.
    package var content: [UInt8]
    package var encoding: BodyEncoding
    /// Where it lies in the original.
    package var range: Range<Int>
    /// The content is all of the part's decoded content, so it can serve the attachment without the mail.
    package var isWhole: Bool

    package init(partPath: String, content: [UInt8], encoding: BodyEncoding, range: Range<Int>, isWhole: Bool) {
      self.partPath = partPath
      self.content = content
      self.encoding = encoding
      self.range = range
      self.isWhole = isWhole
    }
  }

  package var pieces: [Piece]

  package init(pieces: [Piece]) { self.pieces = pieces }
}
