import Configuration
import Foundation
import Yams

/// `maildex.yaml`: nested mappings whose paths are setting keys (`http: { listen: … }` is `http.listen`).
enum ConfigurationFile {
  /// - Throws: `ConfigurationError` for a file that is missing or not YAML, an unknown key (naming the nearest known one)
  ///   or a value that is not a scalar.
  static func read(_ path: String) throws -> [SettingKey: String] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ConfigurationError("\(path): no such file, or not readable")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
    } catch YamlError.parser(_, let problem, let mark, _), YamlError.scanner(_, let problem, let mark, _) {
      // One line; the error's own description draws the place over several.
      throw ConfigurationError("\(path): not YAML: line \(mark.line), column \(mark.column): \(problem)")
    } catch {
      throw ConfigurationError("\(path): not YAML: \(error)")
    }
    var values: [SettingKey: String] = [:]
    if let node { try flatten(node, under: "", file: path, into: &values) }
    return values
  }

  private static func flatten(
    _ node: Node, under prefix: String, file: String, into values: inout [SettingKey: String]
  ) throws {
    switch node {
    case .mapping(let mapping):
      for (key, value) in mapping {
        try flatten(value, under: prefix + (prefix.isEmpty ? "" : ".") + (key.string ?? "?"), file: file, into: &values)
      }
    case .scalar(let scalar):
      // Nothing, as where every key of a section is commented out: the defaults.
      if node.tag == Tag(.null) || (prefix.isEmpty && scalar.string.isEmpty) { return }
      guard let key = SettingKey(rawValue: prefix) else {
        let known = nearest(to: prefix, among: SettingKey.allCases.map(\.rawValue)) ?? ""
        throw ConfigurationError("\(file): unknown key '\(prefix)'; did you mean '\(known)'?")
      }
      values[key] = scalar.string
    case .sequence, .alias:
      throw ConfigurationError("\(file): '\(prefix)' takes one value")
    }
  }
}
