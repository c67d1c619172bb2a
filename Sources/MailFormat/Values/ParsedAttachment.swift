/// A leaf part that is not the shown text or HTML body, or a nested mail as a whole.
package struct ParsedAttachment: Hashable, Sendable {
  /// The part's place, counted as IMAP does (RFC 3501 §6.4.5): `2`, `1.3`. Stable, since the bytes never change.
  package var partPath: String
  package var filename: String?
  /// Lower case, without parameters: `image/png`.
  package var contentType: String
  /// Without angle brackets.
  package var contentID: String?
  /// Shown inside the HTML by its Content-ID.
  package var isInline: Bool
  /// A detached signature (OpenPGP, S/MIME), which says something about the mail but is nothing to open.
  package var isSignature: Bool
  /// Decoded.
  package var byteCount: Int

  package init(
    partPath: String, filename: String? = nil, contentType: String, contentID: String? = nil, isInline: Bool = false,
    isSignature: Bool = false, byteCount: Int
  ) {
    self.partPath = partPath
    self.filename = filename
    self.contentType = contentType
    self.contentID = contentID
    self.isInline = isInline
    self.isSignature = isSignature
    self.byteCount = byteCount
  }
}
