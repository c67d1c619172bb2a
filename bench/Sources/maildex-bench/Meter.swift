import CMalloc
import Foundation
import Glibc

/// Seconds, processor seconds and bytes written by this process since the meter was made.
struct Meter {
  private let start = ContinuousClock.now
  private let cpu = Meter.cpuSeconds()
  private let written = Meter.writtenBytes()

  var seconds: Double { (ContinuousClock.now - start).seconds }
  var cpuSeconds: Double { Self.cpuSeconds() - cpu }
  var writtenByteCount: Int { Self.writtenBytes() - written }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func writtenBytes() -> Int { field("write_bytes", in: "/proc/self/io") ?? 0 }

  /// What is allocated, whatever the allocator has from the system for it.
  static var heapByteCount: Int {
    let info = mallinfo2()
    return info.uordblks + info.hblkhd
  }

  static var residentMegabytes: Double { Double(field("VmRSS", in: "/proc/self/status") ?? 0) / 1_024 }
  static var peakMegabytes: Double { Double(field("VmHWM", in: "/proc/self/status") ?? 0) / 1_024 }

  private static func field(_ name: String, in path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
      return Int(line.split(whereSeparator: { $0 == " " || $0 == "\t" })[1])
    }
    return nil
  }

  static func byteCount(ofFilesIn directory: String) -> Int {
    guard let walk = FileManager.default.enumerator(atPath: directory) else { return 0 }
    var sum = 0
    for case let path as String in walk {
      let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/" + path)
      if attributes?[.type] as? FileAttributeType == .typeRegular { sum += attributes?[.size] as? Int ?? 0 }
    }
    return sum
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

/// Samples, summarised as the peers' are.
struct Distribution {
  var values: [Double] = []

  var sum: Double { values.reduce(0, +) }

  /// p50, p95 and p99 (nearest rank), mean, max and n.
  var summary: [String: Any] {
    guard !values.isEmpty else { return [:] }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    func nearestRank(_ share: Double) -> Double { sorted[max(1, Int((share * Double(sorted.count)).rounded(.up))) - 1] }
    return [
      "p50": rounded(median), "p95": rounded(nearestRank(0.95)), "p99": rounded(nearestRank(0.99)),
      "mean": rounded(sum / Double(sorted.count)), "max": rounded(sorted[sorted.count - 1]),
      "n": sorted.count,
    ]
  }

  static func median(_ values: [Double]) -> Double { Distribution(values: values).summary["p50"] as? Double ?? 0 }
}

func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

func printJSON(_ object: Any) throws {
  let data = try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys])
  print(String(decoding: data, as: UTF8.self))
}
