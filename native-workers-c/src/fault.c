#include "fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

typedef struct s_row {
    int number;       /* of the registry */
    const char *name; /* of the registry */
    bool retryable;   /* trying again may help */
    const char *text; /* the registry's sentence */
} s_row_t;

#define S_ROW(number, name, retryable, text) {number, #name, retryable, text},
static const s_row_t s_rows[] = {JF_ERROR_CODES(S_ROW)};

static const s_row_t *s_row(int code) {
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        if (s_rows[i].number == code) return &s_rows[i];
    }
    return NULL;
}

const char *jf_error_code_name(int code) {
    const s_row_t *row = s_row(code);
    return row ? row->name : "UNKNOWN";
}

int jf_error_code_number(const char *name) {
    for (size_t i = 0; i < sizeof s_rows / sizeof s_rows[0]; i++) {
        if (strcmp(s_rows[i].name, name) == 0) return s_rows[i].number;
    }
    return 0;
}

bool jf_error_code_retryable(int code) {
    const s_row_t *row = s_row(code);
    return row && row->retryable;
}

const char *jf_error_code_text(int code) {
    const s_row_t *row = s_row(code);
    return row ? row->text : "";
}

void jf_error_line(const jf_error_t *error, char *to, size_t to_len) {
    char line[sizeof error->cause + sizeof error->hint + 128];
    if (to_len == 0) return;
    int len = snprintf(line, sizeof line, "%s: %s%s%s%s", error->name, error->cause, error->hint[0] ? " (" : "",
        error->hint, error->hint[0] ? ")" : "");
    jf_text_copy(to, to_len, line, (size_t)len);
}

const char *jf_version(void) { return JF_VERSION; }

static void s_set(jf_error_t *error, int code, const char *name, const char *format, va_list values) {
    char cause[JF_CAUSE_BYTES_MAX + 1u]; /* values may point into *error */
    vsnprintf(cause, sizeof cause, format, values);
    jf_fault_clear(error);
    error->code = code;
    error->name = name;
    error->retryable = jf_error_code_retryable(code);
    jf_text_copy(error->cause, sizeof error->cause, cause, strlen(cause));
}

void jf_fault_clear(jf_error_t *error) {
    memset(error, 0, sizeof *error);
    error->name = JF_NAME_NONE;
}

bool jf_fault_is_set(const jf_error_t *error) { return error->code != 0 || strcmp(error->name, JF_NAME_NONE) != 0; }

int jf_fault_local(jf_error_t *error, int error_number, const char *name, const char *format, ...) {
    va_list values;
    va_start(values, format);
    s_set(error, 0, name, format, values);
    va_end(values);
    errno = error_number;
    return -1;
}

int jf_fault_coded(jf_error_t *error, int error_number, int code, const char *format, ...) {
    va_list values;
    va_start(values, format);
    s_set(error, code, jf_error_code_name(code), format, values);
    va_end(values);
    errno = error_number;
    return -1;
}

void jf_fault_hint(jf_error_t *error, const char *hint) {
    jf_text_copy(error->hint, sizeof error->hint, hint, strlen(hint));
}
