import Yams

/// A place in the configuration file that knows how it is called and where it stands, so that whatever is wrong there is told
/// with file, line and key.
struct ConfigurationNode {
  let key: String
  private let node: Node
  private let file: String
  private let line: Int?

  /// - Parameter mark: where the key stands, if there is one.
  init(_ node: Node, key: String, file: String, mark: Mark? = nil) {
    self.node = node
    self.key = key
    self.file = file
    line = (mark ?? node.mark)?.line
  }

  func error(_ message: String) -> ConfigurationError {
    let place = line.map { ": line \($0)" } ?? ""
    return ConfigurationError("\(file)\(place): \(key): \(message)")
  }

  /// Nothing stands there, which leaves the default.
  var isEmpty: Bool { node.tag == Tag(.null) }

  /// The values under keys that are ours.
  /// - Throws: for any other key, naming the nearest of ours.
  func section(_ known: [String]) throws -> [String: ConfigurationNode] {
    var section: [String: ConfigurationNode] = [:]
    for entry in try entries() {
      guard known.contains(entry.name) else {
        let near = nearest(to: entry.name, among: known) ?? ""
        throw entry.node.error("unknown key; did you mean '\(key).\(near)'?")
      }
      section[entry.name] = entry.node
    }
    return section
  }

  /// The values under keys that are the operator's, in the file's order.
  func entries(atMost limit: Int = .max) throws -> [(name: String, node: ConfigurationNode)] {
    if isEmpty { return [] }
    guard case .mapping(let mapping) = node else { throw error("expected keys with values") }
    guard mapping.count <= limit else { throw error("more than \(limit) keys") }
    return try mapping.map { name, value in
      guard case .scalar(let scalar) = name else { throw error("expected a name before the colon") }
      return (scalar.string, ConfigurationNode(value, key: "\(key).\(scalar.string)", file: file, mark: name.mark))
    }
  }

  /// Of a list each value; one that stands alone is a list too.
  func list(atMost limit: Int) throws -> [ConfigurationNode] {
    if isEmpty { return [] }
    switch node {
    case .sequence(let sequence):
      guard sequence.count <= limit else { throw error("more than \(limit) entries") }
      return sequence.map { ConfigurationNode($0, key: key, file: file) }
    case .scalar: return [self]
    case .mapping, .alias: throw error("expected a list")
    }
  }

  func text() throws -> String {
    guard case .scalar(let scalar) = node else { throw error("expected one value") }
    return scalar.string
  }

  /// - Parameter expected: what the error says.
  func value<Value>(_ expected: String, _ make: (String) throws -> Value?) throws -> Value {
    let text = try text()
    guard let value = try make(text) else { throw error("expected \(expected), found '\(text)'") }
    return value
  }

  func number(_ range: ClosedRange<Int>, _ expected: String) throws -> Int {
    try value(expected) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
  }
}
