#!/usr/bin/env python3
"""Searches over HTTP: how long they take when nothing else happens, while mail arrives, and while the index is rebuilt.

    bench/rigs/search_mail.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --sample] [--data DIR]
                              [--clients 2] [--seconds 20] [--rate 400] [--seed 1]

The corpus is imported into a fresh data directory (or --data holds what import_mail.py left). Each client is a process with a
kept-alive connection for each user that asks one search after another, with its exact total, highlights and twenty hits: a word, two words, a
phrase or a word of a sender, drawn by the seed from the user's own mails. Prints one JSON line: for each time of the three the searches
a second and how long they took in ms, until the client had the last byte of the answer (of which Python and loopback take a quarter
of a millisecond: `health`, the same of a request that does nothing). Exit code 1 when a search fails or nothing is ever found.
"""
import argparse
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from receive_mail import LOAD  # noqa: E402
from server import BINARY, Client, Server, Trouble, note  # noqa: E402


def queries_of(directory, chance, count=200):
    """Searches for what stands in some of the user's mails."""
    found, mails = [], list(corpus.mails(directory))
    while len(found) < count and mails:
        text = chance.choice(mails).decode("latin-1")
        head, _, body = text.partition("\n\n")
        words = re.findall(r"(?<![^\s])[a-z]{4,12}(?![^\s])", body)[:400]
        if len(words) < 3:
            mails = [mail for mail in mails if mail.decode("latin-1") != text]
            continue
        place = chance.randrange(len(words) - 1)
        sender = re.search(r"(?m)^From:.*?([A-Za-z]{3,})", head)
        found.append(chance.choice([
            words[place], f"{words[place]} {chance.choice(words)}", f"{words[place]} {words[place - 1]}",
            f'"{words[place]} {words[place + 1]}"', f"from:{sender[1]}" if sender else words[place]]))
    return found


def client(number, address, searches, seconds, results):
    """Asks until the time is over; puts (latencies in ms, hits) or what went wrong."""
    latencies, hits = [], 0
    try:
        connections = {user: Client(address, user) for user in searches}
        chance = random.Random(number)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            user = chance.choice(list(searches))
            query = chance.choice(searches[user])
            path = "/healthz" if query is None else "/v1/search?" + urllib.parse.urlencode(
                {"q": query, "limit": 20, "highlight": "true"})
            began = time.perf_counter()
            status, _, body = connections[user].ask("GET", path)
            latencies.append((time.perf_counter() - began) * 1000)
            if status != 200:
                raise Trouble(f"GET {path} of {user} answers {status}: {body[:500]!r}")
            hits += 0 if query is None else json.loads(body)["total"]
        results.put((latencies, hits))
    except Exception as trouble:  # A process of its own: what it raises is told to the one that started it.
        results.put(repr(trouble))


def percentiles(latencies):
    ordered = sorted(latencies)
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in
          (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1))}
    return {"n": len(ordered)} | {name: round(value, 3) for name, value in at.items()}


def measure(server, searches, arguments, seconds):
    """Percentiles of all clients. Searches that find nothing at all are a failure."""
    results = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=client, args=(number, server.http, searches, seconds, results))
                 for number in range(arguments.clients)]
    for process in processes:
        process.start()
    ended = [results.get(timeout=seconds + 60) for _ in processes]
    for process in processes:
        process.join()
    for one in ended:
        if isinstance(one, str):
            raise Trouble(f"a search failed: {one}")
    latencies = [latency for own, _ in ended for latency in own]
    if None not in next(iter(searches.values())) and not sum(hits for _, hits in ended):
        raise Trouble("nothing was found by any search")
    return percentiles(latencies) | {"searches_s": round(len(latencies) / seconds)}


def while_receiving(server, folder, searches, arguments):
    load = subprocess.Popen(
        [LOAD, "--smtp", server.smtp_address, "--http", server.http_address, "--mail", folder, "--connections", "4",
         "--rate", str(arguments.rate), "--limit", str(int(arguments.rate * (arguments.seconds + 2))), "--probe-every", "1000"],
        stdout=subprocess.PIPE, text=True)
    try:
        figures = measure(server, searches, arguments, arguments.seconds)
        # With --sample there are too few mails to last so long.
        lines = load.communicate()[0].strip().splitlines()
    finally:
        load.kill()
    # It also fails where it found nothing to probe, as with a handful of mails; mail that was refused is not in its figures.
    received = json.loads(lines[-1])["mails"] if lines else 0
    if not received:
        raise Trouble("no mail was received")
    return figures | {"received": received}


def while_reindexing(server, searches, arguments):
    rebuilds, troubles, stop = [], [], threading.Event()

    def rebuild():
        try:
            while not stop.is_set():
                rebuilds.append(server.run("reindex", "--all"))
        except Trouble as trouble:
            troubles.append(trouble)

    thread = threading.Thread(target=rebuild)
    thread.start()
    try:
        figures = measure(server, searches, arguments, arguments.seconds)
    finally:
        stop.set()
        thread.join()
    if troubles:
        raise troubles[0]
    return figures | {"rebuilds": len(rebuilds)}


def run(server, folder, arguments):
    chance = random.Random(arguments.seed)
    searches = {address: queries_of(folder / name, chance) for name, address in corpus.users(folder).items()}
    searches = {user: own for user, own in searches.items() if own}
    server.start()
    note("warming up")
    measure(server, searches, arguments, min(5, arguments.seconds))
    figures = {"health": measure(server, {user: [None] for user in searches}, arguments, min(5, arguments.seconds))}
    note("nothing else happens")
    figures["quiet"] = measure(server, searches, arguments, arguments.seconds)
    note(f"while {arguments.rate} mails a second arrive")
    figures["receiving"] = while_receiving(server, folder, searches, arguments)
    note("while the index is rebuilt")
    figures["reindexing"] = while_reindexing(server, searches, arguments)
    server.stop()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--clients", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20, help="for each of the three times")
    parser.add_argument("--rate", type=int, default=400, help="mails that arrive a second")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-search-") as work:
        folder = corpus.find(arguments, work)
        server = Server(arguments.binary, arguments.data or Path(work) / "data")
        try:
            if not arguments.data:
                for name, address in corpus.users(folder).items():
                    server.run("user", "add", address)
                    server.run("import", "--user", address, *sorted((folder / name).glob("*.mbox")))
            figures = run(server, folder, arguments)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
