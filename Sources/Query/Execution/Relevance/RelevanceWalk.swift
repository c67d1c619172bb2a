import Index

/// Walks the documents of a part of a segment that hold a word in any of its forms, and tells how much it weighs in each.
struct RelevanceWalk {
  private struct Form {
    let iterator: DocumentIterator
    let fields: RecordFields
    let countsOccurrences: Bool
  }

  private let forms: [Form]
  private(set) var ordinal = DocumentIterator.end

  /// - Parameter scope: of its own: the iterators that one word takes are none of another's.
  init(_ term: RelevanceTerm, _ slice: Slice, _ part: SegmentPart, _ scope: SearchScope) throws {
    let binder = SliceBinder(slice: slice, scope: scope)
    forms = try term.forms.map { form in
      let (iterator, hasOccurrences) = try binder.occurrenceIterator(form, part)
      return Form(iterator: iterator, fields: form.fields, countsOccurrences: hasOccurrences)
    }
    findLeast()
  }

  private mutating func findLeast() {
    ordinal = DocumentIterator.end
    for form in forms { ordinal = min(ordinal, form.iterator.ordinal) }
  }

  mutating func next() throws {
    for form in forms where form.iterator.ordinal == ordinal { try form.iterator.advance(to: ordinal + 1) }
    findLeast()
  }

  func weight() throws -> Float {
    var weight: Float = 0
    for form in forms where form.iterator.ordinal == ordinal {
      guard form.countsOccurrences else {
        weight += 1
        continue
      }
      var rest = try form.iterator.fieldsHere().intersection(form.fields)
      while let field = rest.popFirst() {
        weight += RelevanceFormula.weight(of: field, occurrences: try form.iterator.occurrenceCount(in: field))
      }
    }
    return weight
  }
}
