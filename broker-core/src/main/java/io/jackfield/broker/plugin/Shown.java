package io.jackfield.broker.plugin;

import io.jackfield.host.HandlerFigures;
import io.jackfield.host.HostedHandler;
import java.util.List;

/** What is told of a plugin; how its handlers do is asked anew each time. */
record Shown(PluginView view, List<HostedHandler> handlers) {
    /** Unloaded, and still in memory. */
    static Shown pinned(Unloads.Gone gone, String reason) {
        PluginView view = new PluginView(
                gone.plugin(),
                gone.version(),
                "pinned",
                gone.number(),
                List.of(),
                gone.sha256(),
                gone.file(),
                reason,
                List.of());
        return new Shown(view, List.of());
    }

    PluginView now() {
        List<HandlerFigures> figures =
                handlers.stream().map(handler -> handler.executor().figures()).toList();
        return new PluginView(
                view.id(),
                view.version(),
                view.state(),
                view.generation(),
                view.services(),
                view.sha256(),
                view.file(),
                view.reason(),
                figures);
    }
}
