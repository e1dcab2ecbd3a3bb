/* Limits of the library, each with its unit in its name. Those of the wire are chapter 6 of docs/PROTOCOL.md. */
#ifndef JACKFIELD_LIMITS_H
#define JACKFIELD_LIMITS_H

/* Of the wire. */
#define JF_SERVICE_NAME_BYTES_MAX 255u
#define JF_HEADER_BLOCK_BYTES_MAX 8192u
#define JF_HEADERS_MAX 64u
#define JF_HEADER_NAME_BYTES_MAX 64u
#define JF_HEADER_VALUE_BYTES_MAX 4096u
#define JF_FRAMES_MAX 72u
#define JF_BODY_PARTS_MAX 64u
#define JF_BODY_BYTES_MAX (16u * 1024u * 1024u)        /* default; jf_*_set_body_bytes_max */
#define JF_ENVELOPE_BYTES_MAX (64u * 1024u)            /* what a frame or message may have beyond its body */
#define JF_CREDIT_MAX 65535u
#define JF_SERVICES_PER_READY_MAX 64u

/* Of this library. */
#define JF_BROKERS_MAX 16u                             /* endpoints of one worker or client */
#define JF_ENDPOINT_BYTES_MAX 512u
#define JF_COMMAND_BYTES_MAX 8192u                     /* one ZMTP command */
#define JF_INBOX_BYTES_MAX (64u * 1024u * 1024u)       /* received, not yet taken; reading pauses beyond */
#define JF_CONTROL_OUT_BYTES_MAX 65536u                /* PONGs and heartbeats the peer does not read */
#define JF_BAD_MESSAGES_MAX 100u                       /* per connection; then it is closed */
#define JF_CLIENT_IN_FLIGHT_MAX 65535u
#define JF_CLIENT_KEPT_BYTES_MAX (64u * 1024u * 1024u) /* bodies copied by a client, to be sent later or again */
#define JF_CLIENT_RETRIES 2u                           /* default; jf_client_set_retries */
#define JF_CLIENT_RETRIES_MAX 100u
#define JF_CAUSE_BYTES_MAX 1023u                       /* longer causes are cut in jf_error_t */
#define JF_HINT_BYTES_MAX 511u                         /* longer hints are cut in jf_error_t */

/* Times. */
#define JF_HEARTBEAT_MS 1000u                          /* default; jf_*_set_heartbeat_ms */
#define JF_HEARTBEAT_MS_MIN 10u
#define JF_HEARTBEAT_MS_MAX 3600000u
#define JF_HEARTBEAT_LIVENESS 3u                       /* intervals without a sign of life */
#define JF_CONNECT_MS_MAX 3000u                        /* a call waits so long for a broker; jf_client_set_connect_ms */
#define JF_HANDSHAKE_MS_MAX 5000u                      /* from connect to the peer's READY */
#define JF_WELCOME_MS_MAX 10000u                       /* from our READY to WELCOME */
#define JF_LEAVE_MS_MAX 10000u                         /* from a worker's DISCONNECT to the end of the connection */
#define JF_SEND_MS_MAX 30000u                          /* without one byte taken by the peer */
#define JF_RECONNECT_MS_MIN 100u                       /* default; jf_*_set_reconnect_ms */
#define JF_RECONNECT_MS_MAX 5000u
#define JF_RESEND_MS_MAX 30000u                        /* a request without a deadline waits so long to be sent */
#define JF_RETRY_MS 100u                               /* before a refused request is sent again; doubles each time */
#define JF_CALL_GRACE_MS 250u                          /* a client waits so long for the broker's own DEADLINE_EXCEEDED */

#endif
