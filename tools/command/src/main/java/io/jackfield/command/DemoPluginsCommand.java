package io.jackfield.command;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "plugins",
        description = {
            "Show what happens to clients while a plugin's jar is replaced: by a good version, by a slow one that is",
            "rolled back, by one whose self-test fails; and that nothing of the former ones is left in memory.",
            "Ends with 0 only if all of it held and no request failed."
        },
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield demo plugins", "  jackfield demo plugins --json > demo.json"})
final class DemoPluginsCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print the result as JSON; the live lines go to stderr.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        return Demo.show(
                spec.commandLine(), json, (demo, children, folder) -> new DemoReplacements(demo, children, folder)
                        .run());
    }
}
