/// Every key of `maildex.yaml`, with its default and what it does: the one list behind the file's checks, the
/// environment's names and the documented example.
enum SettingKey: String, CaseIterable {
  case data
  case httpListen = "http.listen"
  case httpAuth = "http.auth"
  case smtpListen = "smtp.listen"
  case smtpHostname = "smtp.hostname"
  case smtpPostmaster = "smtp.postmaster"
  case smtpMaxConnections = "smtp.max_connections"
  case smtpMaxConnectionsPerClient = "smtp.max_connections_per_client"
  case smtpProxies = "smtp.proxies"
  case smtpIdleTimeout = "smtp.idle_timeout"
  case smtpMaxMessageSize = "smtp.max_message_size"
  case smtpMaxRecipients = "smtp.max_recipients"
  case smtpMaxHops = "smtp.max_hops"
  case smtpTLSCertificate = "smtp.tls.certificate"
  case smtpTLSKey = "smtp.tls.key"
  case smtpTLSMinimumVersion = "smtp.tls.minimum_version"
  case smtpTLSListen = "smtp.tls.listen"
  case smtpSubmission = "smtp.submission"
  case smtpSubmissions = "smtp.submissions"
  case lmtpListen = "lmtp.listen"
  case dnsServers = "dns.servers"
  case ingestWorkers = "ingest.workers"
  case ingestLease = "ingest.lease"
  case ingestMaxQueue = "ingest.max_queue"
  case queueMaxAttempts = "queue.max_attempts"
  case queueRetryFirst = "queue.retry_first"
  case queueRetryLongest = "queue.retry_longest"
  case queueMaxEnvelopeBytes = "queue.max_envelope_bytes"
  case extractionEnabled = "extraction.enabled"
  case extractionWorkers = "extraction.workers"
  case extractionTimeout = "extraction.timeout"
  case extractionMemory = "extraction.memory"
  case extractionMaxText = "extraction.max_text"
  case extractionCacheSize = "extraction.cache_size"
  case indexCompactionRate = "index.compaction_rate"
  case indexSlowBacklog = "index.slow_backlog"
  case indexMaxBacklog = "index.max_backlog"
  case storeCompactionEnabled = "store.compaction.enabled"
  case storeCompactionDeadShare = "store.compaction.dead_share"
  case storeCompactionGrace = "store.compaction.grace"
  case searchWaitForQueue = "search.wait_for_queue"
  case searchDeadline = "search.deadline"
  case searchTimeZone = "search.time_zone"
  case searchStemming = "search.stemming"
  case searchAnalyzers = "search.analyzers"
  case logLevel = "log.level"
  case logAddresses = "log.addresses"

  var defaultValue: String {
    switch self {
    case .data: "./maildex-data"
    case .httpListen: "127.0.0.1:8080"
    case .httpAuth: "token"
    case .smtpListen: "127.0.0.1:2525"
    case .smtpHostname: "localhost"
    case .smtpPostmaster: ""
    case .smtpMaxConnections: "1000"
    case .smtpMaxConnectionsPerClient: "50"
    case .smtpProxies: ""
    case .smtpIdleTimeout: "300"
    case .smtpMaxMessageSize: "52428800"
    case .smtpMaxRecipients: "1000"
    case .smtpMaxHops: "100"
    case .smtpTLSCertificate: ""
    case .smtpTLSKey: ""
    case .smtpTLSMinimumVersion: "1.2"
    case .smtpTLSListen: ""
    case .smtpSubmission: ""
    case .smtpSubmissions: ""
    case .lmtpListen: ""
    case .dnsServers: ""
    case .ingestWorkers: "16"
    case .ingestLease: "300"
    case .ingestMaxQueue: "100000"
    case .queueMaxAttempts: "20"
    case .queueRetryFirst: "1"
    case .queueRetryLongest: "300"
    case .queueMaxEnvelopeBytes: "268435456"
    case .extractionEnabled: "true"
    case .extractionWorkers: "2"
    case .extractionTimeout: "10"
    case .extractionMemory: "536870912"
    case .extractionMaxText: "1048576"
    case .extractionCacheSize: "268435456"
    case .indexCompactionRate: "67108864"
    case .indexSlowBacklog: "1073741824"
    case .indexMaxBacklog: "8589934592"
    case .storeCompactionEnabled: "true"
    case .storeCompactionDeadShare: "0.5"
    case .storeCompactionGrace: "3600"
    case .searchWaitForQueue: "250"
    case .searchDeadline: "10000"
    case .searchTimeZone: "UTC"
    case .searchStemming: "mailbox, english, russian, greek, arabic, hindi, tamil, armenian"
    case .searchAnalyzers: ""
    case .logLevel: "info"
    case .logAddresses: "true"
    }
  }

  var explanation: String {
    switch self {
    case .data: "The data directory."
    case .httpListen: "Where the HTTP API listens, HOST:PORT; port 0 takes a free one."
    case .httpAuth: "token (bearer tokens) or none (the X-Maildex-User header; loopback only)."
    case .smtpListen: "Where SMTP listens, HOST:PORT; port 0 takes a free one."
    case .smtpHostname: "The name this server gives itself in greetings and Received fields."
    case .smtpPostmaster: "Who gets mail for <postmaster>; empty for the first user."
    case .smtpMaxConnections: "Connections at once; one more is answered 421."
    case .smtpMaxConnectionsPerClient:
      "Connections at once from one IPv4 address or IPv6 /64; one more is answered 421. Loopback is exempt."
    case .smtpProxies:
      "Networks of proxies, with commas (192.0.2.7, 2001:db8::/32): what comes from there, to lmtp too, begins with a PROXY "
        + "header; empty for none."
    case .smtpIdleTimeout: "Seconds without a byte before a connection is closed."
    case .smtpMaxMessageSize: "The largest mail, in bytes, also for imports."
    case .smtpMaxRecipients: "Recipients of one transaction; one more is answered 452."
    case .smtpMaxHops: "Received fields that a mail may bring; one more is a loop and answered 554."
    case .smtpTLSCertificate:
      "A PEM file with the server's certificate and those that lead to a root; STARTTLS is offered where there is one. It is read "
        + "again when it changes. Several, with commas, are for clients that ask for their names; the first for all others."
    case .smtpTLSKey:
      "The PEM file with the certificate's private key; of several certificates as many, in their order."
    case .smtpTLSMinimumVersion: "1.2 or 1.3: the oldest TLS that is spoken."
    case .smtpTLSListen: "Where SMTP listens that is TLS from the first byte, HOST:PORT; empty for nowhere."
    case .smtpSubmission:
      "Where users submit mail, HOST:PORT (587 by custom): STARTTLS and a login come first; empty for nowhere."
    case .smtpSubmissions:
      "Where users submit mail within TLS from the first byte, HOST:PORT (465 by custom); empty for nowhere."
    case .lmtpListen:
      "Where LMTP listens: HOST:PORT, or the path of a Unix socket, which the umask protects; empty for nowhere. The limits of smtp "
        + "count here too."
    case .dnsServers:
      "Servers of DNS that policy.dnsbl asks, with commas (192.0.2.53, 127.0.0.1:5353, [2001:db8::53]:53); empty for those of "
        + "/etc/resolv.conf."
    case .ingestWorkers: "Mails taken apart at once."
    case .ingestLease: "Seconds after which a mail that a worker holds is given to another."
    case .ingestMaxQueue: "Mails that may wait to be processed; over it SMTP answers 452."
    case .queueMaxAttempts:
      "Tries after which a mail that fails is set aside; trouble of the server's own does not count."
    case .queueRetryFirst: "Seconds after which a mail that failed is tried again; doubled with each try."
    case .queueRetryLongest: "Seconds that a mail that fails waits at most between tries."
    case .queueMaxEnvelopeBytes:
      "Bytes of memory that senders and recipients of waiting mails may take, 160 and more for a recipient; over it SMTP answers 452."
    case .extractionEnabled: "Whether the text of attached documents (PDF, Office, archives' names) is searched."
    case .extractionWorkers: "Documents read at once, each by a process of its own."
    case .extractionTimeout: "Seconds after which a mail is stored without a document's text, to be read later."
    case .extractionMemory: "Bytes that the reading of a document may allocate."
    case .extractionMaxText: "Bytes of text that are kept of a document."
    case .extractionCacheSize: "Bytes of texts, compressed, that are kept for documents that come again; 0 for none."
    case .indexCompactionRate:
      "Bytes a second that merging and inverting may read and write together; 0 for no limit."
    case .indexSlowBacklog:
      "Bytes of text of a shard that may wait for postings before new mail is slowed, by degrees."
    case .indexMaxBacklog: "Bytes at which new mail is put off with a temporary error."
    case .storeCompactionEnabled:
      "Whether a server gives back the space of deleted mail by itself; 'maildex compact' does so at any time."
    case .storeCompactionDeadShare:
      "The part of a pack file that must be deleted mail before it is written anew, 0.05 to 1."
    case .storeCompactionGrace: "Seconds for which a pack file is left alone after it was filled."
    case .searchWaitForQueue:
      "Milliseconds a search waits for the user's mail that is accepted but not processed; 0 for never."
    case .searchDeadline: "Milliseconds a search may take before it is ended with an error."
    case .searchTimeZone:
      "The zone of the days in before:, after: and on:, as in Europe/Berlin; of users who have none of their own."
    case .searchStemming:
      "Languages in which an unquoted word also finds its forms: Snowball's names, with commas; mailbox for those of the Latin "
        + "script in which a mailbox is written; none for none."
    case .searchAnalyzers:
      "A directory with text.yaml, address.yaml, filename.yaml or identifier.yaml in the place of the shipped definitions; empty for these."
    case .logLevel: "trace, debug, info, notice, warning, error or critical."
    case .logAddresses: "Whether logs may hold envelope addresses and Message-IDs."
    }
  }

  /// The environment variable of the key: `MAILDEX_SECTION_KEY`.
  var environmentName: String { "MAILDEX_" + rawValue.uppercased().map { $0 == "." ? "_" : String($0) }.joined() }
}
