"""Clocks, counters and distributions that all peer drivers share."""
import math
import os
import statistics
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")  # a second's clock ticks in /proc/<pid>/stat


def distribution(values, digits=2):
    """p50, p95 and p99 (nearest rank), mean, max and n of samples, in the samples' unit. Empty without samples."""
    if not values:
        return {}
    ordered = sorted(values)

    def nearest_rank(share):
        return round(ordered[math.ceil(share * len(ordered)) - 1], digits)

    return {"p50": round(statistics.median(ordered), digits), "p95": nearest_rank(0.95), "p99": nearest_rank(0.99),
            "mean": round(statistics.fmean(ordered), digits), "max": round(ordered[-1], digits), "n": len(ordered)}


def directory_bytes(directory):
    """Bytes of all files below a directory, as long as they are (not the blocks they take)."""
    return sum(path.lstat().st_size for path in Path(directory).rglob("*") if path.is_file() and not path.is_symlink())


def status(pid, field):
    """Kilobytes of a field of /proc/<pid>/status, such as VmRSS or VmHWM."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    return 0


def written_bytes(pids):
    """What the processes, and their children that have ended, have caused to be written to the disk: counted when a
    page becomes dirty, so nothing is still to come."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/io").read_text().splitlines():
            if line.startswith("write_bytes:"):
                total += int(line.split()[1])
    return total


def cpu_seconds(pids):
    """User and system time of the processes and their children that have ended."""
    total = 0
    for pid in pids:
        total += sum(int(ticks) for ticks in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
    return total / TICK


def descendants(pid):
    """A process and all processes below it."""
    children = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue  # ended meanwhile
            children.setdefault(parent, []).append(int(path.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


class Meter:
    """Seconds, processor seconds and bytes written since it was made, of the processes that `pids()` names."""

    def __init__(self, pids):
        self.pids = pids
        self.cpu, self.written, self.began = cpu_seconds(pids()), written_bytes(pids()), time.perf_counter()

    def seconds(self):
        return time.perf_counter() - self.began

    def cpu_seconds(self):
        return cpu_seconds(self.pids()) - self.cpu

    def written_bytes(self):
        return written_bytes(self.pids()) - self.written


def median_rounds(calls, passes, budget, clock=time.perf_counter_ns):
    """Goes round the calls, up to `passes` times and `budget` seconds, at least once; the median of each call in µs.

    Round by round, so that no call finds everything in the processor's caches from its own last run.
    Returns (medians, rounds made)."""
    samples = [[] for _ in calls]
    rounds, end = 0, clock() + int(budget * 1e9)
    while rounds == 0 or (rounds < passes and clock() < end):
        for call, times in zip(calls, samples):
            began = clock()
            call()
            times.append(clock() - began)
        rounds += 1
    return [statistics.median(times) / 1_000 for times in samples], rounds
