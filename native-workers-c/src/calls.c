#include "calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define S_PLACES_FIRST 16u
#define S_NONE SIZE_MAX
#define S_PLACE_MASK 0xFFFFu
_Static_assert(JF_CLIENT_IN_FLIGHT_MAX <= S_PLACE_MASK, "an id has room for every place");

void jf_calls_init(jf_calls_t *self) {
    memset(self, 0, sizeof *self);
    self->first_waiting = self->last_waiting = S_NONE;
    self->due_ms = self->overdue_ms = self->silent_ms = JF_NEVER_MS;
}

void jf_calls_term(jf_calls_t *self) {
    for (unsigned i = 0; i < self->count; i++) free(self->call[i].kept);
    free(self->call);
    jf_calls_init(self);
}

static int s_grow(jf_calls_t *self) {
    unsigned count = self->count == 0 ? S_PLACES_FIRST : self->count * 2;
    if (count > JF_CLIENT_IN_FLIGHT_MAX) count = JF_CLIENT_IN_FLIGHT_MAX;
    errno = count == self->count ? EAGAIN : ENOMEM;
    jf_call_t *call = count == self->count ? NULL : realloc(self->call, count * sizeof *call);
    if (!call) return -1;
    memset(call + self->count, 0, (count - self->count) * sizeof *call);
    self->next = self->count;
    self->call = call;
    self->count = count;
    return 0;
}

jf_call_t *jf_calls_take(jf_calls_t *self) {
    if (self->taken == self->count && s_grow(self) == -1) return NULL;
    while (self->call[self->next].id != 0) self->next = (self->next + 1) % self->count;
    jf_call_t *call = &self->call[self->next];
    *call = (jf_call_t){.id = ++self->sequence << 16 | self->next, .link = JF_CALL_WAITS, .next = S_NONE,
        .deadline_ms = JF_NEVER_MS, .end_ms = JF_NEVER_MS, .wait_end_ms = JF_NEVER_MS};
    self->taken++;
    return call;
}

jf_call_t *jf_calls_find(const jf_calls_t *self, uint64_t id) {
    uint64_t place = id & S_PLACE_MASK;
    return id != 0 && place < self->count && self->call[place].id == id ? &self->call[place] : NULL;
}

void jf_calls_free(jf_calls_t *self, jf_call_t *call) {
    if (call->link == JF_CALL_WAITS) jf_calls_unwait(self, call);
    jf_calls_forget(self, call);
    call->id = 0;
    self->taken--;
    self->next = (unsigned)(call - self->call);
}

/* ---- what is kept ---- */

static size_t s_bodies(const jf_outgoing_t *outgoing) {
    size_t bytes = 0;
    for (size_t i = 0; i < outgoing->part_count; i++) bytes += outgoing->parts[i].len;
    return bytes;
}

static void *s_copy(char **to, const void *from, size_t len) {
    char *copy = *to;
    if (len > 0) memcpy(copy, from, len);
    *to += len;
    return copy;
}

int jf_calls_keep(jf_calls_t *self, jf_call_t *call, const jf_outgoing_t *outgoing, bool copy_bodies) {
    size_t service_len = strlen(outgoing->service) + 1;
    size_t bodies = copy_bodies ? s_bodies(outgoing) : 0;
    if (bodies > JF_CLIENT_KEPT_BYTES_MAX - self->kept_bytes) {
        errno = EAGAIN;
        return -1;
    }
    size_t parts_len = outgoing->part_count * sizeof(jf_part_t);
    jf_kept_t *kept = malloc(sizeof *kept + parts_len + service_len + outgoing->headers_len + bodies);
    if (!kept) return -1;
    char *to = (char *)kept->part + parts_len;
    kept->outgoing = *outgoing;
    kept->outgoing.service = s_copy(&to, outgoing->service, service_len);
    if (outgoing->headers) kept->outgoing.headers = s_copy(&to, outgoing->headers, outgoing->headers_len);
    kept->outgoing.parts = memcpy(kept->part, outgoing->parts, parts_len);
    for (size_t i = 0; copy_bodies && i < outgoing->part_count; i++) {
        kept->part[i].bytes = s_copy(&to, outgoing->parts[i].bytes, outgoing->parts[i].len);
    }
    kept->copied_bytes = bodies;
    self->kept_bytes += bodies;
    call->kept = kept;
    return 0;
}

void jf_calls_forget(jf_calls_t *self, jf_call_t *call) {
    if (!call->kept) return;
    self->kept_bytes -= call->kept->copied_bytes;
    free(call->kept);
    call->kept = NULL;
}

void jf_calls_sent(jf_calls_t *self, jf_call_t *call, size_t link) {
    call->link = link;
    if (call->end_ms < self->silent_ms) self->silent_ms = call->end_ms;
}

/* ---- what waits ---- */

void jf_calls_wait(jf_calls_t *self, jf_call_t *call, int64_t due_ms, int64_t wait_end_ms) {
    size_t place = (size_t)(call - self->call);
    call->due_ms = due_ms;
    call->wait_end_ms = wait_end_ms;
    if (due_ms < self->due_ms) self->due_ms = due_ms;
    if (wait_end_ms < self->overdue_ms) self->overdue_ms = wait_end_ms;
    call->link = JF_CALL_WAITS;
    call->next = S_NONE;
    if (self->last_waiting == S_NONE) self->first_waiting = place;
    else self->call[self->last_waiting].next = place;
    self->last_waiting = place;
}

void jf_calls_unwait(jf_calls_t *self, jf_call_t *call) {
    size_t place = (size_t)(call - self->call), before = S_NONE;
    for (size_t at = self->first_waiting; at != S_NONE; before = at, at = self->call[at].next) {
        if (at != place) continue;
        if (before == S_NONE) self->first_waiting = call->next;
        else self->call[before].next = call->next;
        if (self->last_waiting == place) self->last_waiting = before;
        call->next = S_NONE;
        return;
    }
}

jf_call_t *jf_calls_first_waiting(const jf_calls_t *self) {
    return self->first_waiting == S_NONE ? NULL : &self->call[self->first_waiting];
}

jf_call_t *jf_calls_next_waiting(const jf_calls_t *self, const jf_call_t *call) {
    return call->next == S_NONE ? NULL : &self->call[call->next];
}
