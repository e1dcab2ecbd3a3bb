package io.jackfield.broker.server;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The command line of {@code jackfield serve}. */
record ServeOptions(
        Optional<Path> config,
        Optional<Path> plugins,
        List<String> endpoints,
        Optional<String> http,
        boolean check,
        boolean help) {

    static final String USAGE =
            """
            Usage: jackfield serve [--config FILE] [--plugins DIR] [--endpoint ENDPOINT]...
                                   [--http HOST:PORT|off] [--check]

            Runs the broker in the foreground until SIGTERM or Ctrl-C, then drains and exits with 0.
            When it serves, it prints one line to standard output: jackfield ready, and its endpoints.
            Exits with 1 where it failed, 2 where the command line or the configuration is wrong, 3 where an
            address or the plugin folder cannot be used.

              --config FILE        YAML; every key has a default, docs/jackfield.yaml shows them all
              --plugins DIR        the watched folder, instead of the configured one
              --endpoint ENDPOINT  tcp://HOST:PORT, tcp://INTERFACE:PORT or ipc://PATH; may be given more
                                   than once; replaces the configured endpoints
              --http ADDRESS       replaces the configured address; off: no HTTP
              --check              only reads and checks the configuration
              --help               this text

            Examples:
              jackfield serve
              jackfield serve --endpoint tcp://127.0.0.1:0 --http off
              jackfield serve --endpoint tcp://127.0.0.1:5555 --endpoint ipc:///run/jackfield.sock
              jackfield serve --check --config my.yaml
            """;

    /** Reads the words after {@code serve}. */
    static ServeOptions parse(List<String> words) throws UsageException {
        Parser parser = new Parser(words);
        parser.run();
        return new ServeOptions(
                parser.config, parser.plugins, List.copyOf(parser.endpoints), parser.http, parser.check, parser.help);
    }

    /** The command line cannot be understood; the message is one line. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    private static final class Parser {
        private final List<String> words;
        private int at;
        private Optional<Path> config = Optional.empty();
        private Optional<Path> plugins = Optional.empty();
        private final List<String> endpoints = new ArrayList<>();
        private Optional<String> http = Optional.empty();
        private boolean check;
        private boolean help;

        Parser(List<String> words) {
            this.words = words;
        }

        void run() throws UsageException {
            while (at < words.size()) {
                String word = words.get(at++);
                switch (word) {
                    case "--config" -> config = Optional.of(path(word));
                    case "--plugins" -> plugins = Optional.of(path(word));
                    case "--endpoint" -> endpoints.add(value(word));
                    case "--http" -> http = Optional.of(value(word));
                    case "--check" -> check = true;
                    case "--help", "-h" -> help = true;
                    default -> throw new UsageException("unknown option: " + word);
                }
            }
        }

        private String value(String option) throws UsageException {
            if (at >= words.size()) {
                throw new UsageException(option + " needs a value");
            }
            String value = words.get(at++);
            if (value.startsWith("--")) {
                throw new UsageException(option + " needs a value, not " + value);
            }
            return value;
        }

        private Path path(String option) throws UsageException {
            String value = value(option);
            try {
                return Path.of(value);
            } catch (InvalidPathException e) {
                throw new UsageException(option + ": " + value + " (expected: a path)");
            }
        }
    }
}
