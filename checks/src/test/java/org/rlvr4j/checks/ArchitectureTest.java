package org.rlvr4j.checks;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What Maven's module boundaries do not already enforce. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.rlvr4j");

    @Test
    void staticFieldsAreFinal() {
        fields().that().areStatic().should().beFinal().check(CLASSES);
    }

    @Test
    void onlyTheRoomOfTheVectorBackendUsesTheVectorApi() {
        onlyIn("org.rlvr4j.tensor.vector..", "jdk.incubator.vector..");
    }

    @Test
    void onlyTheRoomOfTheFleetKnowsSpark() {
        onlyIn("org.rlvr4j.spark..", "org.apache.spark..");
        onlyIn("org.rlvr4j.spark..", "scala..");
    }

    @Test
    void onlyTheCommandKnowsPicocli() {
        onlyIn("org.rlvr4j.cli..", "picocli..");
    }

    @Test
    void learningKnowsNoFileAndNoYaml() {
        noClasses()
                .that()
                .resideInAPackage("org.rlvr4j.rl..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.io..", "tools.jackson..", "com.fasterxml.jackson..")
                .check(CLASSES);
    }

    /** The functions of {@link Math} differ between processors in the last bit; those of StrictMath do not. */
    @Test
    void weightsAndTokensDependOnNoFunctionWhoseBitsTheProcessorChooses() {
        noClasses()
                .that()
                .resideInAnyPackage("org.rlvr4j.tensor..", "org.rlvr4j.model..", "org.rlvr4j.data..", "org.rlvr4j.rl..")
                .should(callFunctionsOfMath())
                .check(CLASSES);
    }

    private static ArchCondition<JavaClass> callFunctionsOfMath() {
        Set<String> functions = Set.of(
                "exp", "expm1", "log", "log1p", "log10", "pow", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
                "sinh", "cosh", "tanh", "cbrt", "hypot");
        return new ArchCondition<>("call a function of Math whose last bit is open") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getAccessesFromSelf().stream()
                        .filter(access -> access.getTargetOwner().isEquivalentTo(Math.class)
                                && functions.contains(access.getTarget().getName()))
                        .forEach(access -> events.add(SimpleConditionEvent.satisfied(type, access.getDescription())));
            }
        };
    }

    /** Benchmarks are free to look anywhere. */
    private static void onlyIn(String room, String library) {
        noClasses()
                .that(not(resideInAPackage(room)).and(not(resideInAPackage("org.rlvr4j.bench.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }

    @Test
    void theEngineNeedsNothingButTheJdk() {
        noClasses()
                .that()
                .resideInAPackage("org.rlvr4j.tensor..")
                .should()
                .dependOnClassesThat(not(resideInAPackage("org.rlvr4j.tensor.."))
                        .and(not(resideInAPackage("java..")))
                        .and(not(resideInAPackage("jdk.incubator.vector..")))
                        .and(not(resideInAPackage("com.sun.management..")))
                        .and(not(resideInAPackage("org.jspecify.."))))
                .check(CLASSES);
    }

    @Test
    void onlyTheCommandPrints() {
        noClasses()
                .that(not(resideInAPackage("org.rlvr4j.cli.."))
                        .and(not(resideInAPackage("org.rlvr4j.checks..")))
                        .and(not(resideInAPackage("org.rlvr4j.bench.."))))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CLASSES);
    }

    @Test
    void randomnessIsAnArgument() {
        noClasses().should().callMethod(Math.class, "random").check(CLASSES);
        noClasses().should().callConstructor(Random.class).check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.rlvr4j.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
