package io.jackfield.protocol;

/** Bits that name the parts of a message, for the table of commands. */
final class Field {
    static final int ID = 0x01;
    static final int CODE = 0x02;
    static final int TIME = 0x04;
    static final int COUNT = 0x08;
    static final int SERVICE = 0x10;
    static final int HEADERS = 0x20;
    static final int BODY = 0x40;

    private Field() {}
}
