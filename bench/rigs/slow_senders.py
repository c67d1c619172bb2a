#!/usr/bin/env python3
"""Thousands of clients that send a byte now and then (slowloris): do honest ones notice?

    bench/rigs/slow_senders.py [--binary maildex] [--connections 5000] [--networks 10] [--interval 3] [--limit 4000]
                               [--corpus DIR/<user>/<folder>.mbox | --sample]

A third of the slow clients never ends its EHLO, a third its MAIL, a third its DATA. Loopback meets none of the limits, so they come
from 127.0.0.2 with PROXY headers (`smtp.proxies`) that name as many addresses as `--networks`. Honest mail is maildex-load's
(`swift build --package-path bench -c release --product maildex-load`), from 127.0.0.1 over 16 connections, into a fresh data
directory each time:

  alone    nobody else; before and after the others
  limited  the slow ones meet the limits that ship (smtp.max_connections 1000, 50 of one address): those above hear 421
  lifted   no such limits: all slow ones are kept
  spread   the limits that ship, and each slow one has an address of its own: they take every place there is

`ratio` is the mails a second beside the slow ones, by those alone; limited and lifted must have 0.8 of it and refuse no honest mail.
`kept` tells how many of each kind are open at the end, `states` what became of all: refused (421 for a greeting), timed_out (421
later), closed. `honest` is the reply that an honest client hears then, and for `spread` `served_after_s` is how long it takes until that
is 220 (null: not within `--patience`). That is told, and no promise: in a crowd a client has half a minute for a mail (`smtp.crowded_timeout`). Prints one
JSON line; exit code 1 when a promise was broken.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from many_connections import Crowd, Script, raise_file_limit  # noqa: E402
from server import BINARY, ROOT, Refused, Server, SMTPClient, Trouble, note  # noqa: E402

LOAD = ROOT / "bench" / ".build" / "release" / "maildex-load"
PROXY = "127.0.0.2"
LEAST_RATIO = 0.8
LIFTED = {"MAILDEX_SMTP_MAX_CONNECTIONS": "50000", "MAILDEX_SMTP_MAX_CONNECTIONS_PER_CLIENT": "50000"}


def scripts(count, networks, recipient):
    hello = b"EHLO slow.example.net\r\n"
    transaction = f"MAIL FROM:<slow@example.net>\r\nRCPT TO:<{recipient}>\r\nDATA\r\n".encode()
    kinds = [("ehlo", [], b"EHLO slow"), ("mail", [hello], b"MAIL FROM:<slow"), ("data", [hello, transaction], b"Subject: slow\r\n")]
    made = []
    for number in range(count):
        kind, opening, rest = kinds[number % len(kinds)]
        network = number % networks
        header = f"PROXY TCP4 100.{64 + network // 65536}.{network // 256 % 256}.{network % 256} 127.0.0.1 4000 25\r\n"
        made.append(Script(kind, PROXY, opening, rest, header.encode()))
    return made


def honest_reply(server):
    try:
        SMTPClient(server.smtp).close()
        return "220"
    except (Refused, OSError) as refused:
        return str(refused)


def served_after(server, patience):
    """Seconds until an honest client is greeted, or None."""
    began = time.monotonic()
    while (seconds := time.monotonic() - began) < patience:
        if honest_reply(server) == "220":
            return round(seconds, 1)
        time.sleep(1)
    return None


def measure(name, folder, arguments, networks=0, **settings):
    """Honest mails a second, beside slow clients from so many networks."""
    with tempfile.TemporaryDirectory(prefix="maildex-slow-") as work:
        server = Server(arguments.binary, Path(work) / "data", MAILDEX_SMTP_PROXIES=PROXY, **settings)
        try:
            addresses = list(corpus.users(folder).values())
            for address in addresses:
                server.run("user", "add", address)
            server.start()
            crowd = None
            figures = {}
            if networks:
                crowd = Crowd(server.smtp, scripts(arguments.connections, networks, addresses[0]), arguments.interval)
                figures["settled"] = crowd.settle()["states"]
            figures["honest"] = honest_reply(server)
            if name == "spread":
                figures["served_after_s"] = served_after(server, arguments.patience)
            else:
                load = subprocess.run(
                    [LOAD, "--smtp", server.smtp_address, "--mail", folder, "--connections", "16", "--limit",
                     str(arguments.limit), "--probe-every", "0"], stdout=subprocess.PIPE, text=True)
                figures["refused_honest"] = load.returncode != 0
                result = json.loads(load.stdout.strip().splitlines()[-1])
                figures |= {"mails_s": round(result["mails_s"]), "ack_ms": {key: round(result["ack_ms"][key], 1)
                                                                             for key in ("p50", "p99")}}
            if crowd:
                figures |= crowd.end()
            figures |= {"cpu_seconds": round(server.cpu_seconds(), 1), "peak_rss_mb": round(server.memory("VmHWM"))}
            server.stop()
        finally:
            if not server.ended():
                server.kill()
    note(f"{name}: {json.dumps(figures)}")
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--networks", type=int, default=10, help="addresses of the slow clients, but for `spread`")
    parser.add_argument("--interval", type=float, default=3, help="seconds between two bytes of a connection")
    parser.add_argument("--patience", type=float, default=60, help="seconds; how long an honest client tries, for `spread`")
    parser.add_argument("--limit", type=int, default=4000, help="honest mails; 0 for the whole corpus")
    arguments = parser.parse_args()
    broken = []
    with tempfile.TemporaryDirectory(prefix="maildex-slow-corpus-") as work:
        folder = corpus.find(arguments, work)
        try:
            raise_file_limit(arguments.connections + 2000)
            alone = [measure("alone", folder, arguments)]
            runs = {"limited": measure("limited", folder, arguments, arguments.networks),
                    "lifted": measure("lifted", folder, arguments, arguments.networks, **LIFTED),
                    "spread": measure("spread", folder, arguments, arguments.connections)}
            alone.append(measure("alone", folder, arguments))
        except (Trouble, OSError) as trouble:
            sys.exit(f"FAILED: {trouble}")
    base = statistics.mean(run["mails_s"] for run in alone)
    for name, run in runs.items():
        if name == "spread":
            continue
        run["ratio"] = round(run["mails_s"] / base, 2)
        if run["ratio"] < LEAST_RATIO or run["refused_honest"]:
            broken.append(name)
    print(json.dumps({"connections": arguments.connections, "alone": alone, **runs, "broken": broken}), flush=True)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
