import MailFormat
import Testing

struct HeaderTextTests {
  @Test(arguments: [
    ("Hello", "Hello"),
    ("a\n b", "a b"),
    ("a \r\n\t  b", "a b"),
    ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    ("=?UTF-8?b?R3LDvMOfZQ==?=", "Grüße"),
    ("=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    ("=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"),
    ("=?utf-8?Q?a?=\n =?utf-8?Q?b?=", "ab"),
    ("=?utf-8?Q?a?= =?iso-8859-1?Q?b?=", "ab"),
    ("=?utf-8?Q?a?= b =?utf-8?Q?c?=", "a b c"),
    ("[x]=?utf-8?Q?a?=:", "[x]a:"),
    ("=?utf-8?Q?a_b=5F?=", "a b_"),
    ("=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=", "€"),
    ("=?utf-8?B?4oI=?= =?utf-8?B?rA==?=", "€"),
    ("=?utf-8?Q?with blanks inside?=", "with blanks inside"),
    ("=?utf-8?Q??=", ""),
    ("=?utf-8?X?a?=", "=?utf-8?X?a?="),
    ("=?utf-8?Q?never closed", "=?utf-8?Q?never closed"),
    ("=?nonsense?Q?a=C3=BC?=", "aü"),
    ("=?gb2312?B?1Oy?= x", "造 x"),
    ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
    ("=? = ?=", "=? = ?="),
    ("raw ü", "raw ü"),
  ])
  func `a subject is unfolded and decoded`(field: String, text: String) {
    #expect(MailParser().parse(Array("Subject: \(field)\n\nbody".utf8)).subject == text)
  }

  @Test func `all fields are kept in order with their names as written`() {
    let mail = MailParser().parse(Array("X-B: 1\nx-a: =?utf-8?Q?=C3=BC?=\nX-B: 2\n\n".utf8))
    #expect(
      mail.headers == [
        HeaderField(name: "X-B", value: "1"), HeaderField(name: "x-a", value: "ü"),
        HeaderField(name: "X-B", value: "2"),
      ])
  }
}
