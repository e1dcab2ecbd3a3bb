package io.jackfield.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class HelpTest {

    @Test
    void shouldGiveAnExampleOfEveryCommandAndOfWhatBelongsToIt() {
        List<String> without = new ArrayList<>();
        collectWithoutExample(Main.commandLine(), without);

        assertEquals(List.of(), without);
    }

    private static void collectWithoutExample(CommandLine command, List<String> without) {
        String name = command.getCommandSpec().qualifiedName();
        if (!command.getUsageMessage().contains("Examples:" + System.lineSeparator() + "  " + name)) {
            without.add(name);
        }
        command.getSubcommands().values().forEach(part -> collectWithoutExample(part, without));
    }
}
