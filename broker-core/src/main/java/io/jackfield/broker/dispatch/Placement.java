package io.jackfield.broker.dispatch;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the requests of a service are worked on: by handlers in this process, by remote workers, or by both. Immutable.
 *
 * @param inProcessPercent of 100 requests, the rest is for remote workers; {@link #NO_SHARES}: whoever is least loaded, wherever it is
 */
public record Placement(int inProcessPercent) {
    /** No side is preferred. */
    public static final Placement BOTH = new Placement(Placement.NO_SHARES);

    /** Handlers of plugins only, as long as there are any. */
    public static final Placement IN_PROCESS = new Placement(Share.WHOLE);

    /** Remote workers only, as long as there are any. */
    public static final Placement REMOTE = new Placement(0);

    /** What a placement is written like. */
    public static final String FORM = "in-process, remote, both, or percentages that make 100: in-process=90,remote=10";

    private static final int NO_SHARES = -1;
    private static final Pattern SHARES = Pattern.compile(
            "in-process=([0-9]{1,2}),remote=([0-9]{1,2})" + "|remote=([0-9]{1,2}),in-process=([0-9]{1,2})");

    public Placement {
        if (inProcessPercent < NO_SHARES || inProcessPercent > Share.WHOLE) {
            throw new IllegalArgumentException("in-process: " + inProcessPercent + " (expected: 0 to 100 percent)");
        }
    }

    /** Reads what {@link #text} gives; empty if it is not of {@link #FORM}. */
    public static Optional<Placement> parse(String text) {
        return switch (text) {
            case "both" -> Optional.of(BOTH);
            case "in-process" -> Optional.of(IN_PROCESS);
            case "remote" -> Optional.of(REMOTE);
            default -> shares(SHARES.matcher(text));
        };
    }

    private static Optional<Placement> shares(Matcher text) {
        if (!text.matches()) {
            return Optional.empty();
        }
        boolean inProcessFirst = text.group(1) != null;
        int inProcess = Integer.parseInt(text.group(inProcessFirst ? 1 : 4));
        int remote = Integer.parseInt(text.group(inProcessFirst ? 2 : 3));
        return inProcess + remote == Share.WHOLE ? Optional.of(new Placement(inProcess)) : Optional.empty();
    }

    /** As it is written in the configuration. */
    public String text() {
        return switch (inProcessPercent) {
            case NO_SHARES -> "both";
            case 0 -> "remote";
            case Share.WHOLE -> "in-process";
            default -> "in-process=" + inProcessPercent + ",remote=" + remotePercent();
        };
    }

    boolean hasShares() {
        return inProcessPercent != NO_SHARES;
    }

    int remotePercent() {
        return Share.WHOLE - inProcessPercent;
    }
}
