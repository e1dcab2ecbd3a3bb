package io.jackfield.command;

import picocli.CommandLine.Command;

@Command(
        name = "services",
        description = "List the services that exist, with their queues and counts.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield services", "  jackfield services --json --connect tcp://10.0.0.7:5555"})
final class ServicesCommand extends ListCommand {

    ServicesCommand() {
        super(Listing.SERVICES);
    }
}
