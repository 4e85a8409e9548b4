package org.rlvr4j.run.reward;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.run.files.FileFailure;

/**
 * Source file of a verifier: one Java file, compiled in memory.
 *
 * @param file path of the file
 */
record SourceFile(Path file) {

    /** The text of the file. */
    String text() {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }

    /**
     * Compiles the file and loads its only class that is a verifier.
     *
     * @param parent loader of the classes that the file uses, which are also looked for on the class path
     * @throws IllegalArgumentException if it does not compile, or has not exactly one such class
     */
    Class<? extends Verifier> load(ClassLoader parent) {
        var loader = new CompiledClasses(compile(parent), parent);
        List<Class<? extends Verifier>> verifiers = loader.verifiers();
        if (verifiers.size() != 1) {
            throw new IllegalArgumentException(file + " must have one class that implements " + Verifier.class.getName()
                    + ", not " + verifiers.size());
        }
        return verifiers.getFirst();
    }

    /** Bytes of the compiled classes, by their names. */
    private Map<String, ByteArrayOutputStream> compile(ClassLoader parent) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        if (compiler == null) {
            throw new IllegalArgumentException(
                    file + " cannot be compiled, as this Java has no compiler: run rlvr4j with a JDK");
        }
        var problems = new DiagnosticCollector<JavaFileObject>();
        try (StandardJavaFileManager standard =
                        compiler.getStandardFileManager(problems, Locale.ROOT, StandardCharsets.UTF_8);
                var memory = new MemoryFiles(standard)) {
            boolean compiled = compiler.getTask(
                            null,
                            memory,
                            problems,
                            List.of("-proc:none", "-Xlint:none", "-classpath", classPath(parent)),
                            null,
                            List.of(new Source(file, text())))
                    .call();
            if (!compiled) {
                throw new IllegalArgumentException(errors(problems));
            }
            return memory.classes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The class path of this process, with the jars and folders that were added to the loader. */
    private static String classPath(ClassLoader loader) {
        var paths = new ArrayList<>(List.of(System.getProperty("java.class.path", "")));
        if (loader instanceof URLClassLoader urls) {
            for (URL url : urls.getURLs()) {
                paths.add(Path.of(URI.create(url.toString())).toString());
            }
        }
        return String.join(File.pathSeparator, paths);
    }

    private String errors(DiagnosticCollector<JavaFileObject> problems) {
        List<String> errors = problems.getDiagnostics().stream()
                .filter(problem -> problem.getKind() == Diagnostic.Kind.ERROR)
                .map(problem -> "line " + problem.getLineNumber() + ": "
                        + problem.getMessage(Locale.ROOT)
                                .lines()
                                .map(String::strip)
                                .collect(Collectors.joining(" ")))
                .toList();
        String more = errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : "";
        return file + " does not compile, " + errors.getFirst() + more;
    }

    /** Source text for the compiler. */
    private static final class Source extends SimpleJavaFileObject {

        private final String text;

        Source(Path file, String text) {
            super(file.toAbsolutePath().toUri(), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    /** File manager that keeps compiled classes in memory. */
    private static final class MemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {

        private final Map<String, ByteArrayOutputStream> classes = new TreeMap<>();

        MemoryFiles(JavaFileManager standard) {
            super(standard);
        }

        @Override
        public JavaFileObject getJavaFileForOutput(
                Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
            return new SimpleJavaFileObject(URI.create("memory:///" + className.replace('.', '/') + ".class"), kind) {
                @Override
                public OutputStream openOutputStream() {
                    var bytes = new ByteArrayOutputStream();
                    classes.put(className, bytes);
                    return bytes;
                }
            };
        }
    }

    /** Class loader of the compiled classes. */
    private static final class CompiledClasses extends ClassLoader {

        private final Map<String, ByteArrayOutputStream> classes;

        CompiledClasses(Map<String, ByteArrayOutputStream> classes, ClassLoader parent) {
            super(parent);
            this.classes = classes;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            ByteArrayOutputStream bytes = classes.get(name);
            if (bytes == null) {
                throw new ClassNotFoundException(name);
            }
            return defineClass(name, bytes.toByteArray(), 0, bytes.size());
        }

        List<Class<? extends Verifier>> verifiers() {
            return classes.keySet().stream()
                    .<Class<?>>map(name -> {
                        try {
                            return loadClass(name);
                        } catch (ClassNotFoundException e) {
                            throw new AssertionError(e);
                        }
                    })
                    .filter(type ->
                            Verifier.class.isAssignableFrom(type) && !type.isInterface() && !type.isAnonymousClass())
                    .<Class<? extends Verifier>>map(type -> type.asSubclass(Verifier.class))
                    .toList();
        }
    }
}
