package org.rlvr4j.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeParameterTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every parameter of a public method, constructor or record of the library is documented. */
class JavadocTest {

    private static final List<String> LIBRARY = List.of("tensor", "data", "model", "eval", "rl", "run");

    /** Parts of the interpreter of templates, public for one another; not in the published Javadoc either. */
    private static final List<Path> INTERNAL = List.of(
            Path.of("model/src/main/java/org/rlvr4j/model/text/template/syntax"),
            Path.of("model/src/main/java/org/rlvr4j/model/text/template/value"));

    @TempDir
    private Path folder = Path.of("");

    @Test
    void publicParametersAreDocumented() throws IOException {
        var sources = new ArrayList<Path>();
        for (String module : LIBRARY) {
            try (Stream<Path> files = Files.walk(Path.of(module, "src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .filter(file -> INTERNAL.stream().noneMatch(file::startsWith))
                        .forEach(sources::add);
            }
        }

        assertThat(sources).hasSizeGreaterThan(200);
        assertThat(undocumented(sources)).isEmpty();
    }

    @Test
    void aParameterWithoutDocumentationIsFound() throws IOException {
        Path source = folder.resolve("Sample.java");
        Files.writeString(source, """
            /** @param a documented */
            public record Sample(int a, int b) {
                private static final int CONSTANT = 1;
                public Sample {}
                public Sample(int b) { this(1, b); }
                /** @param c documented */
                public void some(int c, int d) {}
                public <T> void none(int e) {}
                @Override
                public boolean equals(Object inherited) { return true; }
                void hidden(int f) {}
                public interface Inner {
                    void method(int g);
                }
                private interface Hidden {
                    void method(int h);
                }
            }
            """);

        assertThat(undocumented(List.of(source)))
                .containsExactly(
                        "Sample.java: Sample: b",
                        "Sample.java: <init>: b",
                        "Sample.java: some: d",
                        "Sample.java: none: e",
                        "Sample.java: none: <T>",
                        "Sample.java: method: g");
    }

    private static List<String> undocumented(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            var task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(sources));
            var scanner = new Scanner(DocTrees.instance(task));
            for (CompilationUnitTree unit : task.parse()) {
                scanner.scan(unit, null);
            }
            return scanner.undocumented;
        }
    }

    private static final class Scanner extends TreePathScanner<Void, Void> {

        private final DocTrees trees;
        private final List<String> undocumented = new ArrayList<>();

        private Scanner(DocTrees trees) {
            this.trees = trees;
        }

        @Override
        public Void visitClass(ClassTree type, Void unused) {
            if (!isPublic(type.getModifiers())) {
                return null;
            }
            check(type.getSimpleName().toString(), components(type), type.getTypeParameters());
            return super.visitClass(type, null);
        }

        @Override
        public Void visitMethod(MethodTree method, Void unused) {
            boolean overrides = method.getModifiers().getAnnotations().stream()
                    .anyMatch(annotation ->
                            annotation.getAnnotationType().toString().equals("Override"));
            if (isPublic(method.getModifiers()) && !overrides) {
                Set<String> parameters = names(method.getParameters());
                boolean canonical = method.getReturnType() == null
                        && getCurrentPath().getParentPath().getLeaf() instanceof ClassTree type
                        && parameters.equals(components(type));
                if (canonical) {
                    return null; // the record documents its components
                }
                check(method.getName().toString(), parameters, method.getTypeParameters());
            }
            return null; // classes in methods are nobody's interface
        }

        /** Names of a record's components; none of any other type. */
        private static Set<String> components(ClassTree type) {
            return type.getKind() != Tree.Kind.RECORD
                    ? new LinkedHashSet<>()
                    : names(type.getMembers().stream()
                            .filter(VariableTree.class::isInstance)
                            .map(VariableTree.class::cast)
                            .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                            .toList());
        }

        private static Set<String> names(List<? extends VariableTree> variables) {
            var names = new LinkedHashSet<String>();
            variables.forEach(variable -> names.add(variable.getName().toString()));
            return names;
        }

        /** Whether the current tree is public, given its modifiers; members of an interface need none. */
        private boolean isPublic(ModifiersTree modifiers) {
            Tree parent = getCurrentPath().getParentPath().getLeaf();
            Set<Modifier> flags = modifiers.getFlags();
            return flags.contains(Modifier.PUBLIC)
                    || (parent.getKind() == Tree.Kind.INTERFACE && !flags.contains(Modifier.PRIVATE));
        }

        private void check(String name, Set<String> parameters, List<? extends TypeParameterTree> types) {
            types.forEach(type -> parameters.add("<" + type.getName() + ">"));
            DocCommentTree comment = trees.getDocCommentTree(getCurrentPath());
            if (comment != null) {
                comment.getBlockTags().forEach(tag -> {
                    if (tag instanceof ParamTree parameter) {
                        String documented = parameter.getName().getName().toString();
                        parameters.remove(parameter.isTypeParameter() ? "<" + documented + ">" : documented);
                    }
                });
            }
            Path file = Path.of(
                    getCurrentPath().getCompilationUnit().getSourceFile().getName());
            parameters.forEach(parameter -> undocumented.add(file.getFileName() + ": " + name + ": " + parameter));
        }
    }
}
