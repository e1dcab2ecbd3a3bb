package io.jackfield.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
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
        footerHeading = "%nExamples:%n",
        footer = {"  jackfield demo", "  jackfield demo --json > demo.json"})
final class DemoCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print the result as JSON; the live lines go to stderr.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Demo demo = new Demo(json ? spec.commandLine().getErr() : out);
        Path folder = Files.createTempDirectory("jackfield-demo");
        try (Children children = new Children(folder)) {
            new DemoScript(demo, children, folder).run();
        }
        out.print(json ? Json.text(DemoStep.json(demo.steps())) + '\n' : '\n' + DemoStep.table(demo.steps()));
        out.flush();
        if (!demo.held()) {
            throw new Failure(ExitCode.FAILED, "NOT_HELD", "a step did not hold", "the logs are in " + folder);
        }
        Children.delete(folder);
        return ExitCode.OK;
    }
}
