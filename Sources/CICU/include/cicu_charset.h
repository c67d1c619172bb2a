/* Charset conversion and detection (ucnv, ucsdet).
   Every function is safe to call from any thread. No function keeps a pointer it was given. */
#ifndef MAILDEX_CICU_CHARSET_H
#define MAILDEX_CICU_CHARSET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decoded text. The receiver frees it with cicu_charset_free. */
typedef struct {
  uint8_t *utf8;       /* may be NULL when count is 0 */
  size_t count;
  size_t source_count; /* bytes that were read: all of them, or a few more than the text that a limit allowed */
  size_t error_count;  /* places in those that are no text in that charset; each became U+FFFD */
  bool is_cut;         /* the limit was reached */
} cicu_charset_text;

/* True when ICU has a converter for this label. */
bool cicu_charset_is_known(const char *label);

/* Decodes bytes to valid UTF-8 of at most limit bytes. False when the label is unknown or memory is short:
   then there is nothing to free. */
bool cicu_charset_decode(const char *label, const uint8_t *bytes, size_t length, size_t limit, cicu_charset_text *text);

void cicu_charset_free(cicu_charset_text *text);

/* Writes the names of the charsets that the bytes may be in, most likely first, each ended by a newline.
   Returns how many bytes were written. */
size_t cicu_charset_detect(const uint8_t *bytes, size_t length, char *names, size_t capacity);
#endif
