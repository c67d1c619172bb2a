/* Preparation of passwords (usprep).
   Safe to call from any thread. */
#ifndef MAILDEX_CICU_PREPARE_H
#define MAILDEX_CICU_PREPARE_H
#include <stdbool.h>
#include <stdint.h>

/* SASLprep (RFC 4013) of valid UTF-8. Returns the byte count written, or -1 for text that it prohibits, that is too long for
   the capacity, or where this ICU lacks the profile. Code points that Unicode 3.2 did not have are prohibited unless
   allows_unassigned: RFC 3454 section 7 has them in what is asked and not in what is kept. */
int32_t cicu_saslprep(const uint8_t *utf8, int32_t length, bool allows_unassigned, uint8_t *output, int32_t capacity);
#endif
