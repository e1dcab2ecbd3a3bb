package io.jackfield.broker.plugin;

import io.jackfield.protocol.Failure;

/** Whether the content of a file may be loaded, as far as other plugins are concerned. */
sealed interface Verdict {

    /** It may, together with these. */
    record Load(Group group) implements Verdict {}

    /**
     * What it depends on is not there.
     *
     * @param reason for people
     */
    record Wait(String reason) implements Verdict {}

    /** It does not fit what is there. */
    record Refuse(Failure failure) implements Verdict {}
}
