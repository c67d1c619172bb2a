#include "cicu_text.h"

#include <pthread.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

/* Normalizers are shared and immutable inside ICU; NULL only when ICU's data is missing. */
static const UNormalizer2 *folder(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *instance = unorm2_getNFKCCasefoldInstance(&status);
  return U_FAILURE(status) ? NULL : instance;
}

static bool in_folding_script(UScriptCode script) {
  return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC || script == USCRIPT_HEBREW ||
         script == USCRIPT_ARABIC;
}

static UScriptCode script_of(uint32_t scalar) {
  UErrorCode status = U_ZERO_ERROR;
  UScriptCode script = uscript_getScript((UChar32)scalar, &status);
  return U_FAILURE(status) ? USCRIPT_UNKNOWN : script;
}

static uint32_t class_of(uint32_t scalar) {
  UChar32 c = (UChar32)scalar;
  if (scalar > 0x10FFFF || U_IS_SURROGATE(c)) return CICU_CLASS_OTHER;
  switch (scalar) { /* joiners that Unicode's word breaking does not know, but mail is full of */
  case '-': case '@': case '/': case '+': case '&': case '~': case '\\': case 0x2010:
    return CICU_CLASS_JOINER;
  }
  UScriptCode script = script_of(scalar);
  int32_t word_break = u_getIntPropertyValue(c, UCHAR_WORD_BREAK);
  if (word_break == U_WB_EXTEND || word_break == U_WB_FORMAT || word_break == U_WB_ZWJ) {
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return CICU_CLASS_DICTIONARY;
    if (scalar >= 0x1F3FB && scalar <= 0x1F3FF) return CICU_CLASS_SYMBOL;
    return CICU_CLASS_MARK;
  }
  if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return CICU_CLASS_DICTIONARY;
  if (word_break == U_WB_KATAKANA || u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) return CICU_CLASS_IDEOGRAPH;
  if ((script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HANGUL) &&
      u_isalpha(c))
    return CICU_CLASS_IDEOGRAPH;
  switch (word_break) {
  case U_WB_ALETTER: case U_WB_HEBREW_LETTER: return CICU_CLASS_LETTER;
  case U_WB_NUMERIC: return CICU_CLASS_DIGIT;
  case U_WB_EXTENDNUMLET: case U_WB_MIDNUMLET: case U_WB_SINGLE_QUOTE: return CICU_CLASS_JOINER;
  case U_WB_MIDLETTER: return CICU_CLASS_COLON;
  case U_WB_MIDNUM: return CICU_CLASS_COMMA;
  case U_WB_REGIONAL_INDICATOR: return CICU_CLASS_SYMBOL;
  }
  if (u_isalpha(c)) return CICU_CLASS_LETTER;
  int8_t category = u_charType(c);
  if (category == U_OTHER_NUMBER || category == U_LETTER_NUMBER) return CICU_CLASS_DIGIT;
  if (scalar > 0x7F && u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC)) return CICU_CLASS_SYMBOL;
  return CICU_CLASS_OTHER;
}

/* Letters with strokes and ligatures have no decomposition; these are the ones European names use. */
static uint64_t fold_without_decomposition(uint32_t scalar) {
  switch (scalar) {
  case 0x00E6: return 'a' | (uint64_t)'e' << 32;
  case 0x0153: return 'o' | (uint64_t)'e' << 32;
  case 0x00F0: case 0x0111: return 'd';
  case 0x00F8: return 'o';
  case 0x00FE: return 't' | (uint64_t)'h' << 32;
  case 0x0127: return 'h';
  case 0x0131: return 'i';
  case 0x0142: return 'l';
  case 0x0167: return 't';
  }
  return scalar;
}

uint64_t cicu_fold_diacritics(uint32_t scalar) {
  if (scalar < 0x80) return scalar;
  uint64_t known = fold_without_decomposition(scalar);
  if (known != scalar) return known;
  UChar32 c = (UChar32)scalar;
  UScriptCode script = script_of(scalar);
  int8_t category = u_charType(c);
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK)
    return script == USCRIPT_INHERITED || in_folding_script(script) ? 0 : scalar;
  if (!in_folding_script(script)) return scalar;
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *decomposer = unorm2_getNFDInstance(&status);
  UChar decomposed[32];
  if (U_FAILURE(status)) return scalar;
  int32_t length = unorm2_getDecomposition(decomposer, c, decomposed, 32, &status);
  if (U_FAILURE(status) || length < 2) return scalar;
  UChar32 base;
  int32_t index = 0;
  U16_NEXT(decomposed, index, length, base);
  /* In Cyrillic the breve makes another letter (й, ў), not an accent. */
  if (script == USCRIPT_CYRILLIC && index < length && decomposed[index] == 0x0306) return scalar;
  return (uint64_t)(uint32_t)base;
}

uint32_t cicu_scalar_entry(uint32_t scalar) {
  uint32_t entry = class_of(scalar);
  const UNormalizer2 *normalizer = folder();
  if (scalar > 0x10FFFF || U_IS_SURROGATE((UChar32)scalar) || normalizer == NULL)
    return entry | CICU_ENTRY_BOUNDARY | CICU_ENTRY_SINGLE | (uint32_t)' ' << CICU_ENTRY_SCALAR_SHIFT;
  if (unorm2_hasBoundaryBefore(normalizer, (UChar32)scalar)) entry |= CICU_ENTRY_BOUNDARY;
  if (unorm2_isInert(normalizer, (UChar32)scalar)) {
    entry |= CICU_ENTRY_SINGLE | scalar << CICU_ENTRY_SCALAR_SHIFT;
  } else {
    UChar source[2], folded[64];
    int32_t source_length = 0;
    UErrorCode status = U_ZERO_ERROR;
    U16_APPEND_UNSAFE(source, source_length, scalar);
    int32_t length = unorm2_normalize(normalizer, source, source_length, folded, 64, &status);
    if (U_SUCCESS(status) && length > 0) {
      UChar32 single;
      int32_t index = 0;
      U16_NEXT(folded, index, length, single);
      if (index == length) entry |= CICU_ENTRY_SINGLE | (uint32_t)single << CICU_ENTRY_SCALAR_SHIFT;
    }
  }
  uint32_t class = entry & CICU_ENTRY_CLASS_MASK;
  if ((class == CICU_CLASS_LETTER || class == CICU_CLASS_MARK) && cicu_fold_diacritics(scalar) != scalar)
    entry |= CICU_ENTRY_FOLDS;
  return entry;
}

void cicu_fill_scalar_entries(uint32_t *entries, uint32_t count) {
  for (uint32_t scalar = 0; scalar < count; scalar++) entries[scalar] = cicu_scalar_entry(scalar);
}

bool cicu_simplify_han(uint32_t *entries, uint32_t count) {
  static const UChar name[] = u"Traditional-Simplified";
  UErrorCode status = U_ZERO_ERROR;
  UTransliterator *transform = utrans_openU(name, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
  if (U_FAILURE(status)) return false;
  for (uint32_t scalar = 0; scalar < count; scalar++) {
    uint32_t entry = entries[scalar];
    if ((entry & CICU_ENTRY_CLASS_MASK) != CICU_CLASS_IDEOGRAPH || !(entry & CICU_ENTRY_SINGLE)) continue;
    UChar text[8];
    int32_t length = 0, limit, index = 0;
    U16_APPEND_UNSAFE(text, length, entry >> CICU_ENTRY_SCALAR_SHIFT);
    limit = length;
    status = U_ZERO_ERROR;
    utrans_transUChars(transform, text, &length, 8, 0, &limit, &status);
    if (U_FAILURE(status) || length == 0) continue;
    UChar32 simplified;
    U16_NEXT(text, index, length, simplified);
    if (index == length)
      entries[scalar] = (entry & ((1u << CICU_ENTRY_SCALAR_SHIFT) - 1)) | (uint32_t)simplified << CICU_ENTRY_SCALAR_SHIFT;
  }
  utrans_close(transform);
  return true;
}

int32_t cicu_normalize(const uint8_t *utf8, int32_t length, uint8_t *output, int32_t capacity) {
  enum { limit = 2048 };
  UChar source[limit], folded[limit];
  int32_t source_length = 0, folded_length = 0, written = 0;
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *normalizer = folder();
  if (normalizer == NULL) return -1;
  u_strFromUTF8(source, limit, &source_length, (const char *)utf8, length, &status);
  if (U_FAILURE(status)) return -1;
  folded_length = unorm2_normalize(normalizer, source, source_length, folded, limit, &status);
  if (U_FAILURE(status)) return -1;
  u_strToUTF8((char *)output, capacity, &written, folded, folded_length, &status);
  return U_FAILURE(status) ? -1 : written;
}

/* A break iterator loads dictionaries and keeps a cursor: one for each thread, freed with it. */
static pthread_key_t iterator_key;
static pthread_once_t iterator_once = PTHREAD_ONCE_INIT;
static bool iterator_key_made;

static void close_iterator(void *iterator) { ubrk_close(iterator); }
static void make_iterator_key(void) { iterator_key_made = pthread_key_create(&iterator_key, close_iterator) == 0; }

static UBreakIterator *word_iterator(void) {
  pthread_once(&iterator_once, make_iterator_key);
  if (!iterator_key_made) return NULL;
  UBreakIterator *iterator = pthread_getspecific(iterator_key);
  if (iterator != NULL) return iterator;
  UErrorCode status = U_ZERO_ERROR;
  iterator = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
  if (U_FAILURE(status)) return NULL;
  pthread_setspecific(iterator_key, iterator);
  return iterator;
}

int32_t cicu_word_boundaries(const uint8_t *utf8, int32_t length, int32_t *boundaries, int32_t capacity) {
  UErrorCode status = U_ZERO_ERROR;
  UBreakIterator *iterator = word_iterator();
  if (iterator == NULL) return -1;
  UText text = UTEXT_INITIALIZER;
  utext_openUTF8(&text, (const char *)utf8, length, &status);
  if (U_FAILURE(status)) return -1;
  ubrk_setUText(iterator, &text, &status);
  int32_t count = 0;
  if (U_SUCCESS(status)) {
    ubrk_first(iterator);
    for (int32_t at = ubrk_next(iterator); at != UBRK_DONE && count < capacity; at = ubrk_next(iterator))
      boundaries[count++] = at;
  }
  /* The iterator must not keep our bytes. */
  UErrorCode ignored = U_ZERO_ERROR;
  static const UChar empty[1] = {0};
  ubrk_setText(iterator, empty, 0, &ignored);
  utext_close(&text);
  return U_FAILURE(status) ? -1 : count;
}

void cicu_version(char *text) {
  UVersionInfo version;
  u_getVersion(version);
  u_versionToString(version, text);
}

void cicu_unicode_version(char *text) {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  u_versionToString(version, text);
}
