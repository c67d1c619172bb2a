/// What a report says to people.
struct ReportWording {
  let action: DeliveryReport.Action

  var subject: String {
    switch action {
    case .failed: "Undelivered mail returned to sender"
    case .delayed: "Delayed mail (still being tried)"
    case .delivered: "Mail was delivered"
    }
  }

  private var opening: String {
    switch action {
    case .failed: "Your mail could not be delivered to one or more recipients, and is not tried any more."
    case .delayed: "Your mail is not delivered yet. It is still being tried: you need not send it again."
    case .delivered: "Your mail was delivered."
    }
  }

  /// - Parameters:
  ///   - unnamed: how many recipients there was no room for.
  func text(
    hostname: String, addresses: [String], unnamed: Int, explanation: String, status: String, returnsWholeMail: Bool
  ) -> String {
    var lines = ["This is the mail system at \(hostname).", "", opening, ""]
    lines += addresses.map { "  <\($0)>" }
    if unnamed > 0 { lines.append("  and \(unnamed) more") }
    lines += ["", "The reason: \(explanation) (\(status))", ""]
    lines.append("A part for programs follows, and then \(returnsWholeMail ? "your mail" : "the header of your mail").")
    return lines.map { $0 + "\r\n" }.joined()
  }
}
