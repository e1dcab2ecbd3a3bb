#include "raw.h"

#include <errno.h>
#include <string.h>

#include "bytes.h"
#include "fault.h"
#include "text.h"

enum { S_NONE, S_ONE, S_ONE_OR_MORE };

/* The table of PROTOCOL.md, 4.1: what a command may carry. */
typedef struct s_rule {
    bool has_id;       /* id not 0 */
    bool may_have_id;  /* any id */
    bool has_time;     /* time-ms is used */
    unsigned count_min, count_max;
    bool may_have_code; /* code is used, and may be 0 */
    bool has_code;      /* code not 0 */
    bool has_service;
    bool has_headers;
    int parts;          /* S_NONE, S_ONE, S_ONE_OR_MORE */
    unsigned flags;     /* flags allowed in raw framing */
} s_rule_t;

static const s_rule_t s_rules[] = {
    [JF_READY] = {.has_time = true, .count_min = 1, .count_max = 65535, .has_headers = true, .parts = S_ONE_OR_MORE},
    [JF_WELCOME] = {.has_time = true, .count_max = 65535, .has_headers = true},
    [JF_REQUEST] = {.has_id = true, .has_time = true, .count_max = 65535, .has_service = true, .has_headers = true,
        .parts = S_ONE_OR_MORE, .flags = JF_IDEMPOTENT},
    [JF_REPLY] = {.has_id = true, .has_headers = true, .parts = S_ONE_OR_MORE, .flags = JF_PARTIAL | JF_EARLY_EXIT},
    [JF_FAILURE] = {.may_have_id = true, .has_time = true, .has_code = true, .has_headers = true, .parts = S_ONE},
    [JF_CANCEL] = {.has_id = true},
    [JF_HEARTBEAT] = {.count_max = 1},
    [JF_DRAIN] = {.count_max = 65535},
    [JF_DISCONNECT] = {.may_have_code = true},
};

static const s_rule_t *s_rule(unsigned command) {
    return command >= JF_READY && command <= JF_DISCONNECT ? &s_rules[command] : NULL;
}

static void s_put_fixed(uint8_t *to, const jf_fixed_t *fixed) {
    memcpy(to, "JF1R", 4);
    to[4] = (uint8_t)fixed->command;
    to[5] = (uint8_t)fixed->flags;
    jf_put_u16(to + 6, (uint16_t)fixed->code);
    jf_put_u64(to + 8, fixed->id);
    jf_put_u32(to + 16, fixed->time_ms);
    jf_put_u16(to + 20, (uint16_t)fixed->count);
    jf_put_u16(to + 22, 0);
}

/* Adds a frame header, and the frame too when copied is given, to the piece that is being written in scratch. */
static void s_put_frame(jf_wire_t *wire, bool more, const void *copied, size_t len) {
    uint8_t *to = wire->scratch + wire->scratch_len;
    size_t put = jf_zmtp_put_frame_header(to, more ? JF_ZMTP_MORE : 0, len);
    if (copied && len > 0) {
        memcpy(to + put, copied, len);
        put += len;
    }
    wire->scratch_len += put;
    wire->piece[wire->piece_count - 1].iov_len += put;
}

static void s_begin_piece(jf_wire_t *wire) {
    wire->piece[wire->piece_count++] =
        (struct iovec){.iov_base = wire->scratch + wire->scratch_len, .iov_len = 0};
}

void jf_raw_encode(const jf_outgoing_t *outgoing, jf_wire_t *wire) {
    uint8_t fixed[JF_RAW_HEADER_BYTES];
    s_put_fixed(fixed, &outgoing->fixed);
    size_t service_len = outgoing->service ? strlen(outgoing->service) : 0;
    bool alone = service_len == 0 && outgoing->headers_len == 0 && outgoing->part_count == 0;
    wire->piece[0] = (struct iovec){.iov_base = NULL, .iov_len = 0};
    wire->piece_count = 1;
    wire->scratch_len = 0;
    s_begin_piece(wire);
    s_put_frame(wire, !alone, fixed, sizeof fixed);
    if (alone) return;
    s_put_frame(wire, true, outgoing->service, service_len);
    s_put_frame(wire, outgoing->part_count > 0, outgoing->headers, outgoing->headers_len);
    for (size_t i = 0; i < outgoing->part_count; i++) {
        const jf_part_t *part = &outgoing->parts[i];
        s_put_frame(wire, i + 1 < outgoing->part_count, NULL, part->len);
        if (part->len == 0) continue;
        /* iovec has no const; the bytes are only read */
        wire->piece[wire->piece_count++] =
            (struct iovec){.iov_base = (void *)(uintptr_t)part->bytes, .iov_len = part->len};
        if (i + 1 < outgoing->part_count) s_begin_piece(wire);
    }
}

void jf_raw_put_alone(uint8_t to[JF_RAW_ALONE_BYTES], const jf_fixed_t *fixed) {
    size_t at = jf_zmtp_put_frame_header(to, 0, JF_RAW_HEADER_BYTES);
    s_put_fixed(to + at, fixed);
}

int jf_raw_check(const jf_outgoing_t *outgoing, size_t body_bytes_max, jf_error_t *error) {
    size_t bytes_total = 0;
    const char *service = outgoing->service;
    if (service && !jf_text_is_service_name((const uint8_t *)service, strlen(service))) {
        jf_fault_coded(
            error, EINVAL, JF_ERROR_BAD_SERVICE_NAME, "service name of %zu bytes is not allowed", strlen(service));
        jf_fault_hint(error, "1 to 255 bytes of UTF-8 without control characters, spaces, @ or /");
        return -1;
    }
    if (outgoing->part_count == 0 || outgoing->part_count > JF_BODY_PARTS_MAX || !outgoing->parts) {
        return jf_fault_local(error, EINVAL, JF_NAME_BAD_ARGUMENT, "body parts: %zu (expected: 1 to %u)",
            outgoing->part_count, JF_BODY_PARTS_MAX);
    }
    for (size_t i = 0; i < outgoing->part_count; i++) {
        const jf_part_t *part = &outgoing->parts[i];
        if (!part->bytes && part->len > 0) {
            return jf_fault_local(error, EINVAL, JF_NAME_BAD_ARGUMENT, "body part %zu has a length and no bytes", i);
        }
        if (part->len > body_bytes_max - bytes_total) {
            return jf_fault_coded(error, EMSGSIZE, JF_ERROR_TOO_LARGE, "body larger than %zu bytes", body_bytes_max);
        }
        bytes_total += part->len;
    }
    return 0;
}

static void s_wrong(jf_message_t *self, int code, const char *why) {
    self->wrong_code = code;
    self->wrong = why;
}

static const char *s_check_fixed(const jf_fixed_t *fixed, const s_rule_t *rule) {
    if (fixed->flags & ~rule->flags) return "a flag is set that the command does not have";
    if ((fixed->flags & (JF_PARTIAL | JF_EARLY_EXIT)) == (JF_PARTIAL | JF_EARLY_EXIT)) {
        return "EARLY_EXIT on a partial reply";
    }
    if (fixed->id == 0 && rule->has_id) return "the id is 0";
    if (fixed->id != 0 && !rule->has_id && !rule->may_have_id) return "the command has no id, and one is set";
    if (fixed->code == 0 && rule->has_code) return "the code is 0";
    if (fixed->code != 0 && !rule->has_code && !rule->may_have_code) return "the command has no code, and one is set";
    if (fixed->time_ms != 0 && !rule->has_time) return "the command has no time, and one is set";
    if (fixed->count < rule->count_min) return "the count is too small";
    if (fixed->count > rule->count_max) return "the count is too large for the command";
    return NULL;
}

static const char *s_check_frames(const jf_frames_t *frames, const s_rule_t *rule) {
    size_t parts = frames->count > 3 ? frames->count - 3 : 0;
    if (frames->count == 2) return "the message has 2 frames (expected: 1, 3 or more)";
    if (rule->parts == S_NONE && parts > 0) return "the command has no body, and one came";
    if (rule->parts != S_NONE && parts == 0) return "the command needs a body, and none came";
    if (parts > JF_BODY_PARTS_MAX) return "the message has more than 64 body parts";
    if (rule->parts == S_ONE && parts > 1) return "the command has exactly 1 body part, and more came";
    if (frames->count >= 3 && !rule->has_service && frames->frame[1].len > 0) {
        return "the command has no service, and one came";
    }
    if (frames->count >= 3 && !rule->has_headers && frames->frame[2].len > 0) {
        return "the command has no headers, and some came";
    }
    return NULL;
}

/* The magic, the version and the command; false: wrong, and said so. */
static bool s_decode_fixed(jf_message_t *self) {
    const jf_frame_t *first = &self->frames->frame[0];
    const uint8_t *in = first->bytes;
    if (first->len != JF_RAW_HEADER_BYTES) {
        s_wrong(self, JF_ERROR_BAD_MESSAGE, "the fixed header is not 24 bytes long");
        return false;
    }
    bool digit = in[2] >= '0' && in[2] <= '9';
    if (in[0] == 'J' && in[1] == 'F' && digit && in[2] != '1' && (in[3] == 'R' || in[3] == 'K')) {
        s_wrong(self, JF_ERROR_UNSUPPORTED_VERSION, "the version is not JF1");
        return false;
    }
    if (memcmp(in, "JF1R", 4) != 0) {
        s_wrong(self, JF_ERROR_BAD_MESSAGE, "the fixed header does not begin with JF1R");
        return false;
    }
    self->fixed.id = jf_get_u64(in + 8);
    self->fixed.flags = in[5];
    self->fixed.code = jf_get_u16(in + 6);
    self->fixed.time_ms = jf_get_u32(in + 16);
    self->fixed.count = jf_get_u16(in + 20);
    if (!s_rule(in[4])) {
        s_wrong(self, JF_ERROR_UNKNOWN_COMMAND, "the command is not known");
        return false;
    }
    self->fixed.command = (jf_command_t)in[4];
    if (jf_get_u16(in + 22) != 0) {
        s_wrong(self, JF_ERROR_BAD_MESSAGE, "the last 2 bytes of the fixed header are not zero");
        return false;
    }
    return true;
}

/* 1 to 4294967295 in at most 10 digits. */
static bool s_is_timeout(const jf_header_t *header) {
    uint64_t value = 0;
    if (header->value_len == 0 || header->value_len > 10) return false;
    for (size_t i = 0; i < header->value_len; i++) {
        if (header->value[i] < '0' || header->value[i] > '9') return false;
        value = value * 10 + (uint64_t)(header->value[i] - '0');
    }
    return value >= 1 && value <= UINT32_MAX;
}

static bool s_is_boolean(const jf_header_t *header) {
    return (header->value_len == 4 && memcmp(header->value, "true", 4) == 0)
        || (header->value_len == 5 && memcmp(header->value, "false", 5) == 0);
}

/* A service as READY declares it: a header block of its own. */
static bool s_decode_declaration(jf_message_t *self, const jf_frame_t *part) {
    jf_header_list_t list;
    const char *wrong = jf_headers_parse((const char *)part->bytes, part->len, &list);
    const jf_header_t *name = wrong ? NULL : jf_header_list_find(&list, "name");
    const jf_header_t *idempotent = wrong ? NULL : jf_header_list_find(&list, "idempotent");
    const jf_header_t *timeout = wrong ? NULL : jf_header_list_find(&list, "timeout-ms");
    if (!wrong && !name) wrong = "a service declaration has no name";
    if (idempotent && !s_is_boolean(idempotent)) wrong = "idempotent in a declaration is neither true nor false";
    if (timeout && !s_is_timeout(timeout)) wrong = "timeout-ms in a service declaration is not a number of ms";
    if (wrong) s_wrong(self, JF_ERROR_BAD_MESSAGE, wrong);
    else if (!jf_text_is_service_name((const uint8_t *)name->value, name->value_len)) {
        s_wrong(self, JF_ERROR_BAD_SERVICE_NAME, "the service name is not allowed");
    }
    return self->wrong_code == 0;
}

static void s_decode_service(jf_message_t *self, const s_rule_t *rule) {
    const jf_frame_t *service = &self->frames->frame[1];
    if (rule->has_service && !jf_text_is_service_name(service->bytes, service->len)) {
        s_wrong(self, JF_ERROR_BAD_SERVICE_NAME, "the service name is not allowed");
    }
}

static void s_decode_body(jf_message_t *self) {
    const jf_frames_t *frames = self->frames;
    if (self->fixed.command == JF_FAILURE && !jf_text_is_utf8(frames->frame[3].bytes, frames->frame[3].len)) {
        s_wrong(self, JF_ERROR_BAD_MESSAGE, "the cause is not UTF-8");
    }
    if (self->fixed.command != JF_READY) return;
    for (size_t i = 3; i < frames->count; i++) {
        if (!s_decode_declaration(self, &frames->frame[i])) return;
    }
}

void jf_raw_decode(jf_message_t *self) {
    memset(&self->fixed, 0, sizeof self->fixed);
    self->wrong_code = 0;
    self->wrong = NULL;
    self->headers.count = 0;
    if (!s_decode_fixed(self)) return;
    if (self->frames->too_large) {
        s_wrong(self, JF_ERROR_TOO_LARGE, "the message is larger than the receiver takes");
        return;
    }
    const s_rule_t *rule = s_rule(self->fixed.command);
    const char *wrong = s_check_fixed(&self->fixed, rule);
    if (!wrong) wrong = s_check_frames(self->frames, rule);
    if (!wrong && self->frames->count >= 3) {
        const jf_frame_t *block = &self->frames->frame[2];
        wrong = jf_headers_parse((const char *)block->bytes, block->len, &self->headers);
    }
    if (wrong) {
        s_wrong(self, JF_ERROR_BAD_MESSAGE, wrong);
        return;
    }
    if (self->frames->count < 3) return;
    s_decode_service(self, rule);
    if (self->wrong_code == 0) s_decode_body(self);
}
