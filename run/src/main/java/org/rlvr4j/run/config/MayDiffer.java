package org.rlvr4j.run.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.RecordComponent;
import java.util.Set;
import java.util.TreeSet;

/** Mark of a setting that changes no result: a run continues from a checkpoint that was written with another value. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface MayDiffer {

    /** Whether the setting changes results after all if the method's ratio is that of a micro-batch. */
    boolean unlessRatioDependsOnMicroBatches() default false;

    /** Marked settings of a configuration. */
    final class Settings {

        private Settings() {}

        /**
         * Full paths of the marked settings of a configuration, such as {@code training.steps}.
         *
         * @param config                record type of the configuration
         * @param dependsOnMicroBatches whether the method's ratio is that of a micro-batch
         */
        public static Set<String> of(Class<? extends Record> config, boolean dependsOnMicroBatches) {
            var paths = new TreeSet<String>();
            collect(config, "", dependsOnMicroBatches, paths);
            return paths;
        }

        private static void collect(Class<?> type, String prefix, boolean dependsOnMicroBatches, Set<String> paths) {
            for (RecordComponent component : type.getRecordComponents()) {
                MayDiffer mark = component.getAnnotation(MayDiffer.class);
                if (mark != null && !(mark.unlessRatioDependsOnMicroBatches() && dependsOnMicroBatches)) {
                    paths.add(prefix + component.getName());
                } else if (component.getType().isRecord()) {
                    collect(component.getType(), prefix + component.getName() + ".", dependsOnMicroBatches, paths);
                }
            }
        }
    }
}
