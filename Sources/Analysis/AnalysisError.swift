/// Why an analyzer definition cannot be used. The operator mends the definition.
package struct AnalysisError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The file is not YAML, or not of the shape of a definition.
    case malformed
    /// A step, or a key of a step, that this version does not know.
    case unknown
    /// A known key with a value that cannot work.
    case invalidValue
  }

  package var code: Code
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
