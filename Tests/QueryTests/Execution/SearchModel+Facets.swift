import Bytes
import Index
import Query

extension SearchModel {
  /// All values of all facets, counted mail by mail.
  func facets(_ query: QueryNode, _ mails: [DocID: Mail]) -> [FacetName: [FacetValue]] {
    let hits = search(query, mails, .newestFirst).compactMap { mails[$0] }
    return Dictionary(
      uniqueKeysWithValues: FacetName.allCases.map { facet in
        var counts: [FacetKey: FacetValue] = [:]
        for mail in hits {
          for (key, value) in values(of: facet, mail) { counts[key, default: value].count += 1 }
        }
        let all = counts.values.map { value in
          var value = value
          // Of labels that differ in case only, whichever comes first among all of the mailbox.
          if facet == .label { value.value = firstLabel(value.value, mails) }
          return value
        }
        return (
          facet,
          all.sorted {
            $0.count == $1.count ? $0.value.utf8.lexicographicallyPrecedes($1.value.utf8) : $0.count > $1.count
          }
        )
      })
  }

  private struct FacetKey: Hashable { var text: String }

  /// Hits come newest first, so that what the first one calls its value stays.
  private func values(of facet: FacetName, _ mail: Mail) -> [(FacetKey, FacetValue)] {
    func one(_ key: String, _ value: String? = nil, name: String? = nil) -> (FacetKey, FacetValue) {
      (FacetKey(text: key), FacetValue(value: value ?? key, name: name, count: 0))
    }
    switch facet {
    case .from:
      guard let sender = mail.record.from.first else { return [] }
      return [one(sender.address.lowercased(), name: sender.name == "" ? nil : sender.name)]
    case .folder:
      return context.folders.filter { $0.id == mail.attributes.folder }.map { one($0.publicID, name: $0.name) }
    case .month:
      return (0..<12).compactMap { month in
        let period = CalendarPeriod(year: 1970, month: month + 1)!
        let isIn = period.days.contains(Int(mail.attributes.receivedAt.rawValue / 86_400_000))
        return isIn ? one("\(period)") : nil
      }
    case .label: return Set(mail.attributes.labels.map { $0.lowercased() }).map { one($0) }
    case .type:
      return FileKind.allCases.filter { mail.record.kinds.contains(FileKinds($0)) }.map { one($0.name) }
    case .size:
      let borders: [(String, UInt64)] = [
        ("0-10K", 10 << 10), ("10K-100K", 100 << 10), ("100K-1M", 1 << 20), ("1M-10M", 10 << 20), ("10M-", .max),
      ]
      return [one(borders.first { mail.attributes.size <= $0.1 }!.0)]
    }
  }

  private func firstLabel(_ folded: String, _ mails: [DocID: Mail]) -> String {
    mails.values.flatMap(\.attributes.labels).filter { $0.lowercased() == folded }.min()!
  }
}

extension FacetName {
  /// The query that also asks for a value, as docs/query-language.md says.
  func narrowed(_ query: QueryNode, to value: String) throws -> QueryNode {
    let own: QueryNode =
      switch self {
      case .from: .sender(value)
      case .folder: .folder(value)
      case .month: .on(.period(CalendarPeriod(value)!))
      case .label: .label(value)
      case .type: .hasFile(FileKind(name: value)!)
      case .size: try Self.sizes(value)
      }
    return .and([query, own])
  }

  private static func sizes(_ value: String) throws -> QueryNode {
    let ends = value.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    let words = [ends[0] == "0" ? nil : "larger:\(ends[0])", ends[1].isEmpty ? nil : "-larger:\(ends[1])"]
    return try parseQuery(words.compactMap { $0 }.joined(separator: " ")).root
  }
}
