/* Serves zstd-compress and zstd-decompress: the reply is the body, compressed or decompressed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "sample.h"

#define S_LEVEL 3
#define S_OUT_BYTES_MAX JF_BODY_BYTES_MAX /* a small body may claim to become a huge one */

static int s_reply(jf_worker_t *worker, uint64_t id, void *out, size_t len) {
    int result = jf_worker_reply(worker, id, out, len);
    free(out);
    return result;
}

static int s_compress(jf_worker_t *worker, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    size_t bound = ZSTD_compressBound(jf_message_body_len(request));
    void *out = malloc(bound);
    if (!out) return jf_worker_fail(worker, id, JF_ERROR_HANDLER_FAILED, "no memory for the result", NULL);
    size_t len = ZSTD_compress(out, bound, jf_message_body(request), jf_message_body_len(request), S_LEVEL);
    if (!ZSTD_isError(len)) return s_reply(worker, id, out, len);
    free(out);
    return jf_worker_fail(worker, id, JF_ERROR_HANDLER_FAILED, ZSTD_getErrorName(len), NULL);
}

/* Decompresses into at most S_OUT_BYTES_MAX bytes; *len_p: how many. NULL, or why it failed. */
static const char *s_expand(const jf_message_t *request, char *out, size_t *len_p) {
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context) return "no memory for zstd";
    size_t len = ZSTD_decompressDCtx(
        context, out, S_OUT_BYTES_MAX, jf_message_body(request), jf_message_body_len(request));
    ZSTD_freeDCtx(context);
    *len_p = len;
    return ZSTD_isError(len) ? ZSTD_getErrorName(len) : NULL;
}

static int s_decompress(jf_worker_t *worker, const jf_message_t *request) {
    uint64_t id = jf_message_id(request);
    size_t len = 0;
    unsigned long long claimed = ZSTD_getFrameContentSize(jf_message_body(request), jf_message_body_len(request));
    if (claimed == ZSTD_CONTENTSIZE_ERROR) {
        return jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, "the body is not a zstd frame", NULL);
    }
    if (claimed != ZSTD_CONTENTSIZE_UNKNOWN && claimed > S_OUT_BYTES_MAX) {
        return jf_worker_fail(worker, id, JF_ERROR_TOO_LARGE, "the result would be larger than 16 MiB", NULL);
    }
    char *out = malloc(S_OUT_BYTES_MAX);
    if (!out) return jf_worker_fail(worker, id, JF_ERROR_HANDLER_FAILED, "no memory for the result", NULL);
    const char *wrong = s_expand(request, out, &len);
    if (!wrong) return s_reply(worker, id, out, len);
    free(out);
    return jf_worker_fail(worker, id, JF_ERROR_BAD_REQUEST, wrong, "the result may have 16 MiB at most");
}

static int s_handle(jf_worker_t *worker, const jf_message_t *request, void *arg) {
    (void)arg;
    return strcmp(jf_message_service(request), "zstd-compress") == 0 ? s_compress(worker, request)
                                                                      : s_decompress(worker, request);
}

int main(int argc, char **argv) {
    sample_options_t options = {.connect = "tcp://127.0.0.1:5555"};
    static const jf_service_options_t service = {.version = ZSTD_VERSION_STRING, .flags = JF_IDEMPOTENT};
    const sample_service_t services[] = {{"zstd-compress", service}, {"zstd-decompress", service}, {0}};
    sample_parse(argc, argv, "Compresses and decompresses: services zstd-compress and zstd-decompress.", &options);
    return sample_serve(options.connect, services, s_handle);
}
