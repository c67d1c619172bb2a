import Foundation

/// The checkout that these tests were built from: its files, by path from the top.
enum Checkout {
  static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    // Lenient: fixtures may hold bytes that are no UTF-8.
    String(decoding: try Data(contentsOf: root.appendingPathComponent(path)), as: UTF8.self)
  }

  /// The files below `folder` whose names end in one of `extensions`, or all, sorted; what was built is left out.
  static func files(in folder: String, extensions: Set<String>?) throws -> [String] {
    let base = root.appendingPathComponent(folder).path
    guard let walk = FileManager.default.enumerator(atPath: base) else { return [] }
    var found: [String] = []
    for case let path as String in walk {
      if path.split(separator: "/").contains(where: { [".build", ".venv", "__pycache__"].contains($0) }) { continue }
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: base + "/" + path, isDirectory: &isDirectory), !isDirectory.boolValue
      else { continue }
      if extensions?.contains((path as NSString).pathExtension) ?? true { found.append("\(folder)/\(path)") }
    }
    return found.sorted()
  }

  static func swiftSources() throws -> [SwiftFile] {
    try files(in: "Sources", extensions: ["swift"]).map { SwiftFile(path: $0, text: try text($0)) }
  }
}

/// A source file as far as the rules of the house look at it.
struct SwiftFile {
  let path: String
  let text: String

  /// The folder below `Sources`, which is the target.
  var room: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
  var lineCount: Int { text.split(separator: "\n", omittingEmptySubsequences: false).count - 1 }

  /// The modules it imports; of `import struct Foundation.Date`, the module.
  var imports: [String] {
    let line = /^(?:@?\w+ +)*import +(?:(?:struct|class|enum|protocol|func|var|let|typealias) +)?(\w+)/
    return text.matches(of: line.anchorsMatchLineEndings()).map { String($0.1) }
  }
}
