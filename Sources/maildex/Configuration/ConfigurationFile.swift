import Filter
import Foundation
import Receipt
import Yams

/// `maildex.yaml`: nested mappings whose paths are setting keys (`http: { listen: … }` is `http.listen`), and the sections
/// `policy` and `filters`, which have lists and keys of their own.
struct ConfigurationFile {
  let path: String
  private(set) var values: [SettingKey: String] = [:]
  /// Of the section as it stands in the file, and the defaults where it does not.
  private(set) var policy = ReceiptPolicy()
  private(set) var filters = FilterConfiguration()

  /// Blocks.
  /// - Throws: `ConfigurationError` for a file that is missing or not YAML, an unknown key (naming the nearest known one)
  ///   or a value that is not what its key takes.
  init(reading path: String) throws {
    self.path = path
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError("\(path): no such file, or not readable")
    }
    if let node = try Self.compose(String(decoding: data, as: UTF8.self), path) { try flatten(node, under: "") }
  }

  private static func compose(_ text: String, _ path: String) throws -> Node? {
    do {
      return try Yams.compose(yaml: text)
    } catch YamlError.parser(_, let problem, let mark, _), YamlError.scanner(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _)
    {
      // One line; the error's own description draws the place over several, as it does that of the next.
      throw ConfigurationError("\(path): not YAML: line \(mark.line), column \(mark.column): \(problem)")
    } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
      throw ConfigurationError("\(path): line \(context.mark.line): the key '\(keys.first ?? "")' stands there twice")
    } catch {
      throw ConfigurationError("\(path): not YAML: \(error)")
    }
  }

  private mutating func flatten(_ node: Node, under prefix: String) throws {
    if prefix == "policy" {
      policy = try PolicySection(ConfigurationNode(node, key: prefix, file: path)).policy
      return
    }
    if prefix == "filters" {
      filters = try FilterSection(ConfigurationNode(node, key: prefix, file: path)).configuration
      return
    }
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        try flatten(value, under: prefix + (prefix.isEmpty ? "" : ".") + (key.string ?? "?"))
      }
    case .scalar(let scalar):
      // Nothing, as where every key of a section is commented out: the defaults.
      if node.tag == Tag(.null) || (prefix.isEmpty && scalar.string.isEmpty) { return }
      guard let key = SettingKey(rawValue: prefix) else {
        let known = nearest(to: prefix, among: SettingKey.allCases.map(\.rawValue) + ["policy", "filters"]) ?? ""
        throw ConfigurationError("\(path): unknown key '\(prefix)'; did you mean '\(known)'?")
      }
      values[key] = scalar.string
    case .sequence, .alias:
      throw ConfigurationError("\(path): '\(prefix)' takes one value")
    }
  }
}
