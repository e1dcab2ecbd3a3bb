package io.jackfield.broker.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The packages of the broker, low to high, as rules.
 *
 * <p>A package imports lower ones only. State machines (model, dispatch, features, peer) import no adapter, and neither threads, sockets,
 * files, clocks nor randomness: they are stepped by hand in tests, and that is what makes the seeded simulation possible.
 */
final class PackageTable {
    private static final List<String> FEATURES = List.of("pipeline", "pubsub", "tasks", "configpush", "job", "cluster");

    private static final Set<String> CLOCKS = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.lang.Math.random",
            "java.time.Instant.now",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now",
            "java.time.OffsetDateTime.now",
            "java.util.UUID.randomUUID");

    private final String root;
    private final Map<String, List<String>> mayImport = new LinkedHashMap<>();

    /** @param root the package that the table's packages lie in */
    PackageTable(String root) {
        this.root = root;
        row("model");
        row("loop", "model");
        row("dispatch", "model", "loop");
        for (String feature : FEATURES) {
            row(feature, "model", "loop", "dispatch");
        }
        row("transport", "model", "loop");
        row("peer", with(FEATURES, "model", "loop", "dispatch", "transport"));
        List<String> belowAdapters = with(FEATURES, "model", "loop", "dispatch", "peer", "transport");
        row("loop.netty", "model", "loop");
        row("transport.zmtp", with(belowAdapters, "loop.netty"));
        row("transport.jeromq", belowAdapters);
        row("http", with(belowAdapters, "loop.netty"));
        row("plugin", belowAdapters);
        row("supervise", "model", "loop");
        row("supervise.os", "loop", "supervise");
        row("admin", with(belowAdapters, "http", "plugin", "supervise"));
    }

    /** Every rule of the table. */
    List<ArchRule> rules() {
        List<ArchRule> rules = new ArrayList<>();
        mayImport.forEach((name, lower) -> rules.add(importsOnlyLower(name, lower)));
        rules.add(isComplete());
        rules.add(noCycleWithServer());
        rules.addAll(stateMachines());
        rules.addAll(libraries());
        return rules;
    }

    private void row(String name, String... lower) {
        row(name, List.of(lower));
    }

    private void row(String name, List<String> lower) {
        mayImport.put(name, lower);
    }

    private static List<String> with(List<String> some, String... others) {
        List<String> all = new ArrayList<>(some);
        all.addAll(List.of(others));
        return all;
    }

    private ArchRule importsOnlyLower(String name, List<String> lower) {
        String[] allowed = with(lower, name).stream().map(this::exactly).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage(exactly(name))
                .should()
                .onlyDependOnClassesThat(
                        DescribedPredicate.not(resideInAPackage(root + "..")).or(resideInAnyPackage(allowed)))
                .because("package " + name + " imports lower ones only")
                .allowEmptyShould(true);
    }

    /** A package that nobody has given a row would be bound by no rule. */
    private ArchRule isComplete() {
        List<String> known =
                new ArrayList<>(mayImport.keySet().stream().map(this::exactly).toList());
        known.add(root);
        known.add(root + ".server..");
        return classes()
                .that()
                .resideInAPackage(root + "..")
                .should()
                .resideInAnyPackage(known.toArray(String[]::new))
                .because("every package has its row in the table");
    }

    private ArchRule noCycleWithServer() {
        return noClasses()
                .that()
                .resideOutsideOfPackage(root + ".server..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(root + ".server..")
                .because("server wires everything, and nothing knows it");
    }

    private List<ArchRule> stateMachines() {
        List<String> names = with(FEATURES, "model", "dispatch", "peer", "supervise");
        String[] packages = names.stream().map(this::exactly).toArray(String[]::new);
        return List.of(
                noClasses()
                        .that()
                        .resideInAnyPackage(packages)
                        .should()
                        .dependOnClassesThat(concurrent().or(outsideWorld()))
                        .because("state machines are owned by one thread and stepped by hand")
                        .allowEmptyShould(true),
                noClasses()
                        .that()
                        .resideInAnyPackage(packages)
                        .should()
                        .accessTargetWhere(
                                DescribedPredicate.describe("reads a clock or chance", PackageTable::isClock))
                        .because("time and chance come in through the constructor")
                        .allowEmptyShould(true),
                noClasses()
                        .that(resideInAPackage(root + "..")
                                .and(DescribedPredicate.not(resideInAPackage(root + ".server..")))
                                .and(DescribedPredicate.not(JavaClass.Predicates.simpleName("Clock"))))
                        .should()
                        .callMethod(System.class, "nanoTime")
                        .because("the machine's clock is read in one place")
                        .allowEmptyShould(true));
    }

    private List<ArchRule> libraries() {
        return List.of(
                onlyIn("io.netty..", "transport.zmtp", "loop.netty", "http", "server"),
                onlyIn("org.zeromq..", "transport.jeromq"),
                onlyIn("zmq..", "transport.jeromq"),
                onlyIn("io.jackfield.host..", "plugin", "server"),
                // The plugin host loads plugins; the broker sees what they are, never how they are loaded.
                onlyIn("org.pf4j.."),
                onlyIn("com.esotericsoftware.."));
    }

    private ArchRule onlyIn(String library, String... names) {
        String[] packages =
                Arrays.stream(names).map(name -> root + "." + name + "..").toArray(String[]::new);
        return noClasses()
                .that(resideInAPackage(root + "..").and(DescribedPredicate.not(resideInAnyPackage(packages))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(library + " is known in " + List.of(names) + " only")
                .allowEmptyShould(true);
    }

    private static DescribedPredicate<JavaClass> concurrent() {
        return resideInAnyPackage("java.util.concurrent..")
                .and(DescribedPredicate.not(JavaClass.Predicates.type(java.util.concurrent.TimeUnit.class)))
                .or(JavaClass.Predicates.type(Thread.class))
                .or(JavaClass.Predicates.type(ThreadLocal.class))
                .or(JavaClass.Predicates.type(java.util.Timer.class));
    }

    private static DescribedPredicate<JavaClass> outsideWorld() {
        return resideInAnyPackage("java.net..", "java.nio.channels..", "java.nio.file..", "javax.net..", "java.io..")
                .and(DescribedPredicate.not(JavaClass.Predicates.type(java.io.Serializable.class)))
                .or(JavaClass.Predicates.assignableTo(java.util.Random.class))
                .or(JavaClass.Predicates.type(java.util.SplittableRandom.class))
                .or(JavaClass.Predicates.assignableTo(java.time.Clock.class))
                .or(JavaClass.Predicates.type(ProcessBuilder.class))
                .or(JavaClass.Predicates.type(Runtime.class));
    }

    private static boolean isClock(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        return CLOCKS.contains(target.getOwner().getFullName() + "." + target.getName());
    }

    private String exactly(String name) {
        return root + "." + name;
    }
}
