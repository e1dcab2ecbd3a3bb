package io.jackfield.broker.supervise;

import java.util.Set;

/**
 * By what the peers of one process, and of what it has started, can be told from others. Immutable.
 *
 * @param pids of the process and its descendants
 * @param addresses its own ends of its TCP connections, as a peer's address is written: {@code 127.0.0.1:41234}
 * @param unseen why there may be connections that are not among these; empty where all are
 */
public record Connections(Set<Long> pids, Set<String> addresses, String unseen) {
    private static final String PID = " pid ";

    public Connections {
        pids = Set.copyOf(pids);
        addresses = Set.copyOf(addresses);
    }

    /** True for the address of a peer that is this process: of TCP, or {@code ipc://PATH pid N}. */
    public boolean has(String address) {
        if (addresses.contains(address)) {
            return true;
        }
        int pid = address.lastIndexOf(PID);
        String number = address.substring(pid < 0 ? address.length() : pid + PID.length());
        return number.matches("[0-9]{1,18}") && pids.contains(Long.valueOf(number));
    }
}
