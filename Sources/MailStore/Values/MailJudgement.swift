import Bytes

/// A verdict with what the filters want to have said in the mail's header; part of a delivery, never of the stored original.
package struct MailJudgement: Hashable, Sendable {
  package let verdict: MailVerdict
  /// Header fields, each a line that ends with CRLF; empty where filters want none.
  package let fields: String

  package init(verdict: MailVerdict, fields: String = "") {
    self.verdict = verdict
    self.fields = fields
  }
}

extension MailJudgement {
  func encode(into writer: inout ByteWriter) {
    verdict.encode(into: &writer)
    writer.writeLengthPrefixed(fields)
  }

  init(from reader: inout ByteReader) throws(DecodingError) {
    self.init(verdict: try MailVerdict(from: &reader), fields: try reader.readString())
  }
}
