#include "vectors.h"

#include <inttypes.h>

#include "check.h"

static int s_hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char *at = strchr(digits, c);
    CHECK(c != '\0' && at != NULL);
    return (int)(at - digits);
}

static vector_bytes_t s_hex(const char *text) {
    vector_bytes_t result = {.bytes = NULL, .len = 0};
    size_t len = strcmp(text, "-") == 0 ? 0 : strlen(text);
    CHECK(len % 2 == 0);
    result.bytes = malloc(len / 2 + 1);
    CHECK(result.bytes != NULL);
    result.len = len / 2;
    for (size_t i = 0; i < result.len; i++) {
        result.bytes[i] = (uint8_t)(s_hex_digit(text[2 * i]) << 4 | s_hex_digit(text[2 * i + 1]));
    }
    return result;
}

static void s_text(char *to, size_t to_len, const char *text) {
    CHECK(strlen(text) < to_len);
    snprintf(to, to_len, "%s", strcmp(text, "-") == 0 ? "" : text);
}

static void s_header(vector_t *vector, char *line) {
    char *space = strchr(line, ' ');
    CHECK(space != NULL);
    *space = '\0';
    const char *value = strcmp(space + 1, "-") == 0 ? "" : space + 1;
    size_t len = strlen(line) + 1 + strlen(value) + 1;
    vector->headers = realloc(vector->headers, vector->headers_len + len + 1);
    CHECK(vector->headers != NULL);
    snprintf(vector->headers + vector->headers_len, len + 1, "%s:%s\n", line, value);
    vector->headers_len += len;
    vector->headers_count++;
}

static void s_clear(vector_t *vector) {
    for (size_t i = 0; i < vector->body_count; i++) free(vector->body[i].bytes);
    for (size_t i = 0; i < vector->frame_count; i++) free(vector->frame[i].bytes);
    free(vector->headers);
    memset(vector, 0, sizeof *vector);
    vector->encode = true;
}

static void s_add(vector_bytes_t *list, size_t *count, const char *text) {
    CHECK(*count < VECTOR_PARTS_MAX);
    list[(*count)++] = s_hex(text);
}

/* One line of a vector; an unknown key is an error, so that no line is passed over. */
static void s_line(vector_t *vector, const char *key, char *value) {
    if (strcmp(key, "framing") == 0) s_text(vector->framing, sizeof vector->framing, value);
    else if (strcmp(key, "encode") == 0) vector->encode = strcmp(value, "no") != 0;
    else if (strcmp(key, "command") == 0) s_text(vector->command, sizeof vector->command, value);
    else if (strcmp(key, "flags") == 0) vector->flags = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "code") == 0) vector->code = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "count") == 0) vector->count = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(key, "id") == 0) vector->id = strtoumax(value, NULL, 10);
    else if (strcmp(key, "time-ms") == 0) vector->time_ms = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(key, "service") == 0) s_text(vector->service, sizeof vector->service, value);
    else if (strcmp(key, "header") == 0) s_header(vector, value);
    else if (strcmp(key, "body") == 0) s_add(vector->body, &vector->body_count, value);
    else if (strcmp(key, "frame") == 0) s_add(vector->frame, &vector->frame_count, value);
    else if (strcmp(key, "error") == 0) s_text(vector->error, sizeof vector->error, value);
    else CHECK_STR(key, "a key of protocol/data/vectors/README.md");
}

bool vector_next(FILE *file, vector_t *vector) {
    static char line[1 << 20];
    s_clear(vector);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0' || line[0] == '#') continue;
        if (strcmp(line, "end") == 0) {
            CHECK(vector->name[0] != '\0' && vector->frame_count > 0);
            return true;
        }
        char *space = strchr(line, ' ');
        CHECK(space != NULL);
        *space = '\0';
        if (strcmp(line, "vector") == 0) {
            s_text(vector->name, sizeof vector->name, space + 1);
            check_context = vector->name;
        } else {
            s_line(vector, line, space + 1);
        }
    }
    CHECK(vector->name[0] == '\0');
    check_context = NULL;
    return false;
}
