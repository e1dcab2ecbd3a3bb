package io.jackfield.protocol;

/** The two ways in which the same JF1 message goes over the wire. */
public enum Framing {
    /** A frame for each field group: any language writes it with plain byte copies (PROTOCOL.md section 4.4). */
    RAW('R'),
    /** One frame that Kryo reads as an object of a registered class (PROTOCOL.md section 4.5). */
    KRYO('K');

    private final byte letter;

    Framing(char letter) {
        this.letter = (byte) letter;
    }

    /** The fourth byte of the fixed header. */
    public byte letter() {
        return letter;
    }
}
