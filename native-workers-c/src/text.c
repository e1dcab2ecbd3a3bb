#include "text.h"

#include <string.h>

/* Length of the character at bytes, or 0 when it is not UTF-8. */
static size_t s_char_len(const uint8_t *bytes, size_t left) {
    uint8_t first = bytes[0];
    size_t len = first < 0x80 ? 1 : first >= 0xC2 && first <= 0xDF ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
    if (len == 4 && (first < 0xF0 || first > 0xF4)) return 0;
    if (len > left) return 0;
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
    }
    if (first == 0xE0 && bytes[1] < 0xA0) return 0; /* overlong */
    if (first == 0xED && bytes[1] > 0x9F) return 0; /* surrogates */
    if (first == 0xF0 && bytes[1] < 0x90) return 0; /* overlong */
    if (first == 0xF4 && bytes[1] > 0x8F) return 0; /* above U+10FFFF */
    return len;
}

bool jf_text_is_utf8(const uint8_t *bytes, size_t len) {
    for (size_t at = 0; at < len;) {
        size_t step = s_char_len(bytes + at, len - at);
        if (step == 0) return false;
        at += step;
    }
    return true;
}

bool jf_text_has_control(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < 0x20 || bytes[i] == 0x7F) return true;
    }
    return false;
}

bool jf_text_is_service_name(const uint8_t *bytes, size_t len) {
    if (len == 0 || len > 255 || jf_text_has_control(bytes, len)) return false;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == ' ' || bytes[i] == '@' || bytes[i] == '/') return false;
    }
    return jf_text_is_utf8(bytes, len);
}

void jf_text_copy(char *to, size_t to_len, const char *from, size_t from_len) {
    size_t len = from_len < to_len ? from_len : to_len - 1;
    if (len < from_len) {
        while (len > 0 && ((unsigned char)from[len] & 0xC0) == 0x80) len--;
    }
    if (len > 0) memcpy(to, from, len);
    to[len] = '\0';
}
