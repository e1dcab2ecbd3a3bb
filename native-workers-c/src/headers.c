#include "headers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool s_is_name_char(char c, bool first) {
    bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return alphanumeric || (!first && (c == '.' || c == '-'));
}

const char *jf_header_check(const char *name, size_t name_len, const char *value, size_t value_len) {
    if (name_len == 0) return "a header has no name";
    if (name_len > JF_HEADER_NAME_BYTES_MAX) return "a header name is longer than 64 bytes";
    for (size_t i = 0; i < name_len; i++) {
        if (!s_is_name_char(name[i], i == 0)) return "a header name has a character that is not allowed";
    }
    if (value_len > JF_HEADER_VALUE_BYTES_MAX) return "a header value is longer than 4096 bytes";
    if (jf_text_has_control((const uint8_t *)value, value_len)) return "a header value has a control character";
    if (!jf_text_is_utf8((const uint8_t *)value, value_len)) return "a header value is not UTF-8";
    return NULL;
}

static const jf_header_t *s_find(const jf_header_list_t *list, const char *name, size_t name_len) {
    for (size_t i = 0; i < list->count; i++) {
        const jf_header_t *header = &list->header[i];
        if (header->name_len == name_len && memcmp(header->name, name, name_len) == 0) return header;
    }
    return NULL;
}

const jf_header_t *jf_header_list_find(const jf_header_list_t *list, const char *name) {
    return s_find(list, name, strlen(name));
}

const char *jf_headers_parse(const char *block, size_t len, jf_header_list_t *list) {
    list->count = 0;
    if (len > JF_HEADER_BLOCK_BYTES_MAX) return "the header block is longer than 8192 bytes";
    for (size_t at = 0; at < len;) {
        const char *line = block + at;
        const char *end = memchr(line, '\n', len - at);
        if (!end) return "a header does not end with LF";
        const char *colon = memchr(line, ':', (size_t)(end - line));
        if (!colon) return "a header has no colon";
        jf_header_t header = {line, (size_t)(colon - line), colon + 1, (size_t)(end - colon - 1)};
        const char *wrong = jf_header_check(header.name, header.name_len, header.value, header.value_len);
        if (wrong) return wrong;
        if (s_find(list, header.name, header.name_len)) return "a header comes twice";
        if (list->count == JF_HEADERS_MAX) return "there are more than 64 headers";
        list->header[list->count++] = header;
        at = (size_t)(end + 1 - block);
    }
    return NULL;
}

jf_headers_t *jf_headers_new(void) {
    jf_headers_t *self = malloc(sizeof *self);
    if (self) jf_headers_clear(self);
    return self;
}

void jf_headers_clear(jf_headers_t *self) {
    self->len = 0;
    self->count = 0;
}

void jf_headers_destroy(jf_headers_t **self_p) {
    free(*self_p);
    *self_p = NULL;
}

/* Bytes of the line of a header; 0 when it is not there. *at_p: its offset. */
static size_t s_line(const jf_headers_t *self, const char *name, size_t *at_p) {
    jf_header_list_t list;
    jf_headers_parse(self->block, self->len, &list);
    const jf_header_t *header = jf_header_list_find(&list, name);
    if (!header) return 0;
    *at_p = (size_t)(header->name - self->block);
    return header->name_len + header->value_len + 2;
}

int jf_headers_set(jf_headers_t *self, const char *name, const char *value) {
    if (!self || !name || !value || jf_header_check(name, strlen(name), value, strlen(value))) {
        errno = EINVAL;
        return -1;
    }
    size_t name_len = strlen(name), value_len = strlen(value);
    size_t line_len = name_len + value_len + 2;
    size_t old_at = 0, old_len = s_line(self, name, &old_at);
    size_t count = self->count - (old_len > 0) + 1;
    if (self->len - old_len + line_len > JF_HEADER_BLOCK_BYTES_MAX || count > JF_HEADERS_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    memmove(self->block + old_at, self->block + old_at + old_len, self->len - old_at - old_len);
    self->len -= old_len;
    char *at = self->block + self->len;
    memcpy(at, name, name_len);
    at[name_len] = ':';
    memcpy(at + name_len + 1, value, value_len);
    at[line_len - 1] = '\n';
    self->len += line_len;
    self->count = count;
    return 0;
}
