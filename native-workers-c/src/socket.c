#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int s_invalid(void) {
    errno = EINVAL;
    return -1;
}

/* The name of a file: what begins with @ would be no file but an abstract name, which the broker does not bind. */
static int s_parse_ipc(jf_endpoint_t *self, const char *text) {
    const char *path = text + 6;
    size_t len = strlen(path);
    if (len == 0 || path[0] == '@' || len >= sizeof ((struct sockaddr_un *)0)->sun_path) return s_invalid();
    self->is_ipc = true;
    memcpy(self->text, text, strlen(text) + 1);
    memcpy(self->host, path, len + 1);
    self->port[0] = '\0';
    return 0;
}

int jf_endpoint_parse(jf_endpoint_t *self, const char *text) {
    if (!text || strlen(text) >= sizeof self->text) return s_invalid();
    if (strncmp(text, "ipc://", 6) == 0) return s_parse_ipc(self, text);
    if (strncmp(text, "tcp://", 6) != 0) return s_invalid();
    self->is_ipc = false;
    const char *host = text + 6;
    const char *colon = strrchr(host, ':');
    if (!colon) return s_invalid();
    size_t host_len = (size_t)(colon - host);
    size_t port_len = strlen(colon + 1);
    if (host_len >= 2 && host[0] == '[' && colon[-1] == ']') {
        host++;
        host_len -= 2;
    } else if (memchr(host, ':', host_len)) {
        return s_invalid();
    }
    if (host_len == 0 || port_len == 0 || port_len > 5) return s_invalid();
    if (strspn(colon + 1, "0123456789") != port_len) return s_invalid();
    long port = strtol(colon + 1, NULL, 10);
    if (port < 1 || port > 65535) return s_invalid();
    memcpy(self->text, text, strlen(text) + 1);
    memcpy(self->host, host, host_len);
    self->host[host_len] = '\0';
    memcpy(self->port, colon + 1, port_len + 1);
    return 0;
}

int jf_socket_set_flags(int fd) {
    int status = fcntl(fd, F_GETFL);
    if (status == -1 || fcntl(fd, F_SETFL, status | O_NONBLOCK) == -1) return -1;
    return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int s_give_up(int fd) {
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static int s_start(int fd, const struct sockaddr *address, socklen_t len, bool *done_p) {
    *done_p = connect(fd, address, len) == 0;
    return *done_p || errno == EINPROGRESS || errno == EINTR ? fd : s_give_up(fd);
}

int jf_socket_connect(const struct addrinfo *address, bool *done_p) {
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd == -1) return -1;
    int one = 1;
    if (jf_socket_set_flags(fd) == -1 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == -1) {
        return s_give_up(fd);
    }
    return s_start(fd, address->ai_addr, address->ai_addrlen, done_p);
}

int jf_socket_connect_ipc(const char *path, bool *done_p) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd == -1) return -1;
    if (jf_socket_set_flags(fd) == -1) return s_give_up(fd);
    memcpy(address.sun_path, path, strlen(path) + 1); /* jf_endpoint_parse has seen to its length */
    return s_start(fd, (const struct sockaddr *)&address, sizeof address, done_p);
}

/* A port of the ephemeral range without a listener can be connected to itself: TCP allows a simultaneous open. */
static bool s_is_itself(int fd) {
    struct sockaddr_storage here, there;
    socklen_t here_len = sizeof here, there_len = sizeof there;
    memset(&here, 0, sizeof here);
    memset(&there, 0, sizeof there);
    if (getsockname(fd, (struct sockaddr *)&here, &here_len)
        || getpeername(fd, (struct sockaddr *)&there, &there_len)) {
        return false;
    }
    return here_len == there_len && memcmp(&here, &there, here_len) == 0;
}

int jf_socket_outcome(int fd) {
    int why = 0;
    socklen_t why_len = sizeof why;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &why_len) == -1) return errno;
    if (why == 0 && s_is_itself(fd)) return ECONNREFUSED;
    return why;
}
