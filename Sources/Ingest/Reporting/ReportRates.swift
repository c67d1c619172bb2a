import Bytes

/// How many reports each target had of late, in bounded memory: in two generations, of which the older is forgotten when the younger
/// is full. Who is forgotten has its share anew, as it would have had in a minute.
struct ReportRates {
  private static let generationCapacity = 5_000

  private let perMinute: Int
  private var young: [String: TokenBucket] = [:]
  private var old: [String: TokenBucket] = [:]

  init(perMinute: Int) { self.perMinute = perMinute }

  /// - Parameter now: of a clock that never goes back.
  /// - Returns: false if the target had its share; the attempt then costs it nothing.
  mutating func take(for target: String, now: Duration) -> Bool {
    let target = target.lowercased()
    var bucket =
      young[target] ?? old.removeValue(forKey: target)
      ?? TokenBucket(rate: perMinute, per: .seconds(60), burst: perMinute, now: now)
    let isTaken = bucket.takeIfThere(1, now: now)
    if young.count >= Self.generationCapacity, young[target] == nil {
      old = young
      young = [:]
    }
    young[target] = bucket
    return isTaken
  }
}
