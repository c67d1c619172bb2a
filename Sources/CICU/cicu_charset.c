#include "cicu_charset.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/ucsdet.h>
#include <unicode/utf16.h>

/* The callback counts what it replaces. */
static void count_and_substitute(const void *context, UConverterToUnicodeArgs *args, const char *units, int32_t length,
                                 UConverterCallbackReason reason, UErrorCode *status) {
  if (reason <= UCNV_IRREGULAR && context != NULL) ++*(size_t *)(uintptr_t)context;
  UCNV_TO_U_CALLBACK_SUBSTITUTE(NULL, args, units, length, reason, status);
}

bool cicu_charset_is_known(const char *label) {
  UErrorCode status = U_ZERO_ERROR;
  UConverter *converter = ucnv_open(label, &status);
  if (converter != NULL) ucnv_close(converter);
  return U_SUCCESS(status);
}

typedef struct {
  uint8_t *bytes;
  size_t count, capacity, limit;
  UChar pending; /* a high surrogate that ended the last chunk, or 0 */
  bool is_cut;
} output;

static bool reserve(output *out, size_t more) {
  if (out->capacity - out->count >= more) return true;
  size_t capacity = out->capacity * 2 + more;
  uint8_t *bytes = realloc(out->bytes, capacity);
  if (bytes == NULL) return false;
  out->bytes = bytes;
  out->capacity = capacity;
  return true;
}

static void put(output *out, UChar32 scalar) {
  if (out->is_cut || out->limit - out->count < 4) {
    out->is_cut = true;
    return;
  }
  uint8_t *to = out->bytes + out->count;
  if (scalar < 0x80) {
    to[0] = (uint8_t)scalar;
    out->count += 1;
  } else if (scalar < 0x800) {
    to[0] = (uint8_t)(0xC0 | scalar >> 6);
    to[1] = (uint8_t)(0x80 | (scalar & 0x3F));
    out->count += 2;
  } else if (scalar < 0x10000) {
    to[0] = (uint8_t)(0xE0 | scalar >> 12);
    to[1] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    to[2] = (uint8_t)(0x80 | (scalar & 0x3F));
    out->count += 3;
  } else {
    to[0] = (uint8_t)(0xF0 | scalar >> 18);
    to[1] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
    to[2] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    to[3] = (uint8_t)(0x80 | (scalar & 0x3F));
    out->count += 4;
  }
}

static bool append(output *out, const UChar *units, size_t count) {
  if (!reserve(out, count * 3 + 8)) return false;
  for (size_t i = 0; i < count; i++) {
    UChar unit = units[i];
    if (out->pending != 0) {
      UChar high = out->pending;
      out->pending = 0;
      if (U16_IS_TRAIL(unit)) {
        put(out, U16_GET_SUPPLEMENTARY(high, unit));
        continue;
      }
      put(out, 0xFFFD);
    }
    if (U16_IS_LEAD(unit)) out->pending = unit;
    else put(out, U16_IS_TRAIL(unit) ? 0xFFFD : unit);
  }
  return true;
}

bool cicu_charset_decode(const char *label, const uint8_t *bytes, size_t length, size_t limit, cicu_charset_text *text) {
  memset(text, 0, sizeof *text);
  UErrorCode status = U_ZERO_ERROR;
  UConverter *converter = ucnv_open(label, &status);
  if (U_FAILURE(status)) return false;
  ucnv_setToUCallBack(converter, count_and_substitute, &text->error_count, NULL, NULL, &status);

  output out = {.limit = limit};
  UChar chunk[2048];
  const char *source = (const char *)bytes, *end = source + length;
  bool is_good = U_SUCCESS(status), is_done = false;
  while (is_good && !is_done && !out.is_cut) {
    UChar *target = chunk;
    status = U_ZERO_ERROR;
    ucnv_toUnicode(converter, &target, chunk + 2048, &source, end, NULL, true, &status);
    is_done = status != U_BUFFER_OVERFLOW_ERROR;
    is_good = append(&out, chunk, (size_t)(target - chunk)) && (U_SUCCESS(status) || !is_done);
  }
  if (is_good && out.pending != 0 && reserve(&out, 8)) put(&out, 0xFFFD);
  ucnv_close(converter);
  if (!is_good) {
    free(out.bytes);
    return false;
  }
  text->utf8 = out.bytes;
  text->count = out.count;
  text->source_count = (size_t)(source - (const char *)bytes);
  text->is_cut = out.is_cut;
  return true;
}

void cicu_charset_free(cicu_charset_text *text) {
  free(text->utf8);
  memset(text, 0, sizeof *text);
}

size_t cicu_charset_detect(const uint8_t *bytes, size_t length, char *names, size_t capacity) {
  UErrorCode status = U_ZERO_ERROR;
  size_t used = 0;
  UCharsetDetector *detector = ucsdet_open(&status);
  if (U_FAILURE(status)) return 0;
  ucsdet_setText(detector, (const char *)bytes, length > INT32_MAX ? INT32_MAX : (int32_t)length, &status);
  int32_t count = 0;
  const UCharsetMatch **matches = ucsdet_detectAll(detector, &count, &status);
  for (int32_t i = 0; U_SUCCESS(status) && matches != NULL && i < count; i++) {
    const char *name = ucsdet_getName(matches[i], &status);
    size_t size = U_SUCCESS(status) ? strlen(name) : 0;
    if (size == 0 || ucsdet_getConfidence(matches[i], &status) < 10) continue;
    if (capacity - used < size + 1) break;
    memcpy(names + used, name, size);
    names[used + size] = '\n';
    used += size + 1;
  }
  ucsdet_close(detector);
  return used;
}
