package org.rlvr4j.run.report;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;

/** Numbers of a record, by the names of its components. */
public final class Numbers {

    private Numbers() {}

    /** Every component that is a number, in the record's order; the map may be added to. */
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
