package io.jackfield.command;

import picocli.CommandLine.Command;

@Command(
        name = "workers",
        description = "List the workers that are connected; or change those that the broker runs itself.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SupervisedChanges.Supervised.class,
            SupervisedChanges.Restart.class,
            SupervisedChanges.Drain.class,
            SupervisedChanges.Scale.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield workers",
            "  jackfield workers --json --connect tcp://10.0.0.7:5555",
            "  jackfield workers scale prime 4"
        })
final class WorkersCommand extends ListCommand {

    WorkersCommand() {
        super(Listing.WORKERS);
    }
}
