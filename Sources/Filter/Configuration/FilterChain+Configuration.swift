package import Bytes
package import Logging

extension FilterChain {
  /// The filters that the configuration names: what is at hand comes first, and what knows most of spam before what knows
  /// viruses. Nothing is connected to before the first mail.
  package convenience init(
    _ configuration: FilterConfiguration, clock: any MonotonicClock = SystemClock(),
    logger: Logger = Logger(label: "filter")
  ) {
    var filters: [any Filter] = []
    var trainers: [any FilterTrainer] = []
    var options: [String: FilterOptions] = [:]
    if let builtIn = configuration.builtIn {
      let filter = BuiltInFilter(builtIn, clock: clock)
      filters.append(filter)
      options[filter.name] = Self.options(of: builtIn)
    }
    if let rspamd = configuration.rspamd {
      let filter = RspamdFilter(rspamd.rspamd)
      filters.append(filter)
      trainers.append(filter)
      options[filter.name] = rspamd.options
    }
    if let clamd = configuration.clamd {
      let filter = ClamdFilter(clamd.clamd)
      filters.append(filter)
      options[filter.name] = clamd.options
    }
    self.init(
      filters: filters, trainers: trainers, options: FilterChainOptions(filters: options), clock: clock, logger: logger)
  }

  /// It is bounded by itself; the time limit is for what nobody thought of.
  private static func options(of builtIn: BuiltInOptions) -> FilterOptions {
    var options = FilterOptions()
    options.maxConcurrent = builtIn.threads
    options.timeout = builtIn.archives.time + .seconds(50)
    return options
  }
}
