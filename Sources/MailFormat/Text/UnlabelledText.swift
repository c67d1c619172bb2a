/// Text of which nobody says what charset it is in, or a writer who may be wrong: decoded as that of mails is.
package enum UnlabelledText {
  /// - Parameter label: a charset that it is likely to be in.
  package static func decode(_ bytes: [UInt8], label: String? = nil) -> String {
    CharsetHints().decode(bytes[...], label: label).text
  }
}
