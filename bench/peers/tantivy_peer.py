#!/usr/bin/env python3
"""tantivy through its Python binding (pip package `tantivy`), one indexing thread.

Fields: `a` holds subject, body, from and to as four values with positions (a phrase cannot cross them), `s` and `f` the
subject and the sender once more; rank and date are fast fields, unread and user are terms. Hits are ordered by the fast
field rank, newest first; the values that come back with the hits are the ranks, no document is read.

The binding has no forced merge, so `optimize` waits for the merges that the default policy began; a budget of 1 GB keeps
100,000 mails in one segment or two. Merging and, in bulk, indexing run beside Python's thread, so processor seconds say
more than seconds. With nothing deleted, the number of a single word is its document frequency; other numbers are counted
beside a search for the best hit, the fastest way that the binding has.

Python adds the call and one object for its answer, about 1 µs: `empty` shows it with a query that matches nothing.
"""
import gc

import tantivy

import peer

FIELDS = {"any": "a", "from": "f", "subject": "s"}
BUDGET = 1_000_000_000  # bytes of memory before a segment is written
SMALL_BUDGET = 50_000_000  # for commits of one mail
Occur, Q = tantivy.Occur, tantivy.Query


class Tantivy(peer.Engine):
    name = "tantivy"
    index = writer = reader = searcher = None

    def schema(self):
        builder = tantivy.SchemaBuilder()
        for name in ("a", "s", "f"):
            builder.add_text_field(name, index_option="position")
        builder.add_text_field("u", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("r", tokenizer_name="raw", index_option="basic")
        builder.add_unsigned_field("rank", fast=True)
        builder.add_integer_field("d", fast=True)
        return builder.build()

    def create(self):
        self.index = tantivy.Index(self.schema(), str(self.directory), reuse=False)
        self.open_writer()

    def open_writer(self):
        self.index = self.index or tantivy.Index.open(str(self.directory))
        self.reader = tantivy.Index.open(str(self.directory))
        self.reader.config_reader("manual")

    def add(self, documents):
        self.writer = self.index.writer(BUDGET, 1)
        for document in documents:
            self.writer.add_document(self.document(document))
        self.writer.commit()

    def document(self, document):
        made = tantivy.Document()
        for text in (document.subject, document.body, document.sender, document.recipients):
            made.add_text("a", text)
        made.add_text("s", document.subject)
        made.add_text("f", document.sender)
        made.add_unsigned("rank", document.rank)
        made.add_integer("d", document.date)
        if document.is_unread:
            made.add_text("r", "unread")
        if self.has_users:
            made.add_text("u", document.user)
        return made

    def optimize(self):
        self.settle()

    def settle(self):
        self.writer.wait_merging_threads()
        self.writer = self.index.writer(SMALL_BUDGET, 1)
        self.writer.garbage_collect_files()
        self.writer.wait_merging_threads()
        self.writer = None

    def commit(self, document):
        self.writer = self.writer or self.index.writer(SMALL_BUDGET, 1)
        self.writer.add_document(self.document(document))
        self.writer.commit()

    def find(self, word):
        self.reader.reload()
        query = Q.term_query(self.reader.schema, "a", word)
        return len(self.reader.searcher().search(query, peer.NEWEST, count=False, order_by_field="rank").hits)

    def open_reader(self):
        self.index = tantivy.Index.open(str(self.directory))
        self.searcher = self.index.searcher()

    def close(self):
        if self.writer:
            self.writer.wait_merging_threads()
        self.index = self.writer = self.reader = self.searcher = None
        gc.collect()

    def prepare(self, query):
        if query.facet:
            return None
        built, search, offset = self.build(query), self.searcher.search, query.offset
        return peer.Prepared(
            newest=lambda: search(built, peer.NEWEST, False, "rank", offset),
            count=self.counter(query, built),
            ranks=lambda answer: [rank for rank, _ in answer.hits])

    def counter(self, query, built):
        """Tantivy's own short cut for a word, which its Count collector does not take through the binding."""
        if clause := query.single_clause():
            field, word, frequency = FIELDS[clause[0]], clause[1], self.searcher.doc_freq
            return lambda: frequency(field, word)
        search = self.searcher.search
        return lambda: search(built, 1, True).count

    def build(self, query):
        """All clauses in one boolean query; a single clause alone."""
        schema = self.index.schema

        def term(clause):
            return Q.term_query(schema, FIELDS[clause[0]], clause[1], index_option="basic")

        must = [term(clause) for clause in query.must]
        if query.should:
            must.append(Q.boolean_query([(Occur.Should, term(clause)) for clause in query.should]))
        if query.phrase:
            must.append(Q.phrase_query(schema, "a", query.phrase))
        if query.prefix:
            must.append(Q.regex_query(schema, "a", query.prefix + ".*"))
        if query.substring:
            must.append(Q.regex_query(schema, "a", f".*{query.substring}.*"))
        if query.fuzzy:
            must.append(Q.fuzzy_term_query(schema, "a", query.fuzzy, distance=1))
        if query.lo is not None:
            must.append(Q.range_query(schema, "d", tantivy.FieldType.Integer, query.lo, query.hi, include_upper=False))
        if query.unread:
            must.append(Q.term_query(schema, "r", "unread", index_option="basic"))
        if query.user:
            must.append(Q.term_query(schema, "u", query.user, index_option="basic"))
        if len(must) == 1 and not query.must_not:
            return must[0]
        return Q.boolean_query([(Occur.Must, one) for one in must] + [(Occur.MustNot, term(one)) for one in query.must_not])

    def prepare_empty(self):
        search, query = self.searcher.search, Q.empty_query()
        return lambda: search(query, peer.NEWEST, False, "rank")


if __name__ == "__main__":
    peer.main(Tantivy, __doc__)
