package io.jackfield.command;

import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** How every command ends: with an exit code of {@link ExitCode}, and in one line where it failed. */
public final class Execution {

    private Execution() {}

    /** The command with its sub-commands, ready to be executed. */
    public static CommandLine of(Object command) {
        return new CommandLine(command)
                .setParameterExceptionHandler(Execution::usage)
                .setExecutionExceptionHandler(Execution::failed)
                .setUsageHelpAutoWidth(true);
    }

    private static int usage(ParameterException wrong, String[] args) {
        CommandLine command = wrong.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        command.getErr().println(Terminal.printable(name + ": " + wrong.getMessage() + " (see " + name + " --help)"));
        return ExitCode.USAGE;
    }

    private static int failed(Exception thrown, CommandLine command, ParseResult parsed) {
        String name = command.getCommandSpec().qualifiedName();
        if (thrown instanceof Failure failure) {
            boolean json = command.getCommandSpec().findOption("--json") != null
                    && command.getParseResult().matchedOptionValue("--json", false);
            command.getErr().println(json ? Json.of(failure) : name + ": " + failure.line());
            return failure.exitCode();
        }
        LoggerFactory.getLogger(Execution.class).error("{}: a bug", name, thrown);
        return ExitCode.FAILED;
    }
}
