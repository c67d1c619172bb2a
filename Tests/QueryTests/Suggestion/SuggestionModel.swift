import Bytes
import Index
import Query

/// The slow and obvious suggestions of people, folders and subjects: looks at every mail, at every person of it and at every
/// beginning of a word.
struct SuggestionModel {
  private static let day: Double = 86_400_000

  let search: SearchModel
  let context: SearchContext
  let mails: [DocID: SearchModel.Mail]

  /// - Parameter typed: without quotes and backslashes.
  func people(_ typed: String, limit: Int) -> [Suggestion] {
    if typed.isEmpty { return [] }
    var uses: [String: [DocID]] = [:]
    for (docID, mail) in mails where !isHidden(mail) {
      let record = mail.record
      let words = [Array(record.senderAddress.utf8), record.senderSortKey]
      if words.contains(where: { begins($0, typed) }) { uses[record.senderAddress, default: []].append(docID) }
    }
    for docID in newest(48, .to, typed) {
      let record = mails[docID]!.record
      let addresses = (record.to + record.cc + record.bcc).filter { person in
        begins(Array(address(person).utf8), typed) || begins(Array((person.name ?? "").lowercased().utf8), typed)
      }.map(address)
      for address in Set(addresses) { uses[address, default: []].append(docID) }
    }
    uses[""] = nil
    return uses.keys.sorted { left, right in
      let (l, r) = (score(uses[left]!), score(uses[right]!))
      return l == r ? Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8)) : l > r
    }.prefix(limit).map { Suggestion(.person, $0, query: "", name: name(of: $0, in: uses[$0]!)) }
  }

  func folders(_ typed: String, limit: Int, named: Bool) -> [Suggestion] {
    let names = (named ? [] : ["anywhere"]) + context.folders.map(\.name)
    return names.filter { name in
      ([Substring(name)] + name.split(separator: "/")).contains { $0.lowercased().hasPrefix(typed.lowercased()) }
    }.prefix(limit).map { Suggestion(.folder, $0, query: "") }
  }

  func subjects(_ typed: String, limit: Int) -> [Suggestion] {
    if typed.unicodeScalars.count < 2 { return [] }
    var subjects: [String] = []
    for docID in newest(20, .subject, typed) {
      let subject = mails[docID]!.record.subject.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if !subject.isEmpty, !subjects.contains(subject) { subjects.append(subject) }
    }
    return subjects.prefix(limit).map { Suggestion(.subject, $0, query: "") }
  }

  private func newest(_ count: Int, _ field: QueryField, _ typed: String) -> [DocID] {
    Array(search.search(.text(field: field, TextQuery(.prefix, typed)), mails, .newestFirst).prefix(count))
  }

  private func isHidden(_ mail: SearchModel.Mail) -> Bool {
    context.folders.contains { $0.id == mail.attributes.folder && ["spam", "trash"].contains($0.role) }
  }

  private func key(_ docID: DocID) -> (Timestamp, DocID) { (mails[docID]!.attributes.receivedAt, docID) }

  private func score(_ uses: [DocID]) -> Double {
    let newest = uses.map { mails[$0]!.attributes.receivedAt.rawValue }.max()!
    return Double(uses.count) / (1 + Double(max(0, context.now.rawValue - newest)) / (180 * Self.day))
  }

  /// As the newest of the mails has it.
  private func name(of wanted: String, in uses: [DocID]) -> String? {
    let record = mails[uses.max { key($0) < key($1) }!]!.record
    return (record.from + record.to + record.cc + record.bcc).first {
      address($0) == wanted && !($0.name ?? "").isEmpty
    }?.name
  }

  private func address(_ person: ExtractedTextRecord.Address) -> String {
    ExtractedTextRecord.senderAddress(person.address)
  }

  private func begins(_ text: [UInt8], _ typed: String) -> Bool {
    text.indices.contains { start in
      let isWordStart = start == 0 || !isLetter(text[start - 1])
      return isWordStart && text[start...].starts(with: typed.lowercased().utf8)
    }
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    byte >= 0x80 || ("a"..."z").contains(Character(UnicodeScalar(byte)))
      || ("0"..."9").contains(Character(UnicodeScalar(byte)))
  }
}
