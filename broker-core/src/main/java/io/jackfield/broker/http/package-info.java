/**
 * The HTTP/1.1 gateway: requests of HTTP clients become envelopes on the broker loop, with no thread between.
 *
 * <table>
 * <caption>What it serves</caption>
 * <tr><td>{@code POST /services/NAME}</td><td>asks the service; NAME is percent-encoded UTF-8; the body is the request's body</td></tr>
 * <tr><td>{@code GET, HEAD PATH?QUERY} of a configured route</td><td>asks the route's service; the body is QUERY as it stands, its content
 * type {@code application/x-www-form-urlencoded}; a body that comes with a GET is dropped</td></tr>
 * <tr><td>{@code POST PATH} of a configured route</td><td>as for {@code /services/NAME}; a query is not looked at</td></tr>
 * <tr><td>{@code GET, HEAD /health}</td><td>200 {@code {"status":"up"}}, or 503 {@code {"status":"draining"}}; never queued</td></tr>
 * </table>
 *
 * <p>Request headers: {@code Content-Type}, {@code traceparent} and {@code Idempotency-Key} become headers of the request, the last one marks
 * it as idempotent; {@code X-Jackfield-Timeout-Ms} (1 to 4294967295) is the time it may take. Others are not passed on.
 *
 * <p>The reply's parts are joined. Its header {@code content-type} becomes {@code Content-Type} (default {@code application/octet-stream}),
 * every other header {@code NAME} becomes {@code Jackfield-NAME}, its value in UTF-8. Partial replies arrive as chunks as they come, to an
 * HTTP/1.0 client as a body that the end of the connection ends. A failure is {@code application/problem+json} (PROTOCOL.md section 5); when
 * parts of the answer are out already, the connection is broken off instead, so that the client cannot take it for whole.
 *
 * <p>Pipelined requests are carried out side by side and answered in their order. A connection that ends, in either direction, cancels what
 * its client has asked and not been answered.
 */
@NullMarked
package io.jackfield.broker.http;

import org.jspecify.annotations.NullMarked;
