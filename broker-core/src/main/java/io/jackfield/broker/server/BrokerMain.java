package io.jackfield.broker.server;

import io.jackfield.broker.server.ServeOptions.UsageException;
import io.jackfield.broker.server.config.BrokerConfig;
import io.jackfield.broker.server.config.ConfigException;
import io.jackfield.broker.server.config.ConfigReader;
import io.jackfield.broker.transport.BindException;
import io.jackfield.protocol.ErrorCode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code jackfield serve}. Exit codes: 0 after a drain, 1 the broker failed, 2 the command line or the configuration is wrong, 3 an address
 * or the plugin folder cannot be used.
 */
public final class BrokerMain {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int UNAVAILABLE = 3;

    private final PrintStream out;
    private final PrintStream err;

    BrokerMain(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs until the process is told to stop. */
    public static void main(String[] words) {
        int code = new BrokerMain(System.out, System.err).run(List.of(words));
        if (code != RUNNING) {
            System.exit(code);
        }
    }

    private static final int RUNNING = -1;

    /** Returns the exit code, or that the broker runs. */
    int run(List<String> words) {
        try {
            ServeOptions options = ServeOptions.parse(words);
            if (options.help()) {
                out.print(ServeOptions.USAGE);
                return 0;
            }
            BrokerConfig said = said(options);
            BrokerConfig config = overridden(said, options);
            if (options.check()) {
                PluginConfigCheck.check(config).forEach(this::say);
                out.println("configuration is fine");
                return 0;
            }
            serve(config, options, said);
            return RUNNING;
        } catch (UsageException e) {
            return failed(USAGE, e.getMessage() + " (see jackfield serve --help)");
        } catch (ConfigException e) {
            e.problems().forEach(problem -> failed(USAGE, named(ErrorCode.CONFIG_INVALID, problem)));
            return USAGE;
        } catch (BindException e) {
            return failed(UNAVAILABLE, named(ErrorCode.BIND_FAILED, String.valueOf(e.getMessage())));
        } catch (IOException e) {
            return failed(UNAVAILABLE, named(ErrorCode.CONFIG_INVALID, String.valueOf(e.getMessage())));
        }
    }

    /** What the file says, or stands where there is none. */
    private static BrokerConfig said(ServeOptions options) throws ConfigException {
        Path home = Path.of(System.getProperty("jackfield.home", "")).toAbsolutePath();
        return options.config().isPresent() ? ConfigReader.read(options.config().get()) : ConfigReader.defaults(home);
    }

    private static BrokerConfig overridden(BrokerConfig said, ServeOptions options) throws ConfigException {
        BrokerConfig overridden = ConfigReader.overridden(said, options.endpoints(), options.http(), options.plugins());
        Settings.check(overridden);
        return overridden;
    }

    private void serve(BrokerConfig config, ServeOptions options, BrokerConfig said) throws BindException, IOException {
        Broker broker = Broker.start(config, name(), BrokerMain::fatal);
        options.config().ifPresent(file -> broker.follow(file, said));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker), "stop"));
        out.println("jackfield ready " + String.join(" ", broker.addresses()));
        out.flush();
    }

    /** A JVM that is ended by a signal exits with the signal's number, unless a hook halts it: a drained broker has not failed. */
    private static void stop(Broker broker) {
        Logger log = LoggerFactory.getLogger(BrokerMain.class);
        int code = 0;
        try {
            log.info("draining");
            boolean ended = broker.drain();
            broker.close();
            log.info(ended ? "drained, bye" : "the time for draining is over: what was left was failed; bye");
        } catch (InterruptedException | RuntimeException e) {
            log.error("the broker could not be stopped in order", e);
            code = FAILED;
        }
        Runtime.getRuntime().halt(code);
    }

    private static void fatal(Error error) {
        LoggerFactory.getLogger(BrokerMain.class).error("the broker cannot go on", error);
        Runtime.getRuntime().halt(FAILED);
    }

    private static String name() {
        long pid = ProcessHandle.current().pid();
        try {
            return InetAddress.getLocalHost().getHostName() + "-" + pid;
        } catch (UnknownHostException e) {
            return "broker-" + pid;
        }
    }

    private static String named(ErrorCode code, String text) {
        return code.name() + ": " + text;
    }

    private int failed(int code, String line) {
        say(line);
        return code;
    }

    /** As the other commands do: their name, and one line whatever is in it. */
    private void say(String line) {
        StringBuilder printable = new StringBuilder("jackfield serve: ");
        line.codePoints().forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? ' ' : c));
        err.println(printable);
    }
}
