#!/usr/bin/env python3
"""PostgreSQL 15: tsvector and GIN, in a private cluster below --dir that this driver starts and stops.

The server listens on a Unix socket in a temporary directory only, runs as user `postgres` when the driver is root, is
stopped by its process id, and its files go with --dir (which that user must be able to reach: parent directories need x
for others).

Table: rank (primary key), date, read mark, user, and three tsvectors of the configuration `simple`: all text (subject,
body, sender, recipients, the word `zqgap` between them so that no phrase crosses), subject, sender. One GIN index over
the three, B-trees over date, over rank of unread mail and, with users, over user and rank; statistics target 1,000. The
tsvector is kept in the table because a phrase is checked there, the text is not. Sizes are the table's with its indexes.
Text is given as letters and digits only, since PostgreSQL's parser has its own idea of files, hosts and tags.

fsync and synchronous_commit stay on; shared_buffers 512 MB, no JIT, no parallel plans (the other engines use one thread).
Bulk copies the rows, then builds the indexes; `optimize` is VACUUM ANALYZE.

Each query is prepared once as a statement without parameters, so that its plan is kept. The clock is around one EXECUTE:
with the way to the server process and back, which `empty` (a statement without a row) shows, some 30 to 60 µs.
"""
import io
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

import peer
from documents import plain
from measure import descendants

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
FIELDS = {"any": "a", "from": "f", "subject": "s"}
GAP = " zqgap "
PATIENCE = 60  # seconds for the server to start or stop
SETTINGS = {
    "listen_addresses": "", "shared_buffers": "512MB", "maintenance_work_mem": "512MB", "work_mem": "64MB", "jit": "off",
    "max_parallel_workers_per_gather": "0", "max_parallel_maintenance_workers": "0", "default_statistics_target": "1000",
    "max_wal_size": "4GB", "random_page_cost": "1.1", "effective_cache_size": "4GB", "plan_cache_mode": "force_generic_plan"}
TABLE = """
CREATE TABLE m(rank integer NOT NULL, d bigint NOT NULL, unread boolean NOT NULL, u text,
               a tsvector NOT NULL, s tsvector NOT NULL, f tsvector NOT NULL);
CREATE TEMPORARY TABLE text(rank integer, d bigint, unread boolean, u text, a text, s text, f text)
"""
INDEXES = """
ALTER TABLE m ADD PRIMARY KEY (rank);
CREATE INDEX m_text ON m USING gin(a, s, f);
CREATE INDEX m_date ON m(d);
CREATE INDEX m_unread ON m(rank) WHERE unread
"""
INSERT = ("SELECT rank, d, unread, u, to_tsvector('simple', a), to_tsvector('simple', s), to_tsvector('simple', f)")


class Postgres(peer.Engine):
    name = "postgres"
    server = connection = reader = None

    # The cluster

    @property
    def data(self):
        return self.directory / "cluster"

    def account(self):
        """Arguments that make a child process run as somebody else than root, which the server refuses."""
        if os.geteuid() != 0:
            return {}
        entry = pwd.getpwnam("postgres")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def start(self):
        self.sockets = tempfile.mkdtemp(prefix="mxpg-")
        if account := self.account():
            os.chown(self.sockets, account["user"], account["group"])
        options = [option for name, value in SETTINGS.items() for option in ("-c", f"{name}={value}")]
        with open(self.directory / "server.log", "ab") as log:
            self.server = subprocess.Popen([BINARIES[-1] / "postgres", "-D", self.data, "-k", self.sockets, *options],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **account)
        self.connection = self.connect()

    def connect(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                connection = psycopg2.connect(host=self.sockets, dbname="postgres", user="postgres")
                connection.autocommit = True
                return connection
            except psycopg2.OperationalError as error:
                if self.server.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"the server did not start; its log is {self.directory / 'server.log'}\n{error}") from None
                time.sleep(0.02)

    def initialise(self):
        account = self.account()
        self.directory = self.directory.resolve()
        if account:
            self.data.mkdir()
            os.chown(self.data, account["user"], account["group"])
        subprocess.run([BINARIES[-1] / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C",
                        "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/", **account)

    def close(self):
        for connection in (self.connection, self.reader):
            if connection:
                connection.close()
        self.connection = self.reader = None
        if self.server:
            self.server.send_signal(signal.SIGINT)  # fast shutdown, with a checkpoint
            self.server.wait(PATIENCE)
            self.server = None
            shutil.rmtree(self.sockets, ignore_errors=True)

    def pids(self):
        """The server's processes; those that ended are counted with their parent."""
        return descendants(self.server.pid)

    def rss_mb(self):
        """Proportional, since the processes share their buffers."""
        total = 0
        for pid in self.pids():
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
        return total * 1024 / 1e6

    # Writing

    def create(self):
        self.initialise()
        self.start()
        self.run(TABLE)
        self.is_fresh = True

    def open_writer(self):
        self.directory = self.directory.resolve()
        self.start()
        self.prepare_writing()

    def run(self, statement, values=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)

    def add(self, documents):
        for at in range(0, len(documents), 10_000):
            self.copy(documents[at:at + 10_000])
        for statement in INDEXES.split(";") + ["CREATE INDEX m_user ON m(u, rank)"] * self.has_users:
            self.run(statement)
        self.run("DROP TABLE text")
        self.is_fresh = False

    def copy(self, documents):
        lines = io.StringIO()
        for document in documents:
            lines.write("\t".join(map(str, self.row(document))) + "\n")
        lines.seek(0)
        with self.connection.cursor() as cursor:
            cursor.copy_expert("COPY text FROM STDIN", lines)
        self.run(f"INSERT INTO m {INSERT} FROM text")
        self.run("TRUNCATE text")

    def row(self, document):
        subject, body = plain(document.subject), plain(document.body)
        return (document.rank, document.date, "t" if document.is_unread else "f", document.user,
                GAP.join((subject, body, document.sender, document.recipients)), subject, document.sender)

    def optimize(self):
        self.run("VACUUM (ANALYZE) m")

    def settle(self):
        self.run("CHECKPOINT")

    def prepare_writing(self):
        self.run(f"PREPARE add(integer, bigint, boolean, text, text, text, text) AS INSERT INTO m {INSERT} "
                 "FROM (VALUES ($1, $2, $3, $4, $5, $6, $7)) AS t(rank, d, unread, u, a, s, f)")
        self.is_fresh = False
        self.reader = self.connect()

    def commit(self, document):
        if self.is_fresh:
            self.add([])
            self.prepare_writing()
        self.run("EXECUTE add(%s, %s, %s, %s, %s, %s, %s)", self.row(document))

    def find(self, word):
        with self.reader.cursor() as cursor:
            cursor.execute("SELECT rank FROM m WHERE a @@ %s::tsquery ORDER BY rank DESC LIMIT 20", (word,))
            return len(cursor.fetchall())

    def size(self):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_total_relation_size('m')")
            return cursor.fetchone()[0]

    # Reading

    def open_reader(self):
        self.directory = self.directory.resolve()
        if self.server:
            self.connection = self.connect()  # `cold` has started it
        else:
            self.start()
        self.cursor = self.connection.cursor()
        self.prepared = 0

    def before_eviction(self):
        """A server started anew has cold buffers; opening is then connecting."""
        self.directory = self.directory.resolve()
        self.start()
        self.connection.close()

    def prepare(self, query):
        if query.substring or query.fuzzy:
            return None
        where = " AND ".join(conditions(query))
        newest = self.statement(
            f"SELECT rank FROM m WHERE {where} ORDER BY rank DESC LIMIT {peer.NEWEST} OFFSET {query.offset}")
        count = self.statement(f"SELECT count(*) FROM m WHERE {where}")
        months = query.facet and self.statement(
            "SELECT to_char(to_timestamp(d) AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) FROM m "
            f"WHERE {where} GROUP BY 1 ORDER BY 1")
        return peer.Prepared(newest=newest, count=lambda: count()[0][0], ranks=lambda rows: [rank for rank, in rows],
                             facet=months and (lambda: [list(row) for row in months()]))

    def statement(self, text):
        """A function that runs the statement and gives its rows."""
        self.prepared += 1
        self.run(f"PREPARE q{self.prepared} AS {text}")
        execute, fetch, call = self.cursor.execute, self.cursor.fetchall, f"EXECUTE q{self.prepared}"

        def run():
            execute(call)
            return fetch()
        return run

    def prepare_empty(self):
        return self.statement("SELECT 1 WHERE false")


def conditions(query):
    """The parts of WHERE: words are letters only, nothing needs escaping."""
    def match(field, expression):
        return f"{FIELDS[field]} @@ '{expression}'::tsquery"

    every = [match(field, " & ".join(words)) for field, words in by_field(query.must + negated(query.must_not))]
    if query.should:
        every.append("(" + " OR ".join(match(field, " | ".join(words)) for field, words in by_field(query.should)) + ")")
    if query.phrase:
        every.append(match("any", " <-> ".join(query.phrase)))
    if query.prefix:
        every.append(match("any", query.prefix + ":*"))
    if query.lo is not None:
        every.append(f"d >= {query.lo} AND d < {query.hi}")
    if query.unread:
        every.append("unread")
    if query.user:
        every.append(f"u = '{query.user}'")
    return every


def negated(clauses):
    return [(field, "!" + word) for field, word in clauses]


def by_field(clauses):
    """Words of each field together, since one tsquery is one index scan."""
    fields = {}
    for field, word in clauses:
        fields.setdefault(field, []).append(word)
    return fields.items()


if __name__ == "__main__":
    peer.main(Postgres, __doc__)
