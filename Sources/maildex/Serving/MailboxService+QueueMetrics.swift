import HTTPAPI
import MailStore
import Mailboxes

extension MailboxService {
  static func queueFamilies(_ queue: QueueStatistics, oldest: Duration) -> [MetricFamily] {
    func counter(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
      MetricFamily("maildex_queue_\(name)_total", help, .counter([.init(Double(value))]))
    }
    func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
      MetricFamily("maildex_queue_\(name)", help, .gauge([.init(value)]))
    }
    let standings = [("ready", queue.ready), ("leased", queue.leased), ("deferred", queue.deferred)]
    return [
      gauge(
        "depth", "Mails that were accepted and are not processed yet.",
        Double(queue.ready + queue.leased + queue.deferred)),
      MetricFamily(
        "maildex_queue_mails", "The same by standing: ready for a worker, with one, or put off.",
        .gauge(standings.map { .init(Double($0.1), labels: [(name: "standing", value: $0.0)]) })),
      MetricFamily(
        "maildex_queue_ready", "Mails that are ready for a worker, by class.",
        .gauge(queue.readyByClass.map { .init(Double($0.count), labels: [(name: "class", value: $0.kind.name)]) })),
      gauge("oldest_seconds", "Age of the mail that is unprocessed for longest.", oldest / .seconds(1)),
      gauge("pressure", "How full the queue is, from 0 to 1, where it takes no mail.", queue.pressure),
      gauge("held_bytes", "Content of queued mail in memory.", Double(queue.heldByteCount)),
      gauge(
        "envelope_bytes", "Senders and recipients of queued mail in memory, at most.", Double(queue.envelopeByteCount)),
      counter("attempts", "Times that a mail was given to a worker.", queue.attempts),
      counter("retries", "Those that were not the mail's first.", queue.retries),
      counter("expired", "Those from which the worker did not come back in time.", queue.expired),
      counter("set_aside", "Mails that were given up and are kept elsewhere.", queue.setAside),
    ]
  }
}
