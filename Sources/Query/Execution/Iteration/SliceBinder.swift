import Analysis
import Bytes
import Index

/// Makes the iterators of a query over one slice: from postings where the documents are in a segment, from the filters of
/// blocks where they are pending.
struct SliceBinder {
  let slice: Slice
  let scope: SearchScope

  func iterator(_ node: BoundNode) throws -> DocumentIterator {
    switch node {
    case .documents(let documents): return setIterator(documents)
    case .text(let leaf): return try textIterator(leaf)
    case .messageID(let id): return try messageIDIterator(id)
    case .column(let filter): return try columnIterator(filter)
    case .header(let header):
      // No index has them: the mails' own headers are read, of all that the rest of the query lets through.
      return VerifiedIterator(AllIterator(count: slice.docIDs.count), in: slice.docIDs) { [scope] in
        try scope.cache.matches(header, $0)
      }
    case .and(let nodes): return try conjunction(nodes)
    case .or(let nodes): return UnionIterator(try nodes.map(iterator))
    case .not: return try conjunction([node])
    }
  }

  // MARK: Logic

  private func conjunction(_ nodes: [BoundNode]) throws -> DocumentIterator {
    var iterators: [DocumentIterator] = []
    var required: [DocIDBitmap] = []
    var (excluded, exceptions): ([DocIDBitmap], [DocumentIterator]) = ([], [])
    for node in nodes {
      switch node {
      case .documents(let documents): required.append(documents)
      case .not(.documents(let documents)): excluded.append(documents)
      case .not(let inner): exceptions.append(try iterator(inner))
      default: iterators.append(try iterator(node))
      }
    }
    if let driver = driver(among: required, for: iterators) { iterators.append(driver) }
    if iterators.isEmpty { iterators.append(AllIterator(count: slice.docIDs.count)) }
    var whole = try iterators.count == 1 ? iterators[0] : IntersectionIterator(iterators, scope.deadline)
    excluded.removeAll(where: \.isEmpty)
    if !required.isEmpty || !excluded.isEmpty {
      whole = FilterIterator(whole, in: slice.docIDs, required: required, excluded: excluded)
    }
    for exception in exceptions { whole = ExclusionIterator(whole, except: exception) }
    return whole
  }

  /// The smallest filter, where going through it is cheaper than asking it about all that the iterators stop at.
  private func driver(among filters: [DocIDBitmap], for iterators: [DocumentIterator]) -> DocumentIterator? {
    let least = filters.min { $0.count < $1.count }
    guard let least, least.count * 8 < iterators.map(\.cost).min() ?? .max else { return nil }
    return setIterator(least)
  }

  private func setIterator(_ documents: DocIDBitmap) -> DocumentIterator {
    if documents.count * 8 < slice.docIDs.count { return ListIterator(slice.ordinals(of: documents, scope.dates)) }
    return SetIterator(documents, in: slice.docIDs)
  }

  // MARK: Text

  private func textIterator(_ leaf: Int) throws -> DocumentIterator {
    let patterns = scope.cache.fieldsByPattern(leaf)
    // One word in one set of fields: nearly always.
    if patterns.count == 1, patterns[0].pattern.phrases.count == 1, patterns[0].pattern.neighbour == nil {
      try scope.deadline.check()
      return try phraseIterator(patterns[0].pattern.phrases[0], patterns[0].fields, of: leaf)
    }
    var all: [DocumentIterator] = []
    for (pattern, fields) in patterns {
      let own = try phraseIterators(pattern.phrases, fields, of: leaf)
      guard let neighbour = pattern.neighbour else {
        all += own
        continue
      }
      // How near they stand is seen in the record.
      let others = try phraseIterators(neighbour.phrases, fields, of: leaf)
      all.append(verified(try IntersectionIterator([union(own), union(others)], scope.deadline), leaf))
    }
    return union(all)
  }

  private func union(_ iterators: [DocumentIterator]) -> DocumentIterator {
    iterators.count == 1 ? iterators[0] : UnionIterator(iterators)
  }

  private func phraseIterators(
    _ phrases: [[PhraseElement]], _ fields: RecordFields, of leaf: Int
  ) throws -> [DocumentIterator] {
    try phrases.map { phrase in
      try scope.deadline.check()
      return try phraseIterator(phrase, fields, of: leaf)
    }
  }

  private func phraseIterator(
    _ phrase: [PhraseElement], _ fields: RecordFields, of leaf: Int
  ) throws -> DocumentIterator {
    guard let part = slice.part else {
      let candidates = phrase.count == 1 ? candidates(phrase[0]) : candidates(phrase.compactMap(\.requiredTerm))
      return verified(named(candidates, TextPattern([phrase])), leaf)
    }
    if phrase.count > 1 { return try sequenceIterator(phrase, fields, of: leaf, part) }
    let word = named(try wordIterator(phrase[0], fields, part), phrase[0])
    // A word with accents is found by its folded form, and what it agrees with is to be seen in the record alone.
    return phrase[0].folded == nil ? word : verified(word, leaf)
  }

  /// Of two words or more in their places.
  private func sequenceIterator(
    _ phrase: [PhraseElement], _ fields: RecordFields, of leaf: Int, _ part: SegmentPart
  ) throws -> DocumentIterator {
    var words: [DocumentIterator] = []
    var numbers: [PhraseElement: Int] = [:]
    var places: [PhraseIterator.Place] = []
    var havePositions = true
    for element in phrase {
      // A word that stands in the phrase again is not walked again.
      var word = element
      word.position = 0
      if numbers[word] == nil {
        let (iterator, hasPositions) = try positionedIterator(word, fields, part)
        _ = named(iterator, word)
        if iterator.ordinal == DocumentIterator.end { return EmptyIterator() }
        havePositions = havePositions && hasPositions
        numbers[word] = words.count
        words.append(iterator)
      }
      places.append(PhraseIterator.Place(word: numbers[word] ?? 0, distance: UInt32(element.position)))
    }
    guard havePositions else { return verified(try IntersectionIterator(words, scope.deadline), leaf) }
    let found = try PhraseIterator(words, at: places, in: fields, part, scope.deadline) { [slice, scope] in
      try scope.cache.matches(leaf, DocID(rawValue: slice.docIDs[Int($0)]))
    }
    // With accents see above. A phrase as long as what lies between two values of a field may seem to stand in both.
    let isCertain = phrase.allSatisfy { $0.folded == nil && $0.position < SegmentPart.valueGap }
    return isCertain ? found : verified(found, leaf)
  }

  private func verified(_ candidates: DocumentIterator, _ leaf: Int) -> DocumentIterator {
    VerifiedIterator(candidates, in: slice.docIDs) { [scope] in try scope.cache.matches(leaf, $0) }
  }

  private func wordIterator(
    _ element: PhraseElement, _ fields: RecordFields, _ part: SegmentPart
  ) throws -> DocumentIterator {
    let term = element.folded ?? element.term
    switch element.shape {
    case .whole: return try termIterator(part.entry(of: term), fields, part)
    case .part, .near, .stem, .initials:
      var words = WordGatherer(part, fields, scope)
      try scan(element, part, into: &words)
      return words.iterator()
    case .beginning:
      var words = WordGatherer(part, fields, scope)
      for prefix in Set([term, element.term]) { try gather(prefix, part, into: &words) }
      return words.iterator()
    }
  }

  /// Of a word that counts for relevance.
  /// - Returns: an iterator that stops at all documents that hold it, and tells how often, if that is to count.
  func occurrenceIterator(
    _ form: RelevanceTerm.Form, _ part: SegmentPart
  ) throws -> (DocumentIterator, hasOccurrences: Bool) {
    if form.countsOccurrences {
      let (iterator, hasPositions) = try positionedIterator(form.word, form.fields, part)
      return (iterator, hasPositions)
    }
    return (try wordIterator(form.word, form.fields, part), false)
  }

  /// - Returns: an iterator with positions; without, where so many words begin so that keeping each would take too much memory.
  private func positionedIterator(
    _ element: PhraseElement, _ fields: RecordFields, _ part: SegmentPart
  ) throws -> (DocumentIterator, hasPositions: Bool) {
    if element.shape == .whole { return (try wordIterator(element, fields, part), true) }
    var words = WordGatherer(part, fields, scope, positionedLimit: 1_024)
    if element.shape == .beginning {
      for prefix in Set([element.folded ?? element.term, element.term]) { try gather(prefix, part, into: &words) }
    } else {
      try scan(element, part, into: &words)
    }
    return (words.iterator(), words.havePositions)
  }

  private func gather(_ prefix: [UInt8], _ part: SegmentPart, into words: inout WordGatherer) throws {
    var count = 0
    try part.forEachEntry(beginningWith: prefix) { _, entry in
      count += 1
      if count % 1_024 == 0 { try scope.deadline.check() }
      try words.add(entry)
      return true
    }
  }

  private func termIterator(
    _ entry: TermEntry?, _ fields: RecordFields, _ part: SegmentPart
  ) throws -> DocumentIterator {
    guard let entry else { return EmptyIterator() }
    return try TermIterator(part, entry, in: fields)
  }

  /// Looks at the words of the part that may match.
  private func scan(_ element: PhraseElement, _ part: SegmentPart, into words: inout WordGatherer) throws {
    let matcher = TermMatcher(element.term, element.shape)
    try part.forEachEntry(matching: matcher, onBlock: { try scope.deadline.check() }) { try words.add($0) }
  }

  private func messageIDIterator(_ id: String) throws -> DocumentIterator {
    if let part = slice.part {
      guard let entry = try part.entry(ofMessageID: id) else { return EmptyIterator() }
      return try TermIterator(part, ofMessageID: entry)
    }
    let base = SetIterator(candidates([EncodedRecord.messageIDHash(id)]), in: slice.docIDs)
    return VerifiedIterator(base, in: slice.docIDs) { [scope] in try scope.cache.record($0).hasMessageID(id) }
  }

  /// Of the documents in no segment, those that may hold a word.
  private func candidates(_ element: PhraseElement) -> DocumentIterator {
    switch element.shape {
    case .beginning, .stem: break
    case .whole, .part, .near, .initials: return candidates([element].compactMap(\.requiredTerm))
    }
    let beginnings = element.possibleBeginnings
    let documents = scope.text.pending.candidates(beginningWith: beginnings).union(scope.text.missing)
    return SetIterator(documents, in: slice.docIDs)
  }

  private func candidates(_ terms: [[UInt8]]) -> DocumentIterator {
    SetIterator(candidates(terms.map { termHash($0) }), in: slice.docIDs)
  }

  /// Of the documents in no segment, those that may hold all of the terms.
  private func candidates(_ hashes: [UInt32]) -> DocIDBitmap {
    hashes.reduce(scope.text.pending.documents) { $0.intersection(scope.text.pending.candidates(for: $1)) }.union(
      scope.text.missing)
  }
}
