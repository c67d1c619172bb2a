import MailStore
import Testing

@Suite struct BaseSubjectTests {
  @Test(arguments: [
    ("Lunch", "lunch", false),
    ("  Lunch \t at\n  noon ", "lunch at noon", false),
    ("Re: Lunch", "lunch", true),
    ("RE:Lunch", "lunch", true),
    ("re : Lunch", "lunch", true),
    ("Re: Re: FW: Fwd: Lunch", "lunch", true),
    ("Re[2]: Lunch", "lunch", true),
    ("Re(3): Lunch", "lunch", true),
    ("Re^4: Lunch", "lunch", true),
    ("Lunch (fwd)", "lunch", true),
    ("Lunch (fwd) (FWD) ", "lunch", true),
    ("[Fwd: Lunch]", "lunch", true),
    ("[fwd: Re: [list] Lunch (fwd)]", "lunch", true),
    ("[list] Lunch", "lunch", false),
    ("[list] Re: Lunch", "lunch", true),
    ("Re: [list] Lunch", "lunch", true),
    ("Re: [list] Re: [other] Lunch", "lunch", true),
    ("[only tag]", "[only tag]", false),
    ("Re: [only tag]", "[only tag]", true),
    ("[PATCH 1/2] [net] Fix it", "fix it", false),
    ("AW: Mittagessen", "mittagessen", true),
    ("WG: AW: Mittagessen", "mittagessen", true),
    ("SV: Lunch", "lunch", true),
    ("Antw: Lunch", "lunch", true),
    ("Réf: Déjeuner", "déjeuner", true),
    ("답장: 점심", "점심", true),
    ("전달: 답장: 점심", "점심", true),
    ("回复：午饭", "午饭", true),
    ("轉寄: 午飯", "午飯", true),
    ("返信: 転送: 昼食", "昼食", true),
    ("ΑΠ: Γεύμα", "γεύμα", true),
    ("Отв: Обед", "обед", true),
    // Not prefixes: other words before a colon, and words that begin like one.
    ("Note: Lunch", "note: lunch", false),
    ("Regarding: Lunch", "regarding: lunch", false),
    ("Report: Lunch", "report: lunch", false),
    ("12:30 Lunch", "12:30 lunch", false),
    ("Re:", "", true),
    ("Re: Re:", "", true),
    ("", "", false),
    ("[", "[", false),
    ("[a[b] c", "[a[b] c", false),
  ])
  func `what replies keep of a subject`(subject: String, base: String, isReply: Bool) {
    let found = BaseSubject(subject)
    #expect(found.text == base)
    #expect(found.isReply == isReply)
  }

  @Test func `letters composed and decomposed are one subject`() {
    #expect(BaseSubject("Re: D\u{E9}jeuner").text.utf8.elementsEqual(BaseSubject("DE\u{301}jeuner").text.utf8))
    #expect(BaseSubject("\u{1103}\u{1161}\u{11B8}\u{110C}\u{1161}\u{11BC}: 점심").isReply)
  }

  @Test(arguments: ["Re: ", "[a] ", "[fwd: ", " ", "(fwd)", "[", ":"])
  func `a subject of any length ends`(part: String) {
    _ = BaseSubject(String(repeating: part, count: 100_000))
  }
}
