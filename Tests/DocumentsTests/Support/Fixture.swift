import Foundation

@testable import Documents

/// The documents of Fixtures/Documents.
enum Fixture {
  static func bytes(_ name: String) throws -> [UInt8] {
    let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return Array(try Data(contentsOf: root.appendingPathComponent("Fixtures/Documents/\(name)")))
  }

  /// What the reader makes of it, in this process.
  static func read(_ bytes: [UInt8], limit: Int = 1 << 20) -> (text: String, status: ReadingProcess.Status) {
    var buffer = DocumentBuffer(limit: limit)
    let status = DocumentReader.read(bytes, into: &buffer)
    return (String(decoding: buffer.finish(), as: UTF8.self), status)
  }

  static func read(_ name: String, limit: Int = 1 << 20) throws -> (text: String, status: ReadingProcess.Status) {
    read(try bytes(name), limit: limit)
  }
}
