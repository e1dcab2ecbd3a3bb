package io.jackfield.bench;

/**
 * What it came to when idle peers were connected once.
 *
 * @param seconds until all had shaken hands
 * @param bytesPerPeer by which the broker's resident memory grew meanwhile, for each; NaN where its process is not known
 */
record Connecting(double seconds, double bytesPerPeer) {}
