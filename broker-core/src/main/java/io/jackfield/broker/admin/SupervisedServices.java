package io.jackfield.broker.admin;

import io.jackfield.broker.admin.AdminServices.Asked;
import io.jackfield.broker.dispatch.RefusedException;
import io.jackfield.broker.supervise.SupervisedView;
import io.jackfield.broker.supervise.Supervisor;
import io.jackfield.protocol.ErrorCode;
import io.jackfield.protocol.Failure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * What can be asked of the workers that the broker runs itself: {@code jf.supervised} lists them, {@code jf.supervised.restart} and
 * {@code .drain} take a group's name as their body, {@code .scale} a name and a number. Answered at once, with the group as it is then.
 */
public final class SupervisedServices {
    private static final String FIELD = "supervised";

    private final Supplier<Optional<Supervisor>> supervisor;

    private SupervisedServices(Supplier<Optional<Supervisor>> supervisor) {
        this.supervisor = supervisor;
    }

    /**
     * Offers them all.
     *
     * @param supervisor asked for on the loop; empty where the configuration names no workers
     */
    public static void offer(AdminServices admin, Supplier<Optional<Supervisor>> supervisor) {
        SupervisedServices services = new SupervisedServices(supervisor);
        admin.add(FIELD, () -> supervisor.get().map(Supervisor::views).orElse(List.of()));
        admin.addChange(
                "supervised.restart",
                FIELD,
                asked -> services.change(asked, (all, group) -> all.restart(group, "somebody asked for it")));
        admin.addChange(
                "supervised.drain",
                FIELD,
                asked -> services.change(asked, (all, group) -> all.drain(group, "somebody asked for it")));
        admin.addChange("supervised.scale", FIELD, services::scale);
    }

    /** Says why it cannot be done. */
    private interface Change {
        Optional<Failure> make(Supervisor supervisor, String group);
    }

    private CompletionStage<List<SupervisedView>> scale(Asked asked) {
        String[] words = asked.text().split("\\s+", -1);
        if (words.length != 2 || !words[1].matches("[0-9]{1,9}")) {
            return refused(Failure.of(
                    ErrorCode.BAD_REQUEST, "body: " + asked.text() + " (expected: NAME COUNT)", "send both"));
        }
        return change(words[0], (all, group) -> all.scale(group, Integer.parseInt(words[1])));
    }

    private CompletionStage<List<SupervisedView>> change(Asked asked, Change change) {
        return change(asked.text(), change);
    }

    private CompletionStage<List<SupervisedView>> change(String group, Change change) {
        Optional<Supervisor> all = supervisor.get();
        if (all.isEmpty()) {
            return refused(Failure.of(
                    ErrorCode.BAD_REQUEST,
                    "workers: " + group + " (expected: none, the broker runs no workers itself)",
                    "the configuration names them under workers:"));
        }
        Optional<Failure> refusal = change.make(all.get(), group);
        if (refusal.isPresent()) {
            return refused(refusal.get());
        }
        return CompletableFuture.completedFuture(all.get().views().stream()
                .filter(view -> view.group().equals(group))
                .toList());
    }

    private static <T> CompletionStage<T> refused(Failure failure) {
        return CompletableFuture.failedFuture(new RefusedException(failure));
    }
}
