package io.jackfield.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "new",
        description = "Begin something: a plugin.",
        mixinStandardHelpOptions = true,
        subcommands = NewPluginCommand.class,
        footerHeading = "%nExamples:%n",
        footer = "  jackfield new plugin hello")
final class NewCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "what is to begin is missing (expected: plugin)");
    }
}
