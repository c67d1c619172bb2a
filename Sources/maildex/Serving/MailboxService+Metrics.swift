import Bytes
import Documents
import Filter
import HTTPAPI
import Index
import Mailboxes
import MailStore
import Receipt
import SMTP

extension MailboxService {
  func metrics() async -> [MetricFamily] {
    guard let statistics = try? await threads.run({ mailboxes.serviceStatistics() }) else { return [] }
    let queue = statistics.queue.map { Self.queueFamilies($0, oldest: statistics.oldestQueued) } ?? []
    return queue + Self.serviceFamilies(statistics) + Self.standingFamilies(statistics.shards)
      + Self.indexFamilies(statistics.shards) + Self.compactionFamilies(statistics)
      + Self.filterFamilies(filters?.statistics() ?? [])
      + (errors.map { Self.errorFamilies($0, at: mailboxes.now) } ?? [])
      + reportFamilies
      + (lessons.map { [Self.lessonFamily($0)] } ?? [])
      + (documents.map { Self.documentFamilies($0.statistics) } ?? [])
      + (refusals.map { [Self.refusalFamily($0.counts)] } ?? [])
      + (blocklists.map { [Self.blocklistFamily($0.counts)] } ?? [])
      + (authentications.map { [Self.authenticationFamily($0)] } ?? [])
  }

  private static func errorFamilies(_ errors: ErrorQueue, at now: Timestamp) -> [MetricFamily] {
    let age = errors.oldest.map { max(0, Double(now.rawValue - $0.rawValue) / 1_000) } ?? 0
    return [
      MetricFamily(
        "maildex_error_queue_depth", "Mails that are held until an operator releases or drops them.",
        .gauge([.init(Double(errors.depth))])),
      MetricFamily(
        "maildex_error_queue_oldest_seconds", "How long the mail has been held that has been so longest.",
        .gauge([.init(age)])),
    ]
  }

  private static func lessonFamily(_ lessons: LessonQueue) -> MetricFamily {
    MetricFamily(
      "maildex_filter_lessons_waiting", "Reports of users that filters have still to learn from.",
      .gauge([.init(Double(lessons.depth))]))
  }

  private static func refusalFamily(_ counts: [RefusalReason: Int]) -> MetricFamily {
    MetricFamily(
      "maildex_smtp_refusals_total", "Replies by which SMTP and LMTP refused something, by reason.",
      .counter(
        RefusalReason.allCases.map { reason in
          .init(Double(counts[reason] ?? 0), labels: [(name: "reason", value: reason.rawValue)])
        }))
  }

  private static func blocklistFamily(_ counts: [BlocklistCounter.Key: Int]) -> MetricFamily {
    let zones = Set(counts.keys.map(\.zone)).sorted()
    return MetricFamily(
      "maildex_dnsbl_answers_total", "Answers of lists in DNS about clients, by list and what they said.",
      .counter(
        zones.flatMap { zone in
          BlocklistCounter.Result.allCases.map { result in
            .init(
              Double(counts[BlocklistCounter.Key(zone, result)] ?? 0),
              labels: [(name: "zone", value: zone), (name: "result", value: result.rawValue)])
          }
        }))
  }

  private static func authenticationFamily(_ counter: AuthenticationCounter) -> MetricFamily {
    MetricFamily(
      "maildex_smtp_auth_total", "AUTH commands where mail is submitted, by mechanism and how they ended.",
      .counter(
        SASLMechanism.allCases.flatMap { mechanism in
          SASLReport.Result.allCases.map { result in
            .init(
              Double(counter.count(mechanism, result)),
              labels: [
                (name: "mechanism", value: mechanism.rawValue.lowercased()), (name: "result", value: result.rawValue),
              ])
          }
        }))
  }

  private static func documentFamilies(_ statistics: DocumentStatistics) -> [MetricFamily] {
    [
      MetricFamily(
        "maildex_extraction_documents_total", "Attached documents that a reader was given, by how that ended.",
        .counter(
          DocumentOutcome.allCases.map { outcome in
            .init(Double(statistics.outcomes[outcome] ?? 0), labels: [(name: "outcome", value: outcome.name)])
          })),
      MetricFamily(
        "maildex_extraction_cached_total", "Attached documents whose text was known from before.",
        .counter([.init(Double(statistics.cached))])),
      MetricFamily(
        "maildex_extraction_seconds", "Time that the reading of a document took.", .histogram(statistics.seconds)),
    ]
  }

  private static func serviceFamilies(_ statistics: ServiceStatistics) -> [MetricFamily] {
    let shards = statistics.shards
    return [
      MetricFamily(
        "maildex_search_seconds", "Time from a search's arrival to its answer.", .histogram(statistics.searches)),
      MetricFamily(
        "maildex_shard_waiting_jobs", "Reads and writes that wait for the shard's writer.",
        .gauge(shards.samples { Double($0.waitingJobs) })),
      MetricFamily(
        "maildex_delivery_delay_seconds", "What a new mail waits while compaction is behind.",
        .gauge(shards.samples { $0.deliveryDelay / .seconds(1) })),
      MetricFamily(
        "maildex_delivery_delayed_total", "New mails that waited because compaction was behind.",
        .counter(shards.samples { Double($0.delayedDeliveries) })),
      MetricFamily(
        "maildex_delivery_delayed_seconds_total", "What all of them have waited.",
        .counter(shards.samples { $0.deliveryWaited / .seconds(1) })),
      MetricFamily(
        "maildex_delivery_refused_total", "New mails that were put off because compaction was too far behind.",
        .counter(shards.samples { Double($0.refusedDeliveries) })),
    ]
  }

  private static func standingFamilies(_ shards: [ShardStatistics]) -> [MetricFamily] {
    func counter(_ name: String, _ help: String, _ value: (StandingStatistics) -> Double) -> MetricFamily {
      MetricFamily(
        "maildex_standing_\(name)_total", help, .counter(shards.samples { value($0.standing) }))
    }
    return [
      counter("mails", "New mails that were held against their owner's saved searches.") { Double($0.mails) },
      counter("asked", "Saved searches that were asked of them, their words having ruled out the others.") {
        Double($0.asked)
      },
      counter("matched", "Saved searches that announced them.") { Double($0.matched) },
      counter("cut_short", "New mails with which not all saved searches were asked in time.") { Double($0.cutShort) },
      counter("seconds", "What asking took; deliveries to the shard waited so long.") { $0.time / .seconds(1) },
    ]
  }

  private static func indexFamilies(_ shards: [ShardStatistics]) -> [MetricFamily] {
    [
      gauge("runs", "Files of text records.", shards) { $0.index.runs },
      gauge("run_bytes", "Size of the files of text records.", shards) { $0.index.runByteCount },
      gauge("records", "Text records in runs, superseded and removed ones too.", shards) { $0.index.runRecords },
      gauge("segments", "Files of postings.", shards) { $0.index.segments },
      gauge("segment_bytes", "Size of the files of postings.", shards) { $0.index.segmentByteCount },
      gauge("documents", "Documents in segments, removed ones too.", shards) { $0.index.segmentDocuments },
      gauge("unflushed_bytes", "Text records that are in memory and in the journal only.", shards) {
        $0.index.unflushedByteCount
      },
      gauge("users", "Users with mail in the index.", shards) { $0.users },
      gauge("loaded_users", "Users whose mailbox is in memory.", shards) { $0.index.loadedUsers },
      gauge("loaded_bytes", "Memory of loaded mailboxes.", shards) { $0.index.loadedByteCount },
      gauge("cache_bytes", "Memory of what searches have read lately.", shards) { $0.index.cacheByteCount },
    ]
  }

  private static func compactionFamilies(_ statistics: ServiceStatistics) -> [MetricFamily] {
    let shards = statistics.shards
    func counter<Value: BinaryInteger>(
      _ name: String, _ help: String, _ value: (ShardStatistics) -> Value
    ) -> MetricFamily {
      MetricFamily(
        "maildex_index_compaction_\(name)_total", help, .counter(shards.samples { Double(value($0)) }))
    }
    return [
      gauge("compaction_backlog_runs", "Files of text records, merged or not.", shards) { $0.index.backlog.runs },
      gauge("compaction_backlog_users", "Users whose mail waits for postings.", shards) { $0.index.backlog.users },
      gauge("compaction_backlog_bytes", "Text records that wait for postings, at most.", shards) {
        $0.index.backlog.byteCount
      },
      counter("read_bytes", "Bytes that compaction has read.") { $0.index.compaction.readByteCount },
      counter("written_bytes", "Bytes that compaction has written.") { $0.index.compaction.writtenByteCount },
      MetricFamily(
        "maildex_index_compaction_steps_total", "Steps of compaction that ended well.",
        .counter(
          shards.samples("merge_runs") { Double($0.index.compaction.runMerges) }
            + shards.samples("merge_segments") { Double($0.index.compaction.segmentMerges) }
            + shards.samples("invert") { Double($0.index.compaction.inversions) })),
      MetricFamily(
        "maildex_index_compaction_throttled_seconds_total", "What compaction has waited to keep to its rate.",
        .counter([.init(statistics.compactionThrottled / .seconds(1))])),
    ]
  }

  private static func gauge<Value: BinaryInteger>(
    _ name: String, _ help: String, _ shards: [ShardStatistics], _ value: (ShardStatistics) -> Value
  ) -> MetricFamily {
    MetricFamily("maildex_index_\(name)", help, .gauge(shards.samples { Double(value($0)) }))
  }
}

extension [ShardStatistics] {
  fileprivate func samples(_ kind: String? = nil, _ value: (ShardStatistics) -> Double) -> [MetricFamily.Sample] {
    map { shard in
      let labels = [(name: "shard", value: "\(shard.number)")]
      return MetricFamily.Sample(value(shard), labels: labels + (kind.map { [(name: "kind", value: $0)] } ?? []))
    }
  }
}
