import Bytes
import TestSupport

@testable import Ingest

/// Separators and texts of the tests' mboxes.
enum MboxText {
  static let separator = "From a@example.com Thu Nov 23 22:20:01 2026\n"

  /// An mbox of these messages as they stand in it, each followed by an empty line.
  static func mbox(_ messages: String...) -> String {
    messages.map { separator + $0 + "\n" }.joined()
  }
}

/// Runs `body` with a source of these bytes.
func withSource<Result>(
  _ bytes: [UInt8], named name: String = "test.mbox", _ body: (ByteSource) throws -> Result
) throws -> Result {
  try withTemporaryDirectory { directory in
    let fileSystem = PosixFileSystem()
    try fileSystem.createFile(directory + "/" + name, with: bytes)
    return try body(ByteSource(path: directory + "/" + name, fileSystem: fileSystem))
  }
}

/// The messages of an mbox, as text.
func messages(in mbox: String, maxByteCount: Int = 1 << 20) throws -> [String] {
  try messages(in: Array(mbox.utf8), maxByteCount: maxByteCount).map { String(decoding: $0.bytes, as: UTF8.self) }
}

func messages(in mbox: [UInt8], maxByteCount: Int = 1 << 20) throws -> [MboxReader.Message] {
  try withSource(mbox) { source in
    var reader = MboxReader(source, maxByteCount: maxByteCount)
    var messages: [MboxReader.Message] = []
    while let message = try reader.next() { messages.append(message) }
    return messages
  }
}
