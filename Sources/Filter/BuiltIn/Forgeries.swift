import Bytes
import MailFormat

/// What looks forged in a mail's header. Each is found in honest mail too, which is why they are weighed and not judged one by one.
enum Forgeries {
  /// RFC 5322 §3.6: at most once. Of From there is more to say.
  private static let unique: Set<String> = [
    "date", "subject", "to", "cc", "sender", "reply-to", "message-id", "in-reply-to", "references",
  ]

  /// - Parameter ownDomains: in lower case; that nobody but users who logged in writes from.
  static func suspicions(_ header: ParsedMail, ownDomains: Set<String>) -> [Suspicion] {
    authors(header, ownDomains: ownDomains) + fields(header)
  }

  private static func authors(_ header: ParsedMail, ownDomains: Set<String>) -> [Suspicion] {
    var found: [Suspicion] = []
    let authors = header.from.filter { domain(of: $0.address) != nil }
    if authors.isEmpty { found.append(Suspicion(.noFrom)) }
    if header.headers.count(where: { $0.name.lowercased() == "from" }) > 1 { found.append(Suspicion(.severalFrom)) }
    // RFC 5322 §3.6.2: then Sender says which of them sent it.
    if authors.count > 1, header.sender == nil { found.append(Suspicion(.severalAuthors)) }
    if let author = authors.first(where: namesAnother) {
      found.append(Suspicion(.nameIsAddress, "\(author.name ?? "") <\(author.address)>"))
    }
    if let author = authors.first(where: { domain(of: $0.address).map(ownDomains.contains) ?? false }) {
      found.append(Suspicion(.ownDomain, author.address))
    }
    return found
  }

  private static func fields(_ header: ParsedMail) -> [Suspicion] {
    var found: [Suspicion] = []
    if header.date == nil { found.append(Suspicion(.noDate)) }
    if header.messageID == nil { found.append(Suspicion(.noMessageID)) }
    let names = header.headers.map { $0.name.lowercased() }.filter(unique.contains)
    let repeated = Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys.sorted()
    if !repeated.isEmpty { found.append(Suspicion(.repeatedField, repeated.joined(separator: ", "))) }
    if header.defects.contains(.nulByte) { found.append(Suspicion(.nulByte)) }
    return found
  }

  /// `"support@bank.example" <x@example.net>`: programs show the name alone.
  private static func namesAnother(_ author: EmailAddress) -> Bool {
    guard let own = domain(of: author.address), let name = author.name else { return false }
    let words = name.prefix(1_000).split { $0.isWhitespace || "<>()[]\"',;:".contains($0) }
    return words.contains { word in
      guard let other = domain(of: String(word)), other.contains(".") else { return false }
      return other != own && !other.hasSuffix("." + own) && !own.hasSuffix("." + other)
    }
  }

  private static func domain(of address: String) -> String? {
    guard let at = address.lastIndex(of: "@"), at != address.startIndex else { return nil }
    let domain = address[address.index(after: at)...].lowercased()
    return domain.isEmpty ? nil : domain
  }
}
