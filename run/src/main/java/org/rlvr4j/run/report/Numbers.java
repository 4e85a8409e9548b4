package org.rlvr4j.run.report;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers of a record by the names of its components. */
public final class Numbers {

    private Numbers() {}

    /**
     * The record's components that are numbers, by name and in the record's order, in a map that can be modified.
     *
     * @param numbers record, some of whose components are numbers
     */
    public static Map<String, Number> of(Record numbers) {
        var map = new LinkedHashMap<String, Number>();
        for (RecordComponent component : numbers.getClass().getRecordComponents()) {
            if (value(numbers, component) instanceof Number number) {
                map.put(component.getName(), number);
            }
        }
        return map;
    }

    private static Object value(Record numbers, RecordComponent component) {
        try {
            return component.getAccessor().invoke(numbers);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(component + " cannot be read", e);
        }
    }
}
