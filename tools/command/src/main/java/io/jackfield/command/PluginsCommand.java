package io.jackfield.command;

import picocli.CommandLine.Command;

@Command(
        name = "plugins",
        description = "List the plugins, those that were refused too, with the reason.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield plugins", "  jackfield plugins --json --connect tcp://10.0.0.7:5555"})
final class PluginsCommand extends ListCommand {

    PluginsCommand() {
        super(Listing.PLUGINS);
    }
}
