import Bytes
import Foundation

/// Walks the items of a plan and gives one mail after another.
struct ImportReader {
  enum Found {
    case mail(ImportedMail)
    /// A mail or file that cannot be imported, and why.
    case failure(String)
  }

  private let items: [ImportPlan.Item]
  private let fileSystem: any FileSystem
  private let maxByteCount: Int
  private var position = 0
  private var mbox: (reader: MboxReader, source: ByteSource, item: ImportPlan.Item)?
  private var finishedByteCount: UInt64 = 0

  init(_ plan: ImportPlan, fileSystem: any FileSystem, maxByteCount: Int) {
    items = plan.items
    self.fileSystem = fileSystem
    self.maxByteCount = maxByteCount
  }

  /// Bytes of the plan's files that have been read.
  var progress: UInt64 { finishedByteCount + (mbox?.source.progress ?? 0) }

  /// - Returns: the next mail or failure, or `nil` at the end. Never throws: one bad file does not end an import.
  mutating func next() -> Found? {
    while true {
      if let found = nextFromMbox() { return found }
      guard position < items.count else { return nil }
      let item = items[position]
      position += 1
      do {
        if let found = try open(item) { return found }
      } catch {
        finishedByteCount += item.byteCount
        return .failure("\(item.path): \(error)")
      }
    }
  }

  private mutating func open(_ item: ImportPlan.Item) throws -> Found? {
    if item.kind == .mbox {
      let source = try ByteSource(path: item.path, fileSystem: fileSystem)
      mbox = (MboxReader(source, maxByteCount: maxByteCount), source, item)
      return nil
    }
    guard item.byteCount <= UInt64(maxByteCount) else {
      throw ImportError("\(item.byteCount) bytes are over the limit of \(maxByteCount)")
    }
    let bytes = try fileSystem.readFile(item.path)
    if bytes.isEmpty { throw ImportError("an empty message") }
    finishedByteCount += item.byteCount
    let flags = item.kind == .maildirMessage ? Self.maildirFlags(item.path) : nil
    return .mail(
      ImportedMail(
        bytes: bytes, folder: item.folder, isRead: flags?.contains("S"), isStarred: flags?.contains("F"),
        isReplied: flags?.contains("R"), fallbackDate: Self.modificationTime(of: item.path)))
  }

  private mutating func nextFromMbox() -> Found? {
    guard var current = mbox else { return nil }
    do {
      guard let message = try current.reader.next() else {
        finishedByteCount += current.item.byteCount
        mbox = nil
        let isMbox = current.reader.hasSeparator || current.source.progress == 0
        return isMbox
          ? nil : .failure("\(current.item.path): not an mbox, it has no separator line (From ADDRESS DATE)")
      }
      mbox = current
      if message.bytes.isEmpty { return .failure("\(current.item.path): an empty message") }
      if message.isOversize {
        return .failure("\(current.item.path): a message is over the limit of \(maxByteCount) bytes")
      }
      return .mail(ImportedMail(bytes: message.bytes, folder: current.item.folder, fallbackDate: message.date))
    } catch {
      finishedByteCount += current.item.byteCount
      mbox = nil
      return .failure("\(current.item.path): \(error)")
    }
  }

  /// The letters after `:2,` in a Maildir file name.
  private static func maildirFlags(_ path: String) -> Substring {
    let name = (path as NSString).lastPathComponent
    guard let range = name.range(of: ":2,") else { return "" }
    return name[range.upperBound...].prefix { $0.isLetter }
  }

  private static func modificationTime(of path: String) -> Timestamp {
    let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    return Timestamp(rawValue: Int64((date ?? Date(timeIntervalSince1970: 0)).timeIntervalSince1970 * 1_000))
  }
}
