import Query

/// What of a hit must be marked: a line of `Fixtures/Golden/highlights.tsv`.
struct GoldenHighlight: Sendable {
  enum Field: String { case subject, from, body }

  let id: String
  let query: String
  /// The name of the mail.
  let mail: String
  let field: Field
  /// Some of the text that is shown, each match between « and ».
  let marked: String
  /// What it shows.
  let reason: String
  /// Why it is known not to be marked so; `nil` for nearly all.
  let known: String?

  init(_ line: Substring) throws {
    let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map { GoldenText.unescape(String($0)) }
    guard columns.count == 7, let field = Field(rawValue: columns[3]) else {
      throw GoldenText.Malformed(description: "no line of highlights: \(line)")
    }
    id = columns[0]
    query = columns[1]
    mail = columns[2]
    self.field = field
    marked = columns[4]
    reason = columns[5]
    known = columns[6].isEmpty ? nil : columns[6]
  }

  /// The field that this is about, as `marked` has it.
  func text(of highlights: Highlights) -> String {
    let runs =
      switch field {
      case .subject: highlights.subject
      case .from: highlights.from
      case .body: highlights.body
      }
    return runs.map { $0.isMatch ? "«\($0.text)»" : $0.text }.joined()
  }
}
