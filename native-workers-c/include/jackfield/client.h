/*
 * A client: asks services through a broker, over one connection that it opens when needed.
 *
 * Threads: a client belongs to one thread at a time; the library starts none. Two clients share nothing.
 * Failures: -1, errno, and jf_client_error until the next call that fails.
 * A request that was sent ends exactly once: with a final reply or with a failure, also when the
 * connection is lost.
 */
#ifndef JACKFIELD_CLIENT_H
#define JACKFIELD_CLIENT_H

#include "jackfield/message.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jf_client jf_client_t;

/* endpoint: as for jf_worker_new. Connects only with the first request. NULL and EINVAL, ENOMEM. */
JF_EXPORT jf_client_t *jf_client_new(const char *endpoint);

/* Closes; the broker cancels what is in flight. */
JF_EXPORT void jf_client_destroy(jf_client_t **self_p);

JF_EXPORT int jf_client_set_heartbeat_ms(jf_client_t *self, uint32_t interval_ms);
JF_EXPORT int jf_client_set_reconnect_ms(jf_client_t *self, uint32_t first_ms, uint32_t max_ms);
JF_EXPORT int jf_client_set_body_bytes_max(jf_client_t *self, size_t bytes_max);

/*
 * Asks and waits for the final reply. *reply_p: NULL, or a message of an earlier call, which is used again.
 * timeout_ms: the request's deadline, and the time this call takes at most, plus JF_CALL_GRACE_MS; -1: the
 * service's own deadline. Partial replies are not shown: use send and recv for those.
 * -1 and EIO: the request failed (code of the registry in jf_client_error). ETIMEDOUT: no answer in time, and
 * the request is cancelled. ECONNREFUSED: not connected in time. ECONNRESET: the connection was lost; whether
 * the service did its work is not known. EPROTO: the peer is no broker. EINVAL, EMSGSIZE, ENOBUFS, EINTR, ENOMEM.
 */
JF_EXPORT int jf_client_call(jf_client_t *self, const char *service, const void *body, size_t len, int timeout_ms,
    jf_message_t **reply_p);

/* One request in full. Zeroed fields mean the defaults. */
typedef struct jf_request {
    const char *service;  /* needed */
    jf_content_t content; /* at least one part */
    uint32_t timeout_ms;  /* the deadline; 0: the service's own */
    unsigned flags;       /* JF_IDEMPOTENT, or 0 */
} jf_request_t;

/* As jf_client_call, with headers, flags and body parts. */
JF_EXPORT int jf_client_call_with(jf_client_t *self, const jf_request_t *request, jf_message_t **reply_p);

/*
 * Sends a request and does not wait for its reply. *id_p is the id that its replies will carry.
 * Waits at most wait_ms (-1: for ever) for the connection. EAGAIN: JF_CLIENT_IN_FLIGHT_MAX requests are in flight.
 */
JF_EXPORT int jf_client_send(jf_client_t *self, const jf_request_t *request, int wait_ms, uint64_t *id_p);

/*
 * Waits for the next reply (partial or final) or failure of any request sent. jf_message_failure tells them apart.
 * 0, or -1 and ETIMEDOUT, EINTR, ENOMEM, or ENOENT: nothing is in flight.
 */
JF_EXPORT int jf_client_recv(jf_client_t *self, jf_message_t **reply_p, int timeout_ms);

/* Asks the broker to end a request; its failure CANCELLED, or the reply that was faster, still comes by recv. */
JF_EXPORT int jf_client_cancel(jf_client_t *self, uint64_t id);

/* Requests that have not ended yet, replies that recv has not given included. */
JF_EXPORT size_t jf_client_in_flight(const jf_client_t *self);

/* For a poll loop of your own: as jf_worker_fd, jf_worker_events, jf_worker_wait_ms. */
JF_EXPORT int jf_client_fd(const jf_client_t *self);
JF_EXPORT short jf_client_events(const jf_client_t *self);
JF_EXPORT int jf_client_wait_ms(const jf_client_t *self);

/* The last failure; never NULL. */
JF_EXPORT const jf_error_t *jf_client_error(const jf_client_t *self);

#ifdef __cplusplus
}
#endif
#endif
