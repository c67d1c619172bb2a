import Bytes

extension Timestamp {
  /// `2024-05-01T10:00:00Z`, for explanations.
  var utc: String {
    let dayLength: Int64 = 86_400_000
    let timeOfDay = ((rawValue % dayLength) + dayLength) % dayLength
    let date = CivilCalendar.date(ofDay: Int((rawValue - timeOfDay) / dayLength))
    func padded(_ number: Int, _ width: Int = 2) -> String {
      String(repeating: "0", count: max(0, width - String(number).count)) + String(number)
    }
    let seconds = Int(timeOfDay / 1_000)
    let time = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0) }.joined(separator: ":")
    return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T\(time)Z"
  }
}
