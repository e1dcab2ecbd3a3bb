package io.jackfield.command;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The demo's HTTP client: any reply but 200 breaks the step. */
final class DemoHttp {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String base;

    DemoHttp(String base) {
        this.base = base;
    }

    String get(String path) throws IOException, InterruptedException {
        return body(request(path).GET().build());
    }

    String post(String path, String body) throws IOException, InterruptedException {
        return body(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path)).timeout(TIMEOUT);
    }

    private String body(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        Demo.require(response.statusCode() == 200, "HTTP " + response.statusCode() + ": " + response.body());
        return response.body();
    }
}
