/*
 * Serves sodium-encrypt and sodium-decrypt with a key that both sides of a wire may share through this worker alone:
 * XChaCha20-Poly1305. What encrypt gives and decrypt takes is the nonce, 24 bytes, and the sealed body. A body that was
 * changed on the way, or sealed with another key, is refused.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

#define S_KEY_BYTES crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define S_NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define S_SEAL_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define S_MORE_BYTES (S_NONCE_BYTES + S_SEAL_BYTES) /* what encrypting adds to a body */

static unsigned char s_key[S_KEY_BYTES];

/* Exactly one key, in bytes: a longer file is not a key either. */
static bool s_read_key(const char *path) {
    unsigned char bytes[S_KEY_BYTES + 1];
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return false;
    }
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (len == S_KEY_BYTES) memcpy(s_key, bytes, S_KEY_BYTES);
    else fprintf(stderr, "%s: not a key (expected: %u bytes, as from head -c 32 /dev/urandom)\n", path, S_KEY_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    return len == S_KEY_BYTES;
}

static int s_reply(jf_worker_t *worker, uint64_t id, unsigned char *out, unsigned long long len) {
    int result = jf_worker_reply(worker, id, out, (size_t)len);
    free(out);
    return result;
}

static int s_encrypt(jf_worker_t *worker, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    size_t len = jf_message_body_len(request);
    unsigned long long sealed_len = 0;
    unsigned char *out = malloc(len + S_MORE_BYTES);
    if (!out) return jf_worker_fail(worker, id, JF_ERROR_HANDLER_FAILED, "no memory for the result", NULL);
    randombytes_buf(out, S_NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + S_NONCE_BYTES, &sealed_len,
        (const unsigned char *)jf_message_body(request), len, NULL, 0, NULL, out, s_key);
    return s_reply(worker, id, out, S_NONCE_BYTES + sealed_len);
}

static int s_decrypt(jf_worker_t *worker, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    const unsigned char *body = (const unsigned char *)jf_message_body(request);
    size_t len = jf_message_body_len(request);
    unsigned long long open_len = 0;
    if (len < S_MORE_BYTES) {
        return jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, "the body is too short to be sealed", NULL);
    }
    unsigned char *out = malloc(len - S_MORE_BYTES + 1); /* no length of 0: malloc may give NULL for it */
    if (!out) return jf_worker_fail(worker, id, JF_ERROR_HANDLER_FAILED, "no memory for the result", NULL);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(
            out, &open_len, NULL, body + S_NONCE_BYTES, len - S_NONCE_BYTES, NULL, 0, body, s_key) == 0) {
        return s_reply(worker, id, out, open_len);
    }
    free(out);
    return jf_worker_fail(
        worker, id, JF_ERROR_BAD_REQUEST, "the body was sealed with another key, or changed since", NULL);
}

static int s_handle(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    (void)arg;
    return strcmp(jf_message_service(request), "sodium-encrypt") == 0 ? s_encrypt(worker, request)
                                                                       : s_decrypt(worker, request);
}

int main(int argc, char **argv) {
    sample_options_t options = {.connect = "tcp://127.0.0.1:5555", .key_file = ""};
    static const sample_service_t services[] = {{"sodium-encrypt", {.version = SODIUM_VERSION_STRING}},
        {"sodium-decrypt", {.version = SODIUM_VERSION_STRING, .flags = JF_IDEMPOTENT}}, {0}};
    sample_parse(argc, argv, "Encrypts and decrypts: services sodium-encrypt and sodium-decrypt.", &options);
    if (sodium_init() == -1 || !s_read_key(options.key_file)) return 2;
    int result = sample_serve(options.connect, services, s_handle);
    sodium_memzero(s_key, sizeof s_key);
    return result;
}
