package io.jackfield.protocol.kryo;

import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Registration;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.util.DefaultClassResolver;

/** Refuses classes by name at once. Kryo itself loads whatever class the bytes name, and only then finds it unregistered. */
final class NumberedClassResolver extends DefaultClassResolver {
    @Override
    protected Registration readName(Input input) {
        throw new KryoException("class: by name (expected: by registered id)");
    }
}
