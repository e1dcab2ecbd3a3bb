#include "body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 };

static uint32_t s_crc32(const unsigned char *bytes, size_t len) {
    static uint32_t table[256];
    if (table[1] == 0) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
            table[i] = value;
        }
    }
    uint32_t sum = 0xFFFFFFFFu;
    for (size_t i = 0; i < len; i++) sum = table[(sum ^ bytes[i]) & 0xFFu] ^ (sum >> 8);
    return sum ^ 0xFFFFFFFFu;
}

static bool s_add(body_t *body, const char *part) {
    bool is_text = strncmp(part, "t:", 2) == 0;
    if (body->count == BODY_PARTS_MAX || (!is_text && strncmp(part, "z:", 2) != 0)) return false;
    size_t len = is_text ? strlen(part + 2) : (size_t)strtoull(part + 2, NULL, 10);
    unsigned char *bytes = malloc(len + 1);
    if (bytes == NULL) return false;
    for (size_t i = 0; i < len; i++) bytes[i] = is_text ? (unsigned char)part[2 + i] : (unsigned char)(i * 31 + 7);
    body->parts[body->count++] = (jf_part_t){.bytes = bytes, .len = len};
    return true;
}

bool body_parse(char *spec, body_t *body) {
    body->count = 0;
    for (char *part = spec; part != NULL;) {
        char *end = strchr(part, '|');
        if (end != NULL) *end = '\0';
        if (!s_add(body, part)) return false;
        part = end == NULL ? NULL : end + 1;
    }
    return true;
}

void body_free(body_t *body) {
    for (size_t i = 0; i < body->count; i++) {
        void *bytes = (void *)(uintptr_t)body->parts[i].bytes; /* ours, made in s_add */
        free(bytes);
    }
    body->count = 0;
}

static bool s_is_plain(const jf_part_t *part) {
    const unsigned char *bytes = part->bytes;
    if (part->len > TEXT_MAX) return false;
    for (size_t i = 0; i < part->len; i++) {
        if (bytes[i] <= ' ' || bytes[i] > '~' || bytes[i] == '|') return false;
    }
    return true;
}

void body_tell(const jf_message_t *message) {
    for (size_t i = 0; i < jf_message_part_count(message); i++) {
        jf_part_t part = jf_message_part(message, i);
        if (i > 0) putchar('|');
        if (s_is_plain(&part)) {
            printf("t:%.*s", (int)part.len, part.len == 0 ? "" : (const char *)part.bytes);
        } else {
            printf("z:%zu:%08" PRIx32, part.len, s_crc32(part.bytes, part.len));
        }
    }
}
