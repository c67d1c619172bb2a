/// The test file that antivirus products find, by the definition of eicar.org: 68 characters at the beginning of a file.
enum EICAR {
  /// In two pieces, lest this file be found.
  static let text = "X5O!P%@AP[4\\PZX54(P^)7CC)7}" + "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

  /// Blanks before it are looked over, for it may stand in a mail's text.
  static func isAtBeginning(of bytes: some RandomAccessCollection<UInt8>) -> Bool {
    bytes.prefix(1_024).drop { $0 == 0x20 || (0x09...0x0D).contains($0) || $0 == 0xEF || $0 == 0xBB || $0 == 0xBF }
      .starts(with: text.utf8)
  }
}
