/// The defects found so far, each once.
struct DefectSet: Sendable {
  private var found: Set<MailDefect> = []

  init() {}

  mutating func note(_ defect: MailDefect) { found.insert(defect) }

  mutating func note(_ other: DefectSet) { found.formUnion(other.found) }

  /// Of what is wrong with a mail inside a mail, the outer one shares only that not all of it was read.
  mutating func noteLimits(of nested: DefectSet) { found.formUnion(nested.found.intersection(MailDefect.limits)) }

  /// In the order of the declaration, so that equal mails give equal lists.
  var ordered: [MailDefect] { found.isEmpty ? [] : MailDefect.allCases.filter(found.contains) }
}
