package io.jackfield.broker.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that writes its own bytes, right or wrong, and reads responses one by one. */
final class RawHttp implements AutoCloseable {
    private static final int DEADLINE_MS = 10_000;
    private static final int HEX = 16;

    final Socket socket;
    private final InputStream in;

    /** One response; header names in lower case. */
    record Response(int status, Map<String, String> headers, String body) {}

    RawHttp(InetSocketAddress address) throws IOException {
        socket = new Socket();
        socket.setSoTimeout(DEADLINE_MS);
        socket.setTcpNoDelay(true);
        socket.connect(address, DEADLINE_MS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    RawHttp send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    Response exchange(String text) throws IOException {
        return send(text).response();
    }

    /** Reads one response, whose body must be delimited. */
    Response response() throws IOException {
        return response(true);
    }

    /** Reads one response to HEAD. */
    Response headResponse() throws IOException {
        return response(false);
    }

    private Response response(boolean hasBody) throws IOException {
        String statusLine = line();
        Map<String, String> headers = headers();
        String body = "";
        if (hasBody && "chunked".equals(headers.get("transfer-encoding"))) {
            StringBuilder all = new StringBuilder();
            for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
                all.append(chunk);
            }
            body = all.toString();
        } else if (hasBody && headers.containsKey("content-length")) {
            body = bytes(Integer.parseInt(headers.get("content-length")));
        }
        return new Response(Integer.parseInt(statusLine.split(" ", 3)[1]), headers, body);
    }

    /** Reads the head of a response and its headers; the body is left. */
    Map<String, String> head() throws IOException {
        String statusLine = line();
        Map<String, String> headers = headers();
        headers.put(":status", statusLine.split(" ", 3)[1]);
        return headers;
    }

    /** Reads one chunk; empty: the last one. */
    String chunk() throws IOException {
        int length = Integer.parseInt(line(), HEX);
        String chunk = bytes(length);
        if (!line().isEmpty()) {
            throw new IOException("no line end after a chunk");
        }
        return chunk;
    }

    /** Reads what comes until the end of the connection. */
    String rest() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Reads some bytes; -1 at the end. */
    int read(byte[] bytes) throws IOException {
        return in.read(bytes);
    }

    /** True if the gateway has ended the connection and nothing more comes. */
    boolean isEnded() throws IOException {
        return in.read() < 0;
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next != '\r') {
            if (next < 0) {
                throw new EOFException("connection ended after: " + line);
            }
            line.write(next);
            next = in.read();
        }
        if (in.read() != '\n') {
            throw new IOException("CR without LF after: " + line);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            String before = headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
            if (before != null) {
                throw new IOException("header twice: " + line);
            }
        }
        return headers;
    }

    private String bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("connection ended " + (count - bytes.length) + " bytes too early");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
