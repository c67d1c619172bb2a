import Bytes

/// Whose document is read next: users who wait take turns, and each one's documents go in the order of asking. So who sends a
/// hundred documents delays another's one by one of them. Two never read the same document.
///
/// A value without clock or lock; `ReaderGate` has threads wait for it.
struct ReaderTurns {
  struct Ticket: Hashable {
    fileprivate let number: UInt64
  }

  private struct Request {
    let ticket: Ticket
    let document: [UInt8]
    let isRetry: Bool
  }

  private let places: Int
  private var takenPlaces = 0
  /// What is being read; true where it takes a place.
  private var reading: [[UInt8]: Bool] = [:]
  /// None is empty.
  private var requests: [UserID?: [Request]] = [:]
  /// Those of `requests`, who is next first.
  private var users: [UserID?] = []
  private var lastNumber: UInt64 = 0

  init(places: Int) { self.places = places }

  mutating func ask(for document: [UInt8], _ claim: DocumentClaim) -> Ticket {
    lastNumber += 1
    let request = Request(ticket: Ticket(number: lastNumber), document: document, isRetry: claim.isRetry)
    if requests[claim.user] == nil { users.append(claim.user) }
    requests[claim.user, default: []].append(request)
    return request.ticket
  }

  /// The ticket's owner does not wait any more.
  mutating func withdraw(_ ticket: Ticket) {
    for user in users {
      requests[user]?.removeAll { $0.ticket == ticket }
      if requests[user]?.isEmpty == true { forget(user) }
    }
  }

  mutating func leave(_ document: [UInt8]) {
    if reading.removeValue(forKey: document) == true { takenPlaces -= 1 }
  }

  /// - Returns: who may read from now on, and was not told before.
  mutating func admit() -> [Ticket] {
    var admitted: [Ticket] = []
    while let ticket = admitNext() { admitted.append(ticket) }
    return admitted
  }

  private mutating func admitNext() -> Ticket? {
    for user in users {
      guard let position = requests[user]?.firstIndex(where: mayBegin),
        let request = requests[user]?.remove(at: position)
      else { continue }
      reading[request.document] = !request.isRetry
      if !request.isRetry { takenPlaces += 1 }
      let hasMore = requests[user]?.isEmpty == false
      forget(user, keepingRequests: hasMore)
      if hasMore { users.append(user) }
      return request.ticket
    }
    return nil
  }

  private func mayBegin(_ request: Request) -> Bool {
    reading[request.document] == nil && (request.isRetry || takenPlaces < places)
  }

  private mutating func forget(_ user: UserID?, keepingRequests: Bool = false) {
    users.removeAll { $0 == user }
    if !keepingRequests { requests[user] = nil }
  }
}
