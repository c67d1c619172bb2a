"""What is done to a server in a soak: kill -9, filters taken away, the disk filled; each again and again, by a schedule."""
import threading
import time

from server import Client, Trouble, note

PROCESSED_PATIENCE = 400  # seconds until what waited for a disk to have room is processed; queue.retry_longest is 300


def metric(address, name):
    """The value of a metric that has no labels."""
    client = Client(address, "")
    try:
        client.connection.request("GET", "/metrics")
        text = client.connection.getresponse().read().decode()
    finally:
        client.close()
    for line in text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    raise Trouble(f"/metrics has no {name}")


class Troubles:
    """`outage` is the longest that a filter is away, in seconds. `complain` gets the kind of a broken promise and what is wrong. `disk` may be
    None, and `filters` empty."""

    def __init__(self, server, filters, disk, load, outage, generator, complain):
        self.server, self.filters, self.disk, self.load, self.outage = server, filters, disk, load, outage
        self.generator, self.complain = generator, complain
        self.address = None  # of SMTP, while the server is up
        self.http = None
        self.kills, self.filter_outages, self.disk_full_episodes = 0, 0, 0
        self.ready_ms, self.after_full_s = [], []
        self.lock = threading.Lock()  # a kill and a disk that is full or was so just now keep apart

    def serve(self):
        self.ready_ms.append(self.server.start())
        self.address, self.http = self.server.smtp, self.server.http

    def kill_server(self):
        with self.lock:
            self.address = self.http = None
            if self.server.ended():
                self.complain("died", f"serve ended by itself with {self.server.process.returncode}: "
                                      f"{self.server.log_tail()[-1500:]}")
            self.server.kill()
            self.kills += 1
            self.serve()

    def take_filter_away(self, name):
        taken = self.filters[name]
        seconds = self.generator.uniform(0.25, 1) * self.outage
        note(f"{name} is gone for {seconds:.0f} s")
        taken.kill()
        self.filter_outages += 1
        time.sleep(seconds)
        taken.start()

    def fill_disk(self, hold=10):
        """Until a client hears of it and `hold` seconds more; then everything that came before must be processed without a restart."""
        with self.lock:
            refused = sum(self.load.refused.values())
            self.disk.fill()
            began = time.monotonic()
            while sum(self.load.refused.values()) == refused and time.monotonic() < began + 30:
                self.disk.fill()
                time.sleep(0.1)
            if sum(self.load.refused.values()) == refused:
                note("the disk was full for 30 s and no client heard of it")
            else:
                self.disk_full_episodes += 1
            until = time.monotonic() + hold
            while time.monotonic() < until:
                self.disk.fill()
                time.sleep(0.1)
            self.disk.free()
            self.wait_until_processed(time.monotonic())

    def wait_until_processed(self, freed):
        rate = self.load.rate
        try:
            self.judge_recovery(freed, rate)
        finally:
            self.load.rate = rate

    def judge_recovery(self, freed, rate):
        """With less and less load, so that a machine that just now is too slow for the rate is not taken for a server that is stuck."""
        accepted = None
        while time.monotonic() < freed + PROCESSED_PATIENCE:
            if self.server.ended():
                self.complain("died", f"serve ended with {self.server.process.returncode} when the disk was full: "
                                      f"{self.server.log_tail()[-1500:]}")
                return self.serve()
            waited = time.monotonic() - freed
            self.load.rate = rate if waited < 60 else rate / 2 if waited < 150 else rate / 20
            if accepted is None and self.load.last_acknowledged > freed:
                accepted = self.load.last_acknowledged - freed
            oldest = metric(self.http, "maildex_queue_oldest_seconds")
            if accepted is not None and oldest < time.monotonic() - freed:
                self.after_full_s.append({"accepted": round(accepted, 1), "processed": round(time.monotonic() - freed, 1)})
                return note(f"after a full disk: {self.after_full_s[-1]}")
            time.sleep(0.5)
        self.complain("stays_full", f"{PROCESSED_PATIENCE} s after the disk has room again, accepted: {accepted}, "
                                    f"oldest in the queue: {oldest} s")

    def schedule(self, seconds, kill_every, filter_every, fill_every):
        """Runs all of it for so many seconds; each of them once at least."""
        names = list(self.filters)
        outages = iter(range(1 << 30))
        threads = [self.repeat(seconds, kill_every, 0.3, self.kill_server)]
        if names:
            threads.append(self.repeat(
                seconds, filter_every, 0.55, lambda: self.take_filter_away(names[next(outages) % len(names)])))
        if self.disk:
            threads.append(self.repeat(seconds, fill_every, 0.4, self.fill_disk))
        for thread in threads:
            thread.join()

    def repeat(self, seconds, every, phase, body):
        """A thread that does it first after the given part of an interval, which is no longer than the whole time allows."""
        every = min(every, seconds)
        began = time.monotonic()
        jitter = self.generator.uniform(-0.05, 0.05)

        def run():
            moment = began + every * (phase + jitter)
            while moment < began + seconds:
                time.sleep(max(0, moment - time.monotonic()))
                try:
                    body()
                # Whatever it is: without this thread the soak would be an easy one.
                except Exception as error:  # noqa: BLE001
                    self.complain("trouble", f"{type(error).__name__}: {error}")
                moment = max(moment + every, time.monotonic())
            time.sleep(max(0, began + seconds - time.monotonic()))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread
