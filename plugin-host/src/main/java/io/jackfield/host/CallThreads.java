package io.jackfield.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one handler: named, daemons, gone when idle. Who uses them bounds how many tasks there are at a time.
 *
 * <p>A handler that asks for many calls at a time waits for most of them, and gets virtual threads where the running JDK
 * has them. One that asks for few gets platform threads everywhere: a handler that computes would keep a virtual
 * thread's carrier for itself, and the carriers are shared by every plugin.
 */
final class CallThreads implements Executor {

    private static final int VIRTUAL_ABOVE_CONCURRENCY =
            4 * Runtime.getRuntime().availableProcessors();
    private static final long IDLE_SECONDS = 10;
    private static final @Nullable MethodHandle VIRTUAL_FACTORY = virtualFactory();

    private final Executor executor;
    private final @Nullable ThreadPoolExecutor pool;
    private final AtomicInteger virtualCount = new AtomicInteger();

    private CallThreads(ThreadPoolExecutor pool) {
        this.pool = pool;
        this.executor = pool;
    }

    private CallThreads(ThreadFactory virtual) {
        this.pool = null;
        this.executor = task -> virtual.newThread(() -> runVirtual(task)).start();
    }

    private void runVirtual(Runnable task) {
        virtualCount.incrementAndGet();
        try {
            task.run();
        } finally {
            virtualCount.decrementAndGet();
        }
    }

    static CallThreads of(String name, int concurrency) {
        boolean virtual = VIRTUAL_FACTORY != null && concurrency > VIRTUAL_ABOVE_CONCURRENCY;
        return virtual ? virtual(name) : platform(name, concurrency);
    }

    static boolean virtualThreadsExist() {
        return VIRTUAL_FACTORY != null;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    /** Threads there are now. */
    int count() {
        return pool == null ? virtualCount.get() : pool.getPoolSize();
    }

    /** How many there may be. Not for two threads at a time. */
    void resize(int threads) {
        if (pool == null) {
            return;
        }
        if (threads > pool.getCorePoolSize()) {
            pool.setMaximumPoolSize(threads);
            pool.setCorePoolSize(threads);
        } else {
            // The maximum ends one that is idle at once.
            pool.setCorePoolSize(threads);
            pool.setMaximumPoolSize(threads);
        }
    }

    boolean areVirtual() {
        return pool == null;
    }

    /** Lets running tasks end; accepts no more. */
    void close() {
        if (pool != null) {
            pool.shutdown();
        }
    }

    private static CallThreads platform(String name, int concurrency) {
        AtomicLong number = new AtomicLong();
        ThreadFactory factory = task -> {
            // Nothing is inherited: the creating thread may be one of another plugin.
            Thread thread = new Thread(null, task, name + "-" + number.incrementAndGet(), 0, false);
            thread.setContextClassLoader(CallThreads.class.getClassLoader());
            thread.setDaemon(true);
            return thread;
        };
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                concurrency, concurrency, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
        pool.allowCoreThreadTimeOut(true);
        return new CallThreads(pool);
    }

    private static CallThreads virtual(String name) {
        MethodHandle make = VIRTUAL_FACTORY;
        if (make == null) {
            throw new IllegalStateException("this JDK has no virtual threads");
        }
        try {
            ThreadFactory factory = (ThreadFactory) make.invoke(name + "-");
            return new CallThreads(factory);
        } catch (Throwable e) {
            throw new IllegalStateException("virtual threads cannot be made", e);
        }
    }

    /** {@code Thread.ofVirtual().name(prefix, 1).inheritInheritableThreadLocals(false).factory()}, final since JDK 21. */
    private static @Nullable MethodHandle virtualFactory() {
        if (Runtime.version().feature() < 21) {
            return null;
        }
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> type = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle builder = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(type));
            MethodHandle named =
                    lookup.findVirtual(type, "name", MethodType.methodType(type, String.class, long.class));
            MethodHandle bare = lookup.findVirtual(
                    type, "inheritInheritableThreadLocals", MethodType.methodType(type, boolean.class));
            MethodHandle factory = lookup.findVirtual(type, "factory", MethodType.methodType(ThreadFactory.class));
            MethodHandle nameFromOne = MethodHandles.insertArguments(named, 2, 1L);
            MethodHandle prefixOnly = MethodHandles.collectArguments(nameFromOne, 0, builder);
            MethodHandle finish =
                    MethodHandles.filterReturnValue(MethodHandles.insertArguments(bare, 1, false), factory);
            return MethodHandles.filterReturnValue(prefixOnly, finish);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
