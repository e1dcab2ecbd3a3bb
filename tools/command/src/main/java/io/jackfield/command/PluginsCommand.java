package io.jackfield.command;

import picocli.CommandLine.Command;

@Command(
        name = "plugins",
        description = {
            "List the plugins, those that were refused too, with the reason; or change them while the broker runs.",
            "A change goes into the broker's plugin folder, and is answered when it serves or was refused."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            PluginChanges.Add.class,
            PluginChanges.Replace.class,
            PluginChanges.Remove.class,
            PluginChanges.Disable.class,
            PluginChanges.Enable.class,
            PluginChanges.Rollback.class,
            PluginTrust.class,
            PluginQuestions.History.class,
            PluginQuestions.Show.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield plugins",
            "  jackfield plugins --json --connect tcp://10.0.0.7:5555",
            "  jackfield plugins replace target/echo-1.1.0.jar",
            "  jackfield plugins rollback echo"
        })
final class PluginsCommand extends ListCommand {

    PluginsCommand() {
        super(Listing.PLUGINS);
    }
}
