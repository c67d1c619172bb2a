/// One thing kept in a pack: what it is and its bytes.
package struct PackRecord: Sendable, Hashable {
  /// The values are on disk; never reuse one.
  package enum Kind: UInt8, Sendable, Hashable, CaseIterable {
    /// A mail as receipt took it: envelope and content, or where its content is spooled. See `ReceivedRecord`.
    case received = 1
    /// Queue items whose work is done.
    case finished = 2
    /// Queue items of earlier files that were not finished when this file began. Always a receive log's first frame.
    case checkpoint = 3
    /// A mail's bytes, whole.
    case original = 4
    /// How to put a mail together from literal bytes and attachments. See `Recipe`.
    case recipe = 5
    /// The decoded bytes of an attachment.
    case attachment = 6
    /// Bytes of no meaning: recovery covers with it what an unfinished write has left between good frames.
    case void = 7
    /// The end of a sealed file.
    case seal = 8
  }

  package let kind: Kind
  package let bytes: [UInt8]

  package init(kind: Kind, bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }
}
