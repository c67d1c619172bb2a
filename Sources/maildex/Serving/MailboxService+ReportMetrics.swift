import HTTPAPI
import Ingest
import MailStore
import Outbound

extension MailboxService {
  /// What senders were told, and what the relay made of it.
  var reportFamilies: [MetricFamily] {
    guard let reporter else { return [] }
    let counts = reporter.counts
    var families = [
      MetricFamily(
        "maildex_reports_total", "Reports of deliveries that were made (local, relay), or were not, by reason.",
        .counter(
          ReportOutcome.allCases.map { outcome in
            .init(Double(counts[outcome] ?? 0), labels: [(name: "outcome", value: outcome.rawValue)])
          }))
    ]
    if let outbox, let reports {
      let results = reports.counts
      families += [
        MetricFamily(
          "maildex_reports_waiting", "Reports that wait to be given to the relay.",
          .gauge([.init(Double(outbox.depth))])),
        MetricFamily(
          "maildex_reports_relayed_total", "Tries to give a report to the relay, by how they ended.",
          .counter(
            ReportSender.Result.allCases.map { result in
              .init(Double(results[result] ?? 0), labels: [(name: "result", value: result.rawValue)])
            })),
      ]
    }
    return families
  }
}
