/* The only door to ICU. ICU's headers cannot be imported next to Foundation (both define UErrorCode),
   so these headers name no ICU type: handles are opaque and errors are the raw UErrorCode integers. */
#ifndef MAILDEX_CICU_H
#define MAILDEX_CICU_H
#include "cicu_charset.h"
#include "cicu_prepare.h"
#include "cicu_text.h"
#endif
