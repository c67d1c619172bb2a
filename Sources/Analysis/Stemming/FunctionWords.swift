extension StemmingLanguage {
  /// Words that stand in most texts of the language, without diacritics, as they are terms of a dictionary. No other language has five
  /// of the eight. Empty of a language that its script tells.
  package var functionWords: [String] {
    switch self {
    case .catalan: ["els", "amb", "per", "que", "una", "dels", "mes", "aquest"]
    case .danish: ["af", "hvad", "ogsa", "kun", "mig", "efter", "blev", "ikke"]
    case .dutch: ["het", "een", "van", "niet", "voor", "zijn", "ook", "met"]
    case .english: ["the", "and", "for", "with", "that", "this", "you", "have"]
    case .finnish: ["ja", "on", "etta", "ei", "mutta", "kanssa", "tama", "ovat"]
    case .french: ["les", "des", "pour", "vous", "dans", "est", "avec", "une"]
    case .german: ["und", "nicht", "eine", "wird", "auch", "mit", "ist", "das"]
    case .hungarian: ["es", "hogy", "nem", "az", "egy", "vagy", "meg", "csak"]
    case .indonesian: ["yang", "dan", "untuk", "dengan", "tidak", "ini", "dari", "akan"]
    case .italian: ["che", "per", "della", "non", "sono", "gli", "anche", "questo"]
    case .norwegian: ["av", "hva", "ogsa", "bare", "meg", "etter", "ble", "ikke"]
    case .portuguese: ["nao", "uma", "para", "por", "dos", "voce", "mais", "sao"]
    case .romanian: ["pentru", "sunt", "din", "acest", "fost", "dupa", "catre", "prin"]
    case .spanish: ["los", "las", "para", "por", "con", "una", "del", "que"]
    case .swedish: ["och", "att", "inte", "som", "jag", "ar", "men", "kan"]
    case .turkish: ["ve", "bir", "bu", "icin", "ile", "cok", "degil", "var"]
    case .arabic, .armenian, .basque, .greek, .hindi, .irish, .lithuanian, .nepali, .russian, .tamil, .yiddish: []
    }
  }
}
