#!/usr/bin/env python3
"""SQLite FTS5 through Python's sqlite3, one database file.

A contentless table of subject, body, from and to (detail=full, columnsize=0: nothing is ranked by length), whose rowid is
the document's rank, so `ORDER BY rowid DESC LIMIT 20` walks the postings from the newest and stops. WAL with
synchronous=FULL, default page cache and mmap. A second table has date and read mark by rank; a window becomes a range of
rowids through its index. With users, a column of its own holds the user.

Statements stay prepared in the connection's cache; FTS5 parses its MATCH expression at every run, it has no other way.
Python adds to each call one execute and one fetchall, about 1.5 µs, which `empty` shows with a statement that reads nothing.
"""
import sqlite3

import peer

COLUMNS = "{s b f t}"
FIELDS = {"any": COLUMNS, "from": "f", "subject": "s"}


class FTS5(peer.Engine):
    name = "fts5"
    connection = reader = None

    def connect(self):
        connection = sqlite3.connect(self.directory / "index.sqlite", isolation_level=None, cached_statements=2_000)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def create(self):
        self.open_writer()
        self.connection.execute("CREATE VIRTUAL TABLE m USING fts5(s, b, f, t, u, content='', columnsize=0)")
        self.connection.execute("CREATE TABLE d(rank INTEGER PRIMARY KEY, date INTEGER NOT NULL, unread INTEGER NOT NULL)")
        self.connection.execute("CREATE INDEX d_date ON d(date)")

    def open_writer(self):
        self.connection, self.reader = self.connect(), self.connect()

    def add(self, documents):
        self.connection.execute("BEGIN")
        for document in documents:
            self.insert(document)
        self.connection.execute("COMMIT")
        self.settle()

    def insert(self, document):
        self.connection.execute(
            "INSERT INTO m(rowid, s, b, f, t, u) VALUES(?, ?, ?, ?, ?, ?)",
            (document.rank, document.subject, document.body, document.sender, document.recipients,
             peer.user_word(document.user) if self.has_users else None))
        self.connection.execute("INSERT INTO d VALUES(?, ?, ?)", (document.rank, document.date, document.is_unread))

    def optimize(self):
        self.connection.execute("INSERT INTO m(m) VALUES('optimize')")
        self.connection.execute("VACUUM")
        self.connection.execute("ANALYZE d")
        self.settle()

    def commit(self, document):
        self.connection.execute("BEGIN IMMEDIATE")
        self.insert(document)
        self.connection.execute("COMMIT")

    def find(self, word):
        return len(self.reader.execute("SELECT rowid FROM m WHERE m MATCH ? ORDER BY rowid DESC LIMIT 20", (word,)).fetchall())

    def open_reader(self):
        self.connection = self.connect()

    def settle(self):
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log is no part of what is kept

    def prepare_empty(self):
        execute = self.connection.execute
        return lambda: execute("SELECT rank FROM d WHERE ?", (0,)).fetchall()

    def close(self):
        for connection in (self.reader, self.connection):
            if connection:
                connection.close()
        self.connection = self.reader = None

    def prepare(self, query):
        source, condition, values = "m", "m MATCH ?", [expression(query)]
        if query.unread or query.facet:
            source = "m CROSS JOIN d ON d.rank = m.rowid"
        if query.unread:
            condition += " AND d.unread"
        if query.lo is not None:
            condition += (" AND m.rowid >= (SELECT rank FROM d WHERE date >= ? ORDER BY date LIMIT 1)"
                          " AND m.rowid <= (SELECT rank FROM d WHERE date < ? ORDER BY date DESC LIMIT 1)")
            values += [query.lo, query.hi]
        newest = (f"SELECT m.rowid FROM {source} WHERE {condition} "
                  f"ORDER BY m.rowid DESC LIMIT {peer.NEWEST} OFFSET {query.offset}")
        count = f"SELECT count(*) FROM {source} WHERE {condition}"
        months = (f"SELECT strftime('%Y-%m', d.date, 'unixepoch'), count(*) FROM {source} WHERE {condition} "
                  "GROUP BY 1 ORDER BY 1")
        execute, values = self.connection.execute, tuple(values)
        return peer.Prepared(
            newest=lambda: execute(newest, values).fetchall(),
            count=lambda: execute(count, values).fetchall()[0][0],
            ranks=lambda rows: [rank for rank, in rows],
            facet=query.facet and (lambda: [list(row) for row in execute(months, values).fetchall()]))


def expression(query):
    """The MATCH expression: words are letters only, so quotes are all the escaping there is."""
    clauses = [f'{FIELDS[name]} : "{word}"' for name, word in query.must]
    if query.should:
        clauses.append("(" + " OR ".join(f'{FIELDS[name]} : "{word}"' for name, word in query.should) + ")")
    if query.phrase:
        clauses.append(f'{COLUMNS} : "{" ".join(query.phrase)}"')
    if query.prefix:
        clauses.append(f'{COLUMNS} : "{query.prefix}" *')
    if query.user:
        clauses.append(f'u : "{peer.user_word(query.user)}"')
    text = " AND ".join(clauses)
    for name, word in query.must_not:
        text = f'({text}) NOT {FIELDS[name]} : "{word}"'
    return text if query.user else text.replace(COLUMNS + " : ", "")  # without users every column is one of them


if __name__ == "__main__":
    peer.main(FTS5, __doc__)
