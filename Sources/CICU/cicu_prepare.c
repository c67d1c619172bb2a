#include "cicu_prepare.h"

#include <pthread.h>
#include <string.h>
#include <unicode/usprep.h>
#include <unicode/ustring.h>

#define MAX_UNITS 4096

static pthread_once_t once = PTHREAD_ONCE_INIT;
static UStringPrepProfile *profile;

static void open_profile(void) {
  UErrorCode status = U_ZERO_ERROR;
  profile = usprep_openByType(USPREP_RFC4013_SASLPREP, &status);
  if (U_FAILURE(status)) profile = NULL;
}

int32_t cicu_saslprep(const uint8_t *utf8, int32_t length, bool allows_unassigned, uint8_t *output, int32_t capacity) {
  pthread_once(&once, open_profile);
  if (profile == NULL) return -1;
  UChar text[MAX_UNITS], prepared[MAX_UNITS];
  int32_t count = 0, written = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8(text, MAX_UNITS, &count, (const char *)utf8, length, &status);
  if (U_SUCCESS(status)) {
    int32_t options = allows_unassigned ? USPREP_ALLOW_UNASSIGNED : USPREP_DEFAULT;
    count = usprep_prepare(profile, text, count, prepared, MAX_UNITS, options, NULL, &status);
  }
  if (U_SUCCESS(status)) u_strToUTF8((char *)output, capacity, &written, prepared, count, &status);
  int32_t result = U_SUCCESS(status) ? written : -1;
  /* They held a password. */
  volatile UChar *units = text;
  for (int32_t i = 0; i < MAX_UNITS; i++) units[i] = 0;
  units = prepared;
  for (int32_t i = 0; i < MAX_UNITS; i++) units[i] = 0;
  return result;
}
