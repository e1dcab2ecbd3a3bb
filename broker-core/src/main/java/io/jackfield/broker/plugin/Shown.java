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
                List.of(),
                List.of(),
                List.of());
        return new Shown(view, List.of());
    }

    PluginView now() {
        List<HandlerFigures> figures =
                handlers.stream().map(handler -> handler.executor().figures()).toList();
        return with(view.dependents(), figures);
    }

    Shown usedBy(List<String> dependents) {
        return dependents.isEmpty() ? this : new Shown(with(dependents, view.handlers()), handlers);
    }

    private PluginView with(List<String> dependents, List<HandlerFigures> figures) {
        return new PluginView(
                view.id(),
                view.version(),
                view.state(),
                view.generation(),
                view.services(),
                view.sha256(),
                view.file(),
                view.reason(),
                view.dependencies(),
                dependents,
                figures);
    }
}
