package io.jackfield.broker.peer;

import java.util.Optional;

/**
 * How an endpoint takes the peers that connect to it.
 *
 * @param name for people, as configured
 * @param role which side its peers may be on
 * @param service what plain peers ask and serve
 * @param credit requests at once for a plain worker that is not a lock-step REP
 * @param dialect fixed, or empty: the first message of each peer tells
 * @param onFailure how a failure reaches a client whose dialect has no word for it
 * @param patterns whom those of its peers meet that neither ask nor answer
 * @param admin whether its JF1 clients may change what the broker does
 */
public record EndpointSettings(
        String name,
        Role role,
        String service,
        int credit,
        Optional<Dialect> dialect,
        OnFailure onFailure,
        PatternSettings patterns,
        boolean admin) {
    /** The service of endpoints that name none. */
    public static final String SERVICE_DEFAULT = "default";

    private static final int CREDIT_MAX = 65_535;

    public EndpointSettings {
        if (credit < 1 || credit > CREDIT_MAX) {
            throw new IllegalArgumentException("credit: " + credit + " (expected: 1 to " + CREDIT_MAX + ")");
        }
    }

    /** With the default for peers that neither ask nor answer, for clients that may change nothing. */
    public EndpointSettings(
            String name, Role role, String service, int credit, Optional<Dialect> dialect, OnFailure onFailure) {
        this(name, role, service, credit, dialect, onFailure, PatternSettings.DEFAULT, false);
    }

    /** The same with another permission. */
    public EndpointSettings withAdmin(boolean newAdmin) {
        return new EndpointSettings(name, role, service, credit, dialect, onFailure, patterns, newAdmin);
    }

    /** Which side the peers of an endpoint may be on. */
    public enum Role {
        /** What its socket type and its first message say. */
        ANY,
        /** Clients only. */
        CLIENTS,
        /** Workers only. */
        WORKERS
    }

    /** What a plain or MDP client gets when its request fails. */
    public enum OnFailure {
        /** A reply whose body is the error line. */
        ERROR_BODY,
        /** Nothing, as behind a bare proxy. */
        SILENT
    }

    /** What holds where the configuration says nothing, but for the permission, which the address decides. */
    public static EndpointSettings named(String name) {
        return new EndpointSettings(name, Role.ANY, SERVICE_DEFAULT, 1, Optional.empty(), OnFailure.ERROR_BODY);
    }

    boolean speaks(Dialect asked) {
        return dialect.isEmpty() || dialect.get() == asked;
    }
}
