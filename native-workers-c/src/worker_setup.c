/* Making, setting up and ending a worker. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "worker.h"

int jf_worker_set_header(jf_worker_t *self, jf_headers_t *headers, const char *name, const char *value) {
    if (jf_headers_set(headers, name, value) == 0) return 0;
    return jf_fault_local(&self->error, errno, JF_NAME_BAD_ARGUMENT, "header %.80s or its value is not allowed", name);
}

void jf_worker_set_ready_due(jf_worker_t *self) {
    for (size_t i = 0; i < self->links.count; i++) self->session[i].ready_due = true;
}

static int s_init(jf_worker_t *self, const char *endpoints) {
    jf_fault_clear(&self->error);
    jf_headers_clear(&self->labels);
    jf_headers_set(&self->labels, "kit", "c/" JF_VERSION);
    if (jf_links_init(&self->links, endpoints) == -1) return -1;
    for (size_t i = 0; i < self->links.count; i++) {
        self->session[i].link = &self->links.link[i];
        self->session[i].index = (unsigned)i;
    }
    if (jf_worker_set_credit(self, 1) == 0) return 0;
    jf_links_term(&self->links);
    errno = ENOMEM;
    return -1;
}

jf_worker_t *jf_worker_new(const char *endpoints) {
    jf_worker_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    if (s_init(self, endpoints) == 0) return self;
    int why = errno;
    free(self);
    errno = why;
    return NULL;
}

void jf_worker_destroy(jf_worker_t **self_p) {
    jf_worker_t *self = *self_p;
    if (!self) return;
    for (size_t i = 0; i < self->links.count && jf_links_are_ours(&self->links); i++) {
        jf_session_t *session = &self->session[i];
        if (session->registered) jf_link_send_alone(session->link, &(jf_fixed_t){.command = JF_DISCONNECT});
    }
    jf_queue_clear(&self->requests);
    jf_links_term(&self->links);
    for (size_t i = 0; i < self->service_count; i++) jf_headers_destroy(&self->services[i]);
    free(self->slots);
    free(self->free_slots);
    free(self);
    *self_p = NULL;
}

int jf_worker_set_credit(jf_worker_t *self, unsigned credit) {
    if (credit < 1 || credit > JF_CREDIT_MAX || jf_worker_in_flight(self) > 0) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT,
            "credit: %u (expected: 1 to %u, before the first request)", credit, JF_CREDIT_MAX);
    }
    jf_slot_t *slots = calloc(self->links.count * credit, sizeof *slots);
    uint16_t *free_slots = calloc(self->links.count * credit, sizeof *free_slots);
    if (!slots || !free_slots) {
        free(slots);
        free(free_slots);
        return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a credit of %u", credit);
    }
    free(self->slots);
    free(self->free_slots);
    self->slots = slots;
    self->free_slots = free_slots;
    self->credit = credit;
    for (size_t i = 0; i < self->links.count; i++) {
        jf_session_set_slots(&self->session[i], slots + i * credit, free_slots + i * credit, credit);
    }
    jf_worker_set_ready_due(self);
    return 0;
}

int jf_worker_set_id(jf_worker_t *self, const char *id) {
    jf_worker_set_ready_due(self);
    return jf_worker_set_header(self, &self->labels, "worker-id", id);
}

int jf_worker_set_label(jf_worker_t *self, const char *name, const char *value) {
    char full[JF_HEADER_NAME_BYTES_MAX + 2u];
    if (!name || snprintf(full, sizeof full, "label.%s", name) > (int)JF_HEADER_NAME_BYTES_MAX) {
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "the label's name is missing or too long");
    }
    jf_worker_set_ready_due(self);
    return jf_worker_set_header(self, &self->labels, full, value);
}

static int s_set(jf_worker_t *self, int result) {
    return result == 0 ? 0 : jf_worker_link_failed(self, &self->links.link[0]);
}

int jf_worker_set_heartbeat_ms(jf_worker_t *self, uint32_t interval_ms) {
    jf_worker_set_ready_due(self);
    return s_set(self, jf_links_set_heartbeat_ms(&self->links, interval_ms));
}

int jf_worker_set_reconnect_ms(jf_worker_t *self, uint32_t first_ms, uint32_t max_ms) {
    return s_set(self, jf_links_set_reconnect_ms(&self->links, first_ms, max_ms));
}

int jf_worker_set_body_bytes_max(jf_worker_t *self, size_t bytes_max) {
    return s_set(self, jf_links_set_body_bytes_max(&self->links, bytes_max));
}

static int s_declare(jf_worker_t *self, jf_headers_t *service, const char *name, const jf_service_options_t *options) {
    char timeout[16];
    if (jf_worker_set_header(self, service, "name", name) == -1) return -1;
    if (!options) return 0;
    if (options->version && jf_worker_set_header(self, service, "version", options->version) == -1) return -1;
    if (options->flags & JF_IDEMPOTENT && jf_worker_set_header(self, service, "idempotent", "true") == -1) return -1;
    if (options->timeout_ms == 0) return 0;
    snprintf(timeout, sizeof timeout, "%u", options->timeout_ms);
    return jf_worker_set_header(self, service, "timeout-ms", timeout);
}

int jf_worker_add_service(jf_worker_t *self, const char *name, const jf_service_options_t *options) {
    jf_part_t part = {.bytes = "", .len = 0};
    jf_outgoing_t probe = {.service = name, .parts = &part, .part_count = 1};
    if (!name || jf_raw_check(&probe, 0, &self->error) == -1) {
        if (name) return -1;
        return jf_fault_local(&self->error, EINVAL, JF_NAME_BAD_ARGUMENT, "a service needs a name");
    }
    if (self->service_count == JF_SERVICES_PER_READY_MAX) {
        return jf_fault_local(
            &self->error, EMSGSIZE, JF_NAME_BAD_ARGUMENT, "services: more than %zu", self->service_count);
    }
    jf_headers_t *service = jf_headers_new();
    if (!service) return jf_fault_local(&self->error, ENOMEM, JF_NAME_OUT_OF_MEMORY, "no memory for a service");
    if (s_declare(self, service, name, options) == -1) {
        int why = errno;
        jf_headers_destroy(&service);
        errno = why;
        return -1;
    }
    self->services[self->service_count++] = service;
    jf_worker_set_ready_due(self);
    return 0;
}
