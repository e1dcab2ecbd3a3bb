package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that change the workers which the broker runs itself, and the list of those. */
final class SupervisedChanges {

    private SupervisedChanges() {}

    @Command(
            name = "supervised",
            description = "List the processes that the broker runs itself, named under workers: in its configuration.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = "  jackfield workers supervised")
    static final class Supervised extends ListCommand {
        Supervised() {
            super(Listing.SUPERVISED);
        }
    }

    @Command(
            name = "restart",
            description = "Replace the processes of a group one after the other; those given up start again.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = "  jackfield workers restart prime")
    static final class Restart extends Change {
        @Override
        String service() {
            return "jf.supervised.restart";
        }

        @Override
        String body() {
            return group;
        }
    }

    @Command(
            name = "drain",
            description = "Have the processes of a group finish what they have and end; none starts until a restart.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = "  jackfield workers drain prime")
    static final class Drain extends Change {
        @Override
        String service() {
            return "jf.supervised.drain";
        }

        @Override
        String body() {
            return group;
        }
    }

    @Command(
            name = "scale",
            description = "Have a group run so many processes, until the broker is started anew.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = "  jackfield workers scale prime 4")
    static final class Scale extends Change {
        @Parameters(index = "1", paramLabel = "COUNT", description = "Processes, 1 to 1000.")
        private int count;

        @Override
        String service() {
            return "jf.supervised.scale";
        }

        @Override
        String body() {
            return group + " " + count;
        }
    }

    /** Asks for a change and shows the group as it is then. */
    abstract static class Change implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "NAME", description = "The group's name in the configuration.")
        String group = "";

        @Mixin
        private final ConnectOptions options = new ConnectOptions();

        @Spec
        @SuppressWarnings("NullAway.Init") // picocli sets it before call
        private CommandSpec spec;

        abstract String service();

        abstract String body();

        @Override
        public final Integer call() {
            JsonNode reply;
            try (Broker broker = Broker.connect(options.endpoint)) {
                reply = broker.json(service(), body().getBytes(StandardCharsets.UTF_8), Map.of(), options.timeoutMs);
            }
            spec.commandLine().getOut().print(options.json ? Json.text(reply) + '\n' : Listing.SUPERVISED.table(reply));
            spec.commandLine().getOut().flush();
            return ExitCode.OK;
        }
    }
}
