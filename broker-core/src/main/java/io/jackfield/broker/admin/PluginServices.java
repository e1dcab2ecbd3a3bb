package io.jackfield.broker.admin;

import io.jackfield.broker.plugin.PluginCommands;
import io.jackfield.broker.plugin.TrustCommands;
import java.util.Optional;

/** {@code jf.plugins.*}: what people may ask of plugins. A jar is a request's body; a plugin's id is, where one is meant. */
public final class PluginServices {
    /** The name that an added jar is to have in the folder. */
    private static final String FILE = "file";

    private static final String TRUSTED = "trusted";

    private PluginServices() {}

    /** Offers them all. */
    public static void offer(AdminServices admin, PluginCommands commands, TrustCommands trust) {
        admin.addQuestion("plugins.trusted", TRUSTED, asked -> trust.list());
        admin.addChange("plugins.trust", TRUSTED, asked -> trust.add(asked.text()));
        admin.addChange("plugins.distrust", TRUSTED, asked -> trust.remove(asked.text()));
        admin.addChange(
                "plugins.add",
                "plugins",
                asked -> commands.add(asked.headers().value(FILE).orElse(""), asked.bytes()));
        admin.addChange("plugins.replace", "plugins", asked -> commands.replace(asked.bytes()));
        admin.addChange("plugins.remove", "plugins", asked -> commands.remove(asked.text()));
        admin.addChange("plugins.disable", "plugins", asked -> commands.disable(asked.text()));
        admin.addChange("plugins.enable", "plugins", asked -> commands.enable(asked.text()));
        admin.addChange("plugins.rollback", "plugins", asked -> commands.rollback(asked.text()));
        admin.addQuestion(
                "plugins.history",
                "history",
                asked -> commands.history(Optional.of(asked.text()).filter(id -> !id.isEmpty())));
        admin.addQuestion("plugins.show", "plugin", asked -> commands.show(asked.text()));
    }
}
