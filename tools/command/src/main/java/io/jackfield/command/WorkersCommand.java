package io.jackfield.command;

import picocli.CommandLine.Command;

@Command(
        name = "workers",
        description = "List the workers that are connected.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield workers", "  jackfield workers --json --connect tcp://10.0.0.7:5555"})
final class WorkersCommand extends ListCommand {

    WorkersCommand() {
        super(Listing.WORKERS);
    }
}
