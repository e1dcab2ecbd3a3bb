package io.jackfield.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "demo",
        description = {
            "Show on this machine what Jackfield does, with a table at the end.",
            "A broker on free ports; jar, C, Python and Java workers; a jar dropped in under load; workers killed in",
            "the middle of a request. Ends with 0 only if all of it held."
        },
        mixinStandardHelpOptions = true,
        subcommands = DemoPluginsCommand.class,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield demo", "  jackfield demo --json > demo.json", "  jackfield demo plugins"})
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print the result as JSON; the live lines go to stderr.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return Demo.show(
                spec.commandLine(), json, (demo, children, folder) -> new DemoScript(demo, children, folder).run());
    }
}
