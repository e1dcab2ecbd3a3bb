/*
 * libFuzzer: bytes of a peer through the ZMTP decoder and the JF1 decoder. The first byte of the input says in which
 * steps they arrive, the second whether a greeting is put before them, which would be found by chance only.
 */
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "target.h"
#include "zmtp.h"

#define S_LIMIT_BYTES 70000u /* small, so that the fuzzer can pass it */

/* What must hold for every message, right or wrong. */
static void s_look_at(jf_message_t *message) {
    size_t bytes = 0;
    TARGET_CHECK((message->wrong_code == 0) == (message->wrong == NULL));
    if (message->wrong_code != 0) return;
    TARGET_CHECK(jf_message_open(message) == 0);
    TARGET_CHECK(jf_message_service(message) != NULL);
    for (size_t i = 0; i < jf_message_part_count(message); i++) {
        jf_part_t part = jf_message_part(message, i);
        TARGET_CHECK(((const char *)part.bytes)[part.len] == '\0');
        bytes += part.len;
    }
    TARGET_CHECK(bytes <= S_LIMIT_BYTES);
    for (size_t i = 0; i < jf_message_header_count(message); i++) {
        const char *name = NULL, *value = jf_message_header_at(message, i, &name);
        TARGET_CHECK(strlen(name) > 0 && jf_message_header(message, name) == value);
    }
    TARGET_CHECK((jf_message_failure(message) != NULL) == (message->fixed.command == JF_FAILURE));
}

static size_t s_feed(jf_zmtp_t *zmtp, const uint8_t *bytes, size_t len) {
    struct iovec space[2];
    int pieces = jf_zmtp_space(zmtp, space);
    size_t fed = 0;
    for (int i = 0; i < pieces && fed < len; i++) {
        size_t step = len - fed < space[i].iov_len ? len - fed : space[i].iov_len;
        memcpy(space[i].iov_base, bytes + fed, step);
        fed += step;
    }
    TARGET_CHECK(fed > 0);
    jf_zmtp_filled(zmtp, fed);
    return fed;
}

/* -1: the decoder wants no more. */
static int s_take_events(jf_zmtp_t *zmtp) {
    jf_zmtp_event_t event;
    int found = 0;
    while ((found = jf_zmtp_next(zmtp, &event)) == 1) {
        if (event.kind == JF_ZMTP_EVENT_COMMAND) {
            const uint8_t *value = NULL;
            size_t value_len = 0;
            jf_zmtp_property(event.data, event.data_len, "Socket-Type", &value, &value_len);
        }
        if (event.kind != JF_ZMTP_EVENT_MESSAGE) continue;
        jf_message_t *message = jf_message_new(&event.frames);
        TARGET_CHECK(message != NULL);
        s_look_at(message);
        jf_zmtp_recycle(zmtp, &message->frames);
        jf_message_destroy(&message);
    }
    TARGET_CHECK(found == 0 || zmtp->fault[0] != '\0');
    return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    jf_zmtp_t zmtp;
    uint8_t greeting[JF_ZMTP_GREETING_BYTES];
    if (len < 2) return 0;
    TARGET_CHECK(jf_zmtp_init(&zmtp) == 0);
    zmtp.frame_bytes_max = S_LIMIT_BYTES - 1000;
    zmtp.message_bytes_max = S_LIMIT_BYTES;
    jf_zmtp_put_greeting(greeting);
    if (data[1] & 1u) s_feed(&zmtp, greeting, sizeof greeting);
    uint64_t random = data[0];
    for (size_t at = 2; at < len && s_take_events(&zmtp) == 0;) {
        size_t step = data[0] == 0 ? len : 1 + target_random(&random) % (1u << target_random(&random) % 12);
        at += s_feed(&zmtp, data + at, step < len - at ? step : len - at);
    }
    s_take_events(&zmtp);
    jf_zmtp_term(&zmtp);
    return 0;
}
