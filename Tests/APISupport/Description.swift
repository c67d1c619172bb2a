import Foundation
package import HTTPAPI
package import HTTPTypes
import Testing
import Yams

/// The served description, and whether an answer is what it says.
package struct Description: Sendable {
  package let root: JSONValue

  package static let shared = Description()

  private init() {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/HTTPAPI/openapi.yaml").standardized
    let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    root = (try? Yams.compose(yaml: text)).flatMap { $0 }.map { JSONValue($0) } ?? .null
  }

  package struct Operation: Hashable {
    package let method: String
    package let path: String

    package init(method: String, path: String) {
      self.method = method
      self.path = path
    }
  }

  package var operations: [Operation: JSONValue] {
    var operations: [Operation: JSONValue] = [:]
    for path in (root["paths"] ?? .null).members {
      for method in path.value.members where method.name != "parameters" {
        operations[Operation(method: method.name.uppercased(), path: path.name)] = method.value
      }
    }
    return operations
  }

  /// Follows a `$ref` within the description.
  package func resolve(_ value: JSONValue) -> JSONValue {
    guard case .string(let reference)? = value["$ref"] else { return value }
    var target = root
    for name in reference.drop(while: { $0 == "#" || $0 == "/" }).split(separator: "/") {
      target = target[String(name)] ?? .null
    }
    return resolve(target)
  }

  /// Records an issue when the answer has a status or a shape that its operation does not have.
  package func check(_ answer: Answer, to method: HTTPRequest.Method, _ uri: String) {
    let path = uri.prefix { $0 != "?" }.split(separator: "/")
    let matching = operations.filter { operation, _ in
      let template = operation.path.split(separator: "/")
      return operation.method == method.rawValue && template.count == path.count
        && zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
    // A path that is written out goes before one with parameters. 403 and 405 are the server's, not an operation's.
    guard
      let operation = matching.min(by: { $0.key.path.count { $0 == "{" } < $1.key.path.count { $0 == "{" } })?.value,
      ![403, 405].contains(answer.status)
    else { return }
    guard let response = operation["responses"]?[String(answer.status)].map({ resolve($0) }) else {
      Issue.record("\(method) \(uri) answered \(answer.status), which is not described: \(answer.text)")
      return
    }
    let contentType = answer.headers[.contentType] ?? ""
    guard let schema = response["content"]?[contentType]?["schema"], contentType.contains("json") else { return }
    for error in errors(of: answer.json, schema: schema, at: "$") {
      Issue.record("\(method) \(uri) \(answer.status): \(error)")
    }
  }

  /// What is wrong with a value by a schema of the kinds that the description uses.
  package func errors(of value: JSONValue, schema: JSONValue, at place: String) -> [String] {
    let schema = resolve(schema)
    var errors: [String] = []
    for part in (schema["allOf"] ?? .null).elements { errors += self.errors(of: value, schema: part, at: place) }
    if let alternatives = schema["oneOf"]?.elements {
      let matching = alternatives.filter { self.errors(of: value, schema: $0, at: place).isEmpty }
      if matching.count != 1 { errors.append("\(place) fits \(matching.count) alternatives, not one") }
    }
    if let type = schema["type"] {
      let allowed = type.elements.isEmpty ? [type] : type.elements
      let names = value.schemaTypes
      if !allowed.contains(where: { names.contains($0) }) { errors.append("\(place) is \(value.kind), not \(type)") }
    }
    if let choices = schema["enum"]?.elements, !choices.contains(value) { errors.append("\(place) is no choice") }
    if case .array(let elements) = value, let items = schema["items"] {
      for (index, element) in elements.enumerated() {
        errors += self.errors(of: element, schema: items, at: "\(place)[\(index)]")
      }
    }
    guard case .object(let members) = value else { return errors }
    for case .string(let name) in (schema["required"] ?? .null).elements where value[name] == nil {
      errors.append("\(place) lacks \(name)")
    }
    for member in members {
      if let property = schema["properties"]?[member.name] {
        errors += self.errors(of: member.value, schema: property, at: "\(place).\(member.name)")
      } else if schema["additionalProperties"] == .bool(false) {
        errors.append("\(place) has \(member.name), which is not described")
      }
    }
    return errors
  }
}

extension JSONValue {
  package var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  package var elements: [JSONValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  fileprivate var schemaTypes: [JSONValue] {
    switch self {
    case .null: ["null"]
    case .bool: ["boolean"]
    case .integer: ["integer", "number"]
    case .number: ["number"]
    case .string: ["string"]
    case .array: ["array"]
    case .object: ["object"]
    }
  }

  /// YAML as JSON, with the scalars that the description uses.
  init(_ node: Node) {
    switch node {
    case .mapping(let mapping):
      self = .object(mapping.map { Member($0.key.string ?? "", JSONValue($0.value)) })
    case .sequence(let sequence): self = .array(sequence.map { JSONValue($0) })
    case .scalar(let scalar) where scalar.style != .plain: self = .string(scalar.string)
    case .scalar(let scalar):
      switch scalar.string {
      case "null", "": self = .null
      case "true": self = true
      case "false": self = false
      default: self = Int64(scalar.string).map { .integer($0) } ?? .string(scalar.string)
      }
    case .alias: self = .null
    }
  }
}
