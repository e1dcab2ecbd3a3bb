package io.jackfield.broker.admin;

import io.jackfield.broker.admin.AdminServices.Asked;
import io.jackfield.broker.dispatch.Placement;
import io.jackfield.broker.dispatch.Placements;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.loop.Timers;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * {@code jf.place}: has a service worked on in this process, by remote workers, or both. The body is the service, the header {@code placement}
 * says where, {@code force: yes} also where there is no worker yet. Answered when the side that is left has nothing in flight, or after a time,
 * with what it still has.
 */
public final class PlacementServices {
    private static final String PLACEMENT = "placement";
    private static final int LOOK_MS = 10;
    private static final int LEAVING_MS_MAX = 30_000;

    private final Placements placements;
    private final Timers timers;

    private PlacementServices(Placements placements, Timers timers) {
        this.placements = placements;
        this.timers = timers;
    }

    /** Offers it. */
    public static void offer(AdminServices admin, Placements placements, Timers timers) {
        PlacementServices services = new PlacementServices(placements, timers);
        admin.addChange("place", PLACEMENT, services::place);
    }

    private CompletionStage<Placements.View> place(Asked asked) {
        CompletableFuture<Placements.View> placed = new CompletableFuture<>();
        try {
            String text = asked.headers().value(PLACEMENT).orElse("nothing");
            Placement wanted = Placement.parse(text)
                    .orElseThrow(() -> new RefusedException(Failure.of(
                            ErrorCode.BAD_REQUEST,
                            "placement: " + text + " (expected: " + Placement.FORM + ")",
                            "see: jackfield place --help")));
            boolean force = asked.headers().value("force").equals(Optional.of("yes"));
            Placements.View view = placements.place(asked.text(), wanted, force);
            if (view.leaving() == 0) {
                placed.complete(view);
            } else {
                new Leaving(view.service(), placed).begin();
            }
        } catch (RefusedException e) {
            placed.completeExceptionally(e);
        }
        return placed;
    }

    /** Looks until the side that is left has answered what it has. */
    private final class Leaving {
        private final String service;
        private final CompletableFuture<Placements.View> placed;
        private int leftMs = LEAVING_MS_MAX;

        private Leaving(String service, CompletableFuture<Placements.View> placed) {
            this.service = service;
            this.placed = placed;
        }

        private void begin() {
            Timers.Timer timer = timers.every(LOOK_MS, this::look);
            CompletableFuture<Placements.View> unused = placed.whenComplete((view, refused) -> timer.close());
        }

        private void look() {
            leftMs -= LOOK_MS;
            try {
                Placements.View view = placements.view(service);
                if (view.leaving() == 0 || leftMs <= 0) {
                    placed.complete(view);
                }
            } catch (RefusedException gone) {
                placed.completeExceptionally(gone);
            }
        }
    }
}
