import Filter
import HTTPAPI

extension MailboxService {
  static func filterFamilies(_ filters: [FilterStatistics]) -> [MetricFamily] {
    if filters.isEmpty { return [] }
    return [
      MetricFamily(
        "maildex_filter_asked_total", "Mails that a filter was asked about.",
        .counter(filters.map { .init(Double($0.asked), labels: $0.labels) })),
      MetricFamily(
        "maildex_filter_findings_total", "What filters wanted done with them.",
        .counter(
          filters.flatMap { filter in
            FilterAction.allCases.map { action in
              .init(
                Double(filter.findings[action] ?? 0), labels: filter.labels + [(name: "action", value: action.rawValue)]
              )
            }
          })),
      MetricFamily(
        "maildex_filter_errors_total", "Mails that a filter did not answer for, by why.",
        .counter(
          filters.flatMap { filter in
            FilterError.Code.allCases.map { code in
              .init(Double(filter.errors[code] ?? 0), labels: filter.labels + [(name: "code", value: code.rawValue)])
            }
          })),
      MetricFamily(
        "maildex_filter_down",
        "1 where a filter is left alone for a while because it failed often: the alarm to watch.",
        .gauge(filters.map { .init($0.breaker == .closed ? 0 : 1, labels: $0.labels) })),
      MetricFamily(
        "maildex_filter_seconds_total", "What mails waited for a filter.",
        .counter(filters.map { .init($0.secondsSpent, labels: $0.labels) })),
      MetricFamily(
        "maildex_filter_in_flight", "Mails that a filter is asked about now.",
        .gauge(filters.map { .init(Double($0.inFlight), labels: $0.labels) })),
      MetricFamily(
        "maildex_filter_learned_total", "Reports of users that a filter learned from.",
        .counter(
          filters.flatMap { filter in
            SpamClass.allCases.map { spamClass in
              .init(
                Double(filter.learned[spamClass] ?? 0), labels: filter.labels + [(name: "as", value: "\(spamClass)")])
            }
          })),
    ]
  }
}

extension FilterStatistics {
  fileprivate var labels: [(name: String, value: String)] { [(name: "filter", value: name)] }
}
