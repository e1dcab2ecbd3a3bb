package io.jackfield.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

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
    static final class Restart extends Change {}

    @Command(
            name = "drain",
            description = "Have the processes of a group finish what they have and end; none starts until a restart.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = "  jackfield workers drain prime")
    static final class Drain extends Change {}

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
        String asked() {
            return super.asked() + " " + count;
        }
    }

    /** What it answers is the group as it is then. */
    private abstract static class Change extends ChangeCommand {
        @Parameters(index = "0", paramLabel = "NAME", description = "The group's name in the configuration.")
        private String group = "";

        Change() {
            super("jf.supervised.");
        }

        String asked() {
            return group;
        }

        @Override
        final byte[] body() {
            return asked().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        final String text(JsonNode reply) {
            return Listing.SUPERVISED.table(reply);
        }
    }
}
