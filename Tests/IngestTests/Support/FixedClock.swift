import Bytes

/// It is always the same moment.
struct FixedClock: WallClock {
  let moment: Timestamp

  func now() -> Timestamp { moment }
}
