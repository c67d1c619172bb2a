/* Normalisation, case folding, character classes and break iteration (unorm2, uchar, ubrk).
   Every function is safe to call from any thread. No function keeps a pointer it was given. */
#ifndef MAILDEX_CICU_TEXT_H
#define MAILDEX_CICU_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a scalar is to the tokenizer. The numbers are mirrored by Swift's CharacterClass and are part of the analyzers'
   code version. */
enum {
  CICU_CLASS_OTHER = 0,
  CICU_CLASS_LETTER = 1,
  CICU_CLASS_DIGIT = 2,
  CICU_CLASS_MARK = 3,       /* stays with what precedes it */
  CICU_CLASS_IDEOGRAPH = 4,  /* Han, Hiragana, Katakana, Hangul */
  CICU_CLASS_DICTIONARY = 5, /* Thai, Lao, Khmer, Burmese ...: words come from ICU's dictionaries */
  CICU_CLASS_SYMBOL = 6,     /* emoji */
  CICU_CLASS_JOINER = 7,     /* joins any two words: _ - . @ ... */
  CICU_CLASS_COLON = 8,      /* joins letters and digits */
  CICU_CLASS_COMMA = 9       /* joins digits only */
};

/* Entry layout: bits 0-4 class; 5 normalisation boundary before the scalar; 6 NFKC_Casefold gives exactly one scalar,
   found in bits 8-28; 7 diacritic folding changes it. */
#define CICU_ENTRY_CLASS_MASK 0x1Fu
#define CICU_ENTRY_BOUNDARY 0x20u
#define CICU_ENTRY_SINGLE 0x40u
#define CICU_ENTRY_FOLDS 0x80u
#define CICU_ENTRY_SCALAR_SHIFT 8

/* The entry of one scalar (surrogates and values above 0x10FFFF are OTHER). */
uint32_t cicu_scalar_entry(uint32_t scalar);

/* Writes the entries of the scalars 0 ..< count. */
void cicu_fill_scalar_entries(uint32_t *entries, uint32_t count);

/* Changes the entries of the scalars 0 ..< count so that what an ideograph is normalised to is its simplified form, by ICU's
   transform Traditional-Simplified. False where this ICU has none: then nothing is changed. */
bool cicu_simplify_han(uint32_t *entries, uint32_t count);

/* NFKC_Casefold of a short piece of valid UTF-8. Returns the byte count written, or -1 when it does not fit. */
int32_t cicu_normalize(const uint8_t *utf8, int32_t length, uint8_t *output, int32_t capacity);

/* The scalar without its diacritics: low 32 bits the first scalar (0: nothing is left), high 32 bits a second one or 0. */
uint64_t cicu_fold_diacritics(uint32_t scalar);

/* Word boundaries of valid UTF-8 by ICU's dictionaries, as ascending byte offsets with the end as last one (0 is left out).
   Returns how many were written, or -1. */
int32_t cicu_word_boundaries(const uint8_t *utf8, int32_t length, int32_t *boundaries, int32_t capacity);

/* Write "72.1" and "15.0", those of the library that runs: tokens may change with either. */
enum { CICU_VERSION_CAPACITY = 20 };
void cicu_version(char *text);
void cicu_unicode_version(char *text);
#endif
