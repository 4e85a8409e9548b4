package org.rlvr4j.run.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.RecordComponent;
import java.util.Set;
import java.util.TreeSet;

/** Marks a setting that changes no result, so that a run goes on from a checkpoint that was made with another value. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface MayDiffer {

    /** Whether the setting does change results where the ratio is that of a micro-batch. */
    boolean unlessRatioDependsOnTheCut() default false;

    /** Settings that are marked. */
    final class Settings {

        private Settings() {}

        /**
         * Full paths of the marked components of a configuration, such as {@code training.steps}.
         *
         * @param dependsOnTheCut whether a ratio is that of a micro-batch
         */
        public static Set<String> of(Class<? extends Record> config, boolean dependsOnTheCut) {
            var paths = new TreeSet<String>();
            collect(config, "", dependsOnTheCut, paths);
            return paths;
        }

        private static void collect(Class<?> type, String prefix, boolean dependsOnTheCut, Set<String> paths) {
            for (RecordComponent component : type.getRecordComponents()) {
                MayDiffer mark = component.getAnnotation(MayDiffer.class);
                if (mark != null && !(mark.unlessRatioDependsOnTheCut() && dependsOnTheCut)) {
                    paths.add(prefix + component.getName());
                } else if (component.getType().isRecord()) {
                    collect(component.getType(), prefix + component.getName() + ".", dependsOnTheCut, paths);
                }
            }
        }
    }
}
