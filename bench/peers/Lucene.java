import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.LongPoint;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedNumericDocValuesField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause.Occur;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.DocIdSetIterator;
import org.apache.lucene.search.FuzzyQuery;
import org.apache.lucene.search.IndexOrDocValuesQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.IndexSortSortedNumericDocValuesRangeQuery;
import org.apache.lucene.search.MatchNoDocsQuery;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.PrefixQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreMode;
import org.apache.lucene.search.Scorer;
import org.apache.lucene.search.Sort;
import org.apache.lucene.search.SortField;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.Weight;
import org.apache.lucene.search.WildcardQuery;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.util.Bits;

/**
 * The part of lucene_peer.py that runs in Java. Its answers are lines for that driver, not for people.
 *
 * <pre>
 *   Lucene bulk DIR                            documents on standard input
 *   Lucene durable DIR                         the same; an index that is there is added to
 *   Lucene query DIR QUERIES PASSES BUDGET     BUDGET in seconds for each kind
 *   Lucene cold DIR QUERIES N                  EVICT on standard output, a line on standard input
 * </pre>
 *
 * A document is a line of tab-separated rank, user, date, 1 if unread, subject, body, sender, recipients. A query is a line
 * of tab-separated key=value; see {@link #parse}.
 */
public final class Lucene {
  static final int NEWEST = 20;
  static final double WARM_UP = 0.5; // seconds of each kind before any is timed, for the compiler
  static final int GAP = 100; // positions between two values of a field, so that no phrase crosses
  static final double BUFFER_MB = 512;
  static final Map<String, String> FIELDS = Map.of("any", "a", "from", "f", "subject", "s");

  public static void main(String[] arguments) throws Exception {
    Path path = Path.of(arguments[1]);
    switch (arguments[0]) {
      case "bulk" -> bulk(path);
      case "durable" -> durable(path);
      case "query" -> query(path, Path.of(arguments[2]), Integer.parseInt(arguments[3]), Double.parseDouble(arguments[4]));
      case "cold" -> cold(path, Path.of(arguments[2]), Integer.parseInt(arguments[3]));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  // Writing

  /** Runs of letters and digits in lower case. */
  static final class Words extends Analyzer {
    @Override protected TokenStreamComponents createComponents(String field) {
      Tokenizer tokenizer = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
      return new TokenStreamComponents(tokenizer, new LowerCaseFilter(tokenizer));
    }

    @Override public int getPositionIncrementGap(String field) {
      return GAP;
    }
  }

  static final FieldType TEXT = new FieldType();
  static {
    TEXT.setIndexOptions(IndexOptions.DOCS_AND_FREQS_AND_POSITIONS);
    TEXT.setOmitNorms(true);
    TEXT.freeze();
  }

  /** Segments sorted by date, newest first; one thread merges in the background, unthrottled. */
  static IndexWriter writer(Directory directory) throws IOException {
    ConcurrentMergeScheduler merges = new ConcurrentMergeScheduler();
    merges.setMaxMergesAndThreads(2, 1);
    merges.disableAutoIOThrottle();
    return new IndexWriter(directory, new IndexWriterConfig(new Words())
        .setIndexSort(new Sort(new SortField("d", SortField.Type.LONG, true)))
        .setRAMBufferSizeMB(BUFFER_MB).setMergeScheduler(merges));
  }

  static Document document(String line) {
    String[] part = line.split("\t", -1);
    Document document = new Document();
    for (int i = 4; i < 8; i++) {
      document.add(new Field("a", part[i], TEXT));
    }
    document.add(new Field("s", part[4], TEXT));
    document.add(new Field("f", part[6], TEXT));
    document.add(new NumericDocValuesField("rank", Long.parseLong(part[0])));
    document.add(new NumericDocValuesField("d", Long.parseLong(part[2])));
    document.add(new LongPoint("d", Long.parseLong(part[2])));
    if (part[3].equals("1")) {
      document.add(new StringField("r", "unread", Field.Store.NO));
    }
    if (!part[1].isEmpty()) {
      document.add(new StringField("u", part[1], Field.Store.NO));
    }
    return document;
  }

  static List<String> lines(java.io.InputStream input) throws IOException {
    List<String> lines = new ArrayList<>();
    BufferedReader reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.ISO_8859_1), 1 << 20);
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      lines.add(line);
    }
    return lines;
  }

  static void bulk(Path path) throws IOException {
    List<String> lines = lines(System.in);
    long held = status("VmRSS");
    try (Directory directory = FSDirectory.open(path); IndexWriter writer = writer(directory)) {
      double cpu = cpuSeconds();
      long written = writtenBytes(), began = System.nanoTime();
      for (String line : lines) {
        writer.addDocument(document(line));
      }
      writer.commit();
      say("seconds", seconds(began));
      say("cpu", cpuSeconds() - cpu);
      say("written", writtenBytes() - written);
      say("size", bytes(path));
      began = System.nanoTime();
      writer.forceMerge(1);
      writer.commit();
      say("optimize", seconds(began));
      say("all_written", writtenBytes() - written);
      say("optimized", bytes(path));
      say("rss", (status("VmHWM") - held) * 1024 / 1e6);
    }
  }

  /** One commit for each document; a near-real-time reader, reopened after it, must find the probe word at its end. */
  static void durable(Path path) throws IOException {
    List<String> lines = lines(System.in);
    long before = bytes(path), written = writtenBytes();
    try (Directory directory = FSDirectory.open(path)) {
      try (IndexWriter writer = writer(directory)) {
        DirectoryReader reader = DirectoryReader.open(writer);
        for (int i = 0; i < lines.size(); i++) {
          long began = System.nanoTime();
          writer.addDocument(document(lines.get(i)));
          writer.commit();
          long committed = System.nanoTime();
          DirectoryReader changed = DirectoryReader.openIfChanged(reader);
          if (changed != null) {
            reader.close();
            reader = changed;
          }
          Newest newest = new Newest(searcher(reader), new TermQuery(new Term("a", "zqprobe" + i)), NEWEST);
          long ended = System.nanoTime();
          System.out.println("mail " + (committed - began) + " " + (ended - committed) + " " + newest.size);
        }
        reader.close();
      } // waits for merges
      say("written", writtenBytes() - written);
      say("grown", bytes(path) - before);
      say("rss", status("VmHWM") * 1024 / 1e6);
    }
  }

  // Reading

  /** No query cache: it would answer repeated queries from its own memory. */
  static IndexSearcher searcher(DirectoryReader reader) {
    IndexSearcher searcher = new IndexSearcher(reader);
    searcher.setQueryCache(null);
    return searcher;
  }

  /**
   * The highest ranks in order. Segments are sorted newest first, so each is left after enough hits, or as soon as its next
   * hit is older than all that are held. Walks the scorers itself: a collector could stop only by an exception, which costs
   * more than the twenty hits, and a disjunction would be scored 2,048 documents at a time.
   */
  static final class Newest {
    final long[] best;
    int size;

    Newest(IndexSearcher searcher, Query query, int limit) throws IOException {
      best = new long[limit];
      Weight weight = searcher.createWeight(searcher.rewrite(query), ScoreMode.COMPLETE_NO_SCORES, 1);
      for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
        Scorer scorer = weight.scorer(leaf);
        if (scorer != null) {
          take(scorer.iterator(), leaf.reader().getNumericDocValues("rank"), leaf.reader().getLiveDocs());
        }
      }
    }

    private void take(DocIdSetIterator hits, NumericDocValues ranks, Bits live) throws IOException {
      int taken = 0;
      for (int hit = hits.nextDoc(); hit != DocIdSetIterator.NO_MORE_DOCS; hit = hits.nextDoc()) {
        if (live != null && !live.get(hit)) {
          continue;
        }
        ranks.advanceExact(hit);
        long rank = ranks.longValue();
        if (size == best.length && rank < best[size - 1]) {
          return;
        }
        insert(rank);
        if (++taken == best.length) {
          return;
        }
      }
    }

    private void insert(long rank) {
      int at = size < best.length ? size++ : size - 1;
      for (; at > 0 && best[at - 1] < rank; at--) {
        best[at] = best[at - 1];
      }
      best[at] = rank;
    }
  }

  /** A query of the file: its place there, its kind, and how many newer hits are passed over. */
  record Asked(int place, String kind, Query query, int offset) {
    Newest newest(IndexSearcher searcher) {
      try {
        return new Newest(searcher, query, offset + NEWEST);
      } catch (IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }

    int count(IndexSearcher searcher) {
      try {
        return searcher.count(query);
      } catch (IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  static TermQuery term(String clause) {
    int colon = clause.indexOf(':');
    return new TermQuery(new Term(FIELDS.get(clause.substring(0, colon)), clause.substring(colon + 1)));
  }

  /**
   * Keys: place, kind, offset, must, should, not (field:word, each may be repeated), phrase, prefix, substring, fuzzy, lo
   * before hi, unread, user.
   */
  static Asked parse(String line) {
    int place = 0, offset = 0;
    String kind = "";
    long low = 0;
    List<Query> must = new ArrayList<>(), should = new ArrayList<>(), not = new ArrayList<>();
    for (String part : line.split("\t")) {
      int equals = part.indexOf('=');
      String value = part.substring(equals + 1);
      switch (part.substring(0, equals)) {
        case "place" -> place = Integer.parseInt(value);
        case "kind" -> kind = value;
        case "offset" -> offset = Integer.parseInt(value);
        case "must" -> must.add(term(value));
        case "should" -> should.add(term(value));
        case "not" -> not.add(term(value));
        case "phrase" -> must.add(new PhraseQuery("a", value.split(" ")));
        case "prefix" -> must.add(new PrefixQuery(new Term("a", value)));
        case "substring" -> must.add(new WildcardQuery(new Term("a", "*" + value + "*")));
        case "fuzzy" -> must.add(new FuzzyQuery(new Term("a", value), 1, 0, 1024, true));
        case "lo" -> low = Long.parseLong(value);
        case "hi" -> must.add(window(low, Long.parseLong(value) - 1));
        case "unread" -> must.add(new TermQuery(new Term("r", "unread")));
        case "user" -> must.add(new TermQuery(new Term("u", value)));
        default -> throw new IllegalArgumentException(part);
      }
    }
    return new Asked(place, kind, combined(must, should, not), offset);
  }

  /** Binary search in the sorted segments' dates. */
  static Query window(long low, long high) {
    return new IndexSortSortedNumericDocValuesRangeQuery("d", low, high, new IndexOrDocValuesQuery(
        LongPoint.newRangeQuery("d", low, high), SortedNumericDocValuesField.newSlowRangeQuery("d", low, high)));
  }

  static Query combined(List<Query> must, List<Query> should, List<Query> not) {
    if (!should.isEmpty()) {
      BooleanQuery.Builder either = new BooleanQuery.Builder();
      should.forEach(query -> either.add(query, Occur.SHOULD));
      must.add(either.build());
    }
    if (must.size() == 1 && not.isEmpty()) {
      return must.get(0);
    }
    BooleanQuery.Builder all = new BooleanQuery.Builder();
    must.forEach(query -> all.add(query, Occur.FILTER));
    not.forEach(query -> all.add(query, Occur.MUST_NOT));
    return all.build();
  }

  static List<Asked> read(Path queries) throws IOException {
    return Files.readAllLines(queries, StandardCharsets.ISO_8859_1).stream().map(Lucene::parse).toList();
  }

  static void query(Path path, Path file, int passes, double budget) throws IOException {
    List<Asked> queries = read(file);
    try (Directory directory = FSDirectory.open(path); DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = searcher(reader);
      for (Asked asked : queries) {
        Newest found = asked.newest(searcher);
        long[] page = Arrays.copyOfRange(found.best, Math.min(asked.offset, found.size), found.size);
        System.out.println("answer " + asked.place + " " + asked.count(searcher) + " "
            + Arrays.toString(page).replaceAll("[\\[\\] ]", ""));
      }
      Map<String, List<Asked>> kinds = new LinkedHashMap<>();
      queries.forEach(asked -> kinds.computeIfAbsent(asked.kind, kind -> new ArrayList<>()).add(asked));
      for (List<Asked> kind : kinds.values()) {
        rounds(counts(kind, searcher), Integer.MAX_VALUE, WARM_UP);
        rounds(newest(kind, searcher), Integer.MAX_VALUE, WARM_UP);
      }
      Asked nothing = new Asked(0, "empty", new MatchNoDocsQuery(), 0);
      rounds(List.of(() -> nothing.newest(searcher)), 10_000, 1);
      for (long median : rounds(java.util.Collections.nCopies(50, () -> nothing.newest(searcher)), passes, budget).medians) {
        System.out.println("empty " + median);
      }
      for (List<Asked> kind : kinds.values()) {
        timed("count", kind, counts(kind, searcher), passes, budget / 2);
        timed("newest", kind, newest(kind, searcher), passes, budget / 2);
      }
      say("rss", status("VmHWM") * 1024 / 1e6);
    }
  }

  static List<Runnable> counts(List<Asked> kind, IndexSearcher searcher) {
    return kind.stream().<Runnable>map(asked -> () -> asked.count(searcher)).toList();
  }

  static List<Runnable> newest(List<Asked> kind, IndexSearcher searcher) {
    return kind.stream().<Runnable>map(asked -> () -> asked.newest(searcher)).toList();
  }

  /** Runs the calls for a while, then again by the clock, and says each median. */
  static void timed(String name, List<Asked> kind, List<Runnable> calls, int passes, double budget) {
    rounds(calls, 100, 0.3);
    Rounds result = rounds(calls, passes, budget);
    for (int i = 0; i < calls.size(); i++) {
      System.out.println(name + " " + kind.get(i).place + " " + result.medians[i] + " " + result.made);
    }
  }

  record Rounds(long[] medians, int made) {}

  /** As measure.py's median_rounds; medians in nanoseconds. */
  static Rounds rounds(List<Runnable> calls, int passes, double budget) {
    List<long[]> samples = new ArrayList<>();
    long end = System.nanoTime() + (long) (budget * 1e9);
    while (samples.isEmpty() || (samples.size() < passes && System.nanoTime() < end)) {
      long[] times = new long[calls.size()];
      for (int i = 0; i < times.length; i++) {
        long began = System.nanoTime();
        calls.get(i).run();
        times[i] = System.nanoTime() - began;
      }
      if (samples.size() < 10_000) {
        samples.add(times);
      }
    }
    long[] medians = new long[calls.size()];
    for (int i = 0; i < medians.length; i++) {
      final int call = i;
      long[] sorted = samples.stream().mapToLong(times -> times[call]).sorted().toArray();
      medians[i] = (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }
    return new Rounds(medians, samples.size());
  }

  static void cold(Path path, Path file, int count) throws IOException {
    List<Asked> queries = read(file);
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (int i = 0; i <= count; i++) {
      System.out.println("EVICT");
      System.out.flush();
      if (input.readLine() == null) {
        throw new IOException("standard input ended before the files were dropped from the page cache");
      }
      long began = System.nanoTime();
      try (Directory directory = FSDirectory.open(path); DirectoryReader reader = DirectoryReader.open(directory)) {
        long opened = System.nanoTime();
        queries.get(i % queries.size()).newest(searcher(reader));
        System.out.println("cold " + (opened - began) + " " + (System.nanoTime() - began));
      }
    }
  }

  // Counters

  static void say(String key, double value) {
    System.out.println(key + " " + value);
  }

  static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  static long field(String file, String name) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      if (line.startsWith(name + ":")) {
        return Long.parseLong(line.split("\\s+")[1]);
      }
    }
    return 0;
  }

  /** Kilobytes. */
  static long status(String name) throws IOException {
    return field("/proc/self/status", name);
  }

  static long writtenBytes() throws IOException {
    return field("/proc/self/io", "write_bytes");
  }

  static double cpuSeconds() {
    return ((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime() / 1e9;
  }

  static long bytes(Path path) throws IOException {
    try (var files = Files.walk(path)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
