#define _GNU_SOURCE
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEAD_BYTES_MAX ((size_t) 64 << 10)

size_t http_head(char *head, size_t capacity, const char *host, const char *path, size_t bytes) {
    int length = snprintf(head, capacity,
        "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
        path, host, bytes);
    if (length < 0 || (size_t) length >= capacity)
        fail("-u: too long");
    return (size_t) length;
}

/* Of a head with a Content-Length, which every reply of ours has. */
static size_t s_content_length(const char *head, size_t length) {
    static const char name[] = "\r\ncontent-length:";
    for (const char *at = head; at + sizeof name <= head + length; at++)
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return strtoul(at + sizeof name - 1, NULL, 10);
    fail("a reply without Content-Length: %.*s", (int) strcspn(head, "\r"), head);
}

bool http_take(connection_t *connection, http_response_t *response) {
    const char *head = connection_bytes(connection);
    size_t available = connection_available(connection);
    const char *end = available ? memmem(head, available < HEAD_BYTES_MAX ? available : HEAD_BYTES_MAX, "\r\n\r\n", 4) : NULL;
    if (!end)
        return false;
    size_t head_length = (size_t) (end - head) + 4;
    size_t body_length = s_content_length(head, head_length);
    if (available - head_length < body_length)
        return false;
    if (head_length < 12 || memcmp(head + 9, "200", 3) != 0)
        fail("%.*s: %.*s", (int) strcspn(head, "\r"), head, (int) (body_length < 200 ? body_length : 200), head + head_length);
    *response = (http_response_t){.body = head + head_length, .length = body_length};
    connection_use(connection, head_length + body_length);
    return true;
}
