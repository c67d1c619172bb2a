import Analysis
import Index

/// A word of a query that counts for relevance: what it is in which fields. One that was typed once counts once, though in
/// subject and text it may stand for its forms, and in names for itself.
struct RelevanceTerm {
  /// A form of it, in the fields in which it is looked for.
  struct Form {
    /// Without its place in a phrase and without accents: how a word with and one without them are told apart is the search's
    /// matter, not the order's.
    let word: PhraseElement
    fileprivate(set) var fields: RecordFields

    /// Whether it counts how often the word stands in a field. Of beginnings, parts and fuzzy words it counts whether it
    /// does, as Lucene's queries of many terms do: what matches there by chance matches often.
    var countsOccurrences: Bool {
      switch word.shape {
      case .whole, .stem: true
      case .beginning, .part, .near, .initials: false
      }
    }
  }

  fileprivate(set) var forms: [Form] = []

  /// Words of a query beyond so many say nothing more of how relevant a mail is.
  static let limit = 64

  /// The words of all leaves that a hit may match, each once.
  static func all(in root: BoundNode, _ cache: RecordCache) -> [RelevanceTerm] {
    var terms: [RelevanceTerm] = []
    var numbers: [[UInt8]: Int] = [:]
    for leaf in root.leavesToMatch {
      for (key, form) in forms(of: cache.fieldsByPattern(leaf)) {
        if let known = numbers[key] {
          terms[known].add(form)
        } else if terms.count < limit {
          numbers[key] = terms.count
          terms.append(RelevanceTerm(forms: [form]))
        }
      }
    }
    return terms
  }

  private mutating func add(_ form: Form) {
    if let known = forms.firstIndex(where: { $0.word == form.word }) {
      forms[known].fields.formUnion(form.fields)
    } else {
      forms.append(form)
    }
  }

  /// Each with what it is a form of. Where one word says it all, its parts do not count besides.
  private static func forms(
    of patterns: [(pattern: TextPattern, fields: RecordFields)]
  ) -> [(key: [UInt8], form: Form)] {
    let phrases = patterns.flatMap { pattern, fields in pattern.allPhrases.map { (phrase: $0, fields: fields) } }
    let whole = phrases.filter { $0.phrase.count == 1 }
    // Of a word alone every form is one of the same; of several each is its own.
    let key = whole.first.map { $0.phrase[0].folded ?? $0.phrase[0].term }
    let hasNeighbour = patterns.contains { $0.pattern.neighbour != nil }
    return (whole.isEmpty || hasNeighbour ? phrases : whole).flatMap { phrase, fields in
      phrase.map { element in
        let term = element.folded ?? element.term
        let form = Form(word: PhraseElement(term: term, shape: element.shape), fields: fields)
        return (hasNeighbour ? term : key ?? term, form)
      }
    }
  }
}

extension BoundNode {
  /// The leaves by number in the record cache, those of negated clauses left out.
  fileprivate var leavesToMatch: [Int] {
    switch self {
    case .text(let leaf): [leaf]
    case .and(let nodes), .or(let nodes): nodes.flatMap(\.leavesToMatch)
    case .documents, .messageID, .column, .header, .not: []
    }
  }
}
