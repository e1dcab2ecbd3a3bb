package io.jackfield.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry of every sub-command but {@code serve}, which is the broker's own program. */
@Command(
        name = "jackfield",
        description = "A broker for requests between programs of any language, and what talks to it.",
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CallCommand.class,
            ServicesCommand.class,
            WorkersCommand.class,
            PluginsCommand.class,
            PlaceCommand.class,
            WorkerCommand.class,
            NewCommand.class,
            DevCommand.class,
            DemoCommand.class,
            ConformanceCommand.class
        },
        commandListHeading = "%nCommands (each has --help with examples):%n"
                + "  serve        Run the broker in the foreground until SIGTERM or ctrl-C.%n"
                + "  bench        Measure a broker: rate, latency, CPU; also against libzmq, nats.%n"
                + "  prepare      Make now what speeds up later starts, instead of in the first.%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jackfield serve",
            "  jackfield call is-prime 32416190071",
            "  jackfield demo",
            "",
            "In a checkout there is also: jackfield test (everything that can be checked).",
            "Environment: JAVA_HOME, JACKFIELD_CONNECT (instead of --connect), JACKFIELD_JAVA_OPTS.",
            ""
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the command failed; demo: a step did not hold",
            "2:wrong usage; serve: wrong configuration",
            "3:no broker at the endpoint, or the connection was lost; serve: an address or the plugin folder cannot be used",
            "4:the request was refused: what was asked is wrong",
            "5:overloaded or draining: again later may help",
            "6:the worker or handler failed, was lost, or took too long",
            "7:a plugin, or the configuration of the broker, has to be mended",
            "8:the broker failed; its log says more",
            "9:a program that is needed is not installed",
            "130:interrupted by ctrl-C"
        })
final class Main implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything runs
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return Execution.of(new Main());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
