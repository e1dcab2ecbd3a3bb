/* Which bytes the protocol takes for text. */
#ifndef JF_TEXT_H
#define JF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes are UTF-8 (RFC 3629: no surrogates, nothing overlong, nothing above U+10FFFF). */
bool jf_text_is_utf8(const uint8_t *bytes, size_t len);

/* Whether a control character (U+0000 to U+001F, U+007F) is in it. */
bool jf_text_has_control(const uint8_t *bytes, size_t len);

/* Whether it can name a service (PROTOCOL.md chapter 1). */
bool jf_text_is_service_name(const uint8_t *bytes, size_t len);

/* Copies at most to_len - 1 bytes, cut before a character and not within one, and ends with a zero byte. */
void jf_text_copy(char *to, size_t to_len, const char *from, size_t from_len);

#endif
