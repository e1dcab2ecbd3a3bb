package io.jackfield.broker.plugin;

import io.jackfield.host.HandlerFigures;
import io.jackfield.host.HostedHandler;
import java.util.List;

/** What is told of a plugin; how its handlers do is asked anew each time. */
record Shown(PluginView view, List<HostedHandler> handlers) {
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
