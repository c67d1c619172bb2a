private import Yams

/// One mapping of a definition file with the path that leads to it, so that an error says where.
struct DefinitionNode {
  private let mapping: [String: Any]
  private let path: String

  private init(_ mapping: [String: Any], path: String) {
    self.mapping = mapping
    self.path = path
  }

  init(yaml: [UInt8], name: String) throws(AnalysisError) {
    let loaded: Any?
    do {
      loaded = try Yams.load(yaml: String(decoding: yaml, as: UTF8.self))
    } catch {
      throw AnalysisError(.malformed, "analyzer \(name): \(error)")
    }
    guard let mapping = loaded as? [String: Any] else {
      throw AnalysisError(.malformed, "analyzer \(name): the file must be a mapping with id, version and tokenizer")
    }
    self.init(mapping, path: "analyzer \(name)")
  }

  func error(_ code: AnalysisError.Code, _ message: String) -> AnalysisError {
    AnalysisError(code, "\(path): \(message)")
  }

  func allowKeys(_ known: [String]) throws(AnalysisError) {
    for key in mapping.keys.sorted() where !known.contains(key) {
      throw error(.unknown, "unknown key \(key), known are \(known.joined(separator: ", "))")
    }
  }

  @discardableResult
  func expectType(among known: [String]) throws(AnalysisError) -> String {
    let type = try string("type")
    guard known.contains(type) else {
      throw error(.unknown, "unknown type \(type), known are \(known.joined(separator: ", "))")
    }
    return type
  }

  func string(_ key: String) throws(AnalysisError) -> String {
    guard let value = mapping[key] as? String, !value.isEmpty else {
      throw error(.malformed, "\(key) must be a text")
    }
    return value
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws(AnalysisError) -> Int {
    guard let value = mapping[key] as? Int, range.contains(value) else {
      throw error(.invalidValue, "\(key) must be a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  func flag(_ key: String, default fallback: Bool) throws(AnalysisError) -> Bool {
    guard let value = mapping[key] else { return fallback }
    guard let flag = value as? Bool else { throw error(.invalidValue, "\(key) must be true or false") }
    return flag
  }

  func child(_ key: String) throws(AnalysisError) -> DefinitionNode {
    guard let child = mapping[key] as? [String: Any] else { throw error(.malformed, "\(key) must be a mapping") }
    return DefinitionNode(child, path: "\(path), \(key)")
  }

  /// The mappings of a list; an absent key is an empty list.
  func children(_ key: String) throws(AnalysisError) -> [DefinitionNode] {
    guard let value = mapping[key] else { return [] }
    guard let list = value as? [Any] else { throw error(.malformed, "\(key) must be a list") }
    var children: [DefinitionNode] = []
    for (index, element) in list.enumerated() {
      guard let mapping = element as? [String: Any] else {
        throw error(.malformed, "\(key) \(index + 1) must be a mapping with a type")
      }
      children.append(DefinitionNode(mapping, path: "\(path), \(key) \(index + 1)"))
    }
    return children
  }
}
