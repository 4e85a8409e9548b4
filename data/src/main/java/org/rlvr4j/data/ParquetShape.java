package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Shape of a column: how its groups of Parquet are lists, maps and structs, and which of its fields are read.
 *
 * @see <a href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#nested-types">Logical types</a>
 */
sealed interface ParquetShape {

    /** Type to ask of the file, without the fields that are not read. */
    Type type();

    /** Converter of the values of one place of the schema, each of which is given to {@code out}. */
    Converter converter(ParquetBudget budget, Consumer<@Nullable Object> out);

    /** Struct of verl's columns; of their fields that no one needs, those are left out that are no text or number. */
    static Struct ofVerl(MessageType schema) {
        var fields = new ArrayList<ParquetShape>();
        for (Type field : schema.getFields()) {
            switch (field.getName()) {
                case "data_source" -> fields.add(needed(field));
                case "prompt" -> fields.add(prompt(field));
                case "ability" -> optional(field).ifPresent(fields::add);
                case "reward_model" -> rewardModel(field).ifPresent(fields::add);
                case "extra_info" -> optional(field).ifPresent(fields::add);
                default -> {} // no one needs it
            }
        }
        return new Struct(
                new MessageType(
                        schema.getName(),
                        fields.stream().map(ParquetShape::type).toList()),
                fields);
    }

    private static ParquetShape prompt(Type field) {
        Set<String> message = Set.of("role", "content");
        return shape(field, true, message::contains)
                .filter(pruned -> pruned instanceof Items items
                        && items.element() instanceof Struct turn
                        && turn.fields().size() == message.size())
                .orElseGet(() -> needed(field)); // and refused by row, if there is one
    }

    private static Optional<ParquetShape> rewardModel(Type field) {
        if (field.isPrimitive() || field.isRepetition(Type.Repetition.REPEATED)) {
            return Optional.of(needed(field)); // and refused by row, if there is one
        }
        var fields = new ArrayList<ParquetShape>();
        for (Type inner : field.asGroupType().getFields()) {
            if (inner.getName().equals("ground_truth")) {
                fields.add(needed(inner));
            } else {
                optional(inner).ifPresent(fields::add);
            }
        }
        return Struct.of(field.asGroupType(), fields);
    }

    private static ParquetShape needed(Type field) {
        return shape(field, true, name -> true).orElseThrow();
    }

    private static Optional<ParquetShape> optional(Type field) {
        return shape(field, false, name -> true);
    }

    /**
     * The shape of a field; nothing if it holds no leaf that is read. A list or a map with a leaf that is not read is left
     * out whole, unless the leaf is a field of a struct in it.
     */
    private static Optional<ParquetShape> shape(Type field, boolean isNeeded, Predicate<String> readField) {
        if (field.isRepetition(Type.Repetition.REPEATED)) { // a list of its own, of required elements
            return single(field, isNeeded, readField)
                    .map(element -> new Items(element.type(), element, Items.Layout.BARE));
        }
        return single(field, isNeeded, readField);
    }

    /** The shape of one occurrence of a field, whatever its repetition. */
    private static Optional<ParquetShape> single(Type field, boolean isNeeded, Predicate<String> readField) {
        if (field.isPrimitive()) {
            PrimitiveType leaf = field.asPrimitiveType();
            boolean isRead = isNeeded || ParquetValue.isReadable(leaf);
            return isRead ? Optional.of(new Leaf(leaf, isNeeded)) : Optional.empty();
        }
        GroupType group = field.asGroupType();
        boolean isNested = group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        if (isNested && group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation) {
            return list(group, group.getType(0), isNeeded, readField);
        }
        if (isNested && isMap(group) && !group.getType(0).isPrimitive()) {
            return map(group, group.getType(0).asGroupType(), isNeeded);
        }
        var fields = new ArrayList<ParquetShape>();
        for (Type inner : group.getFields()) {
            if (readField.test(inner.getName())) {
                shape(inner, isNeeded, name -> true).ifPresent(fields::add);
            }
        }
        return Struct.of(group, fields);
    }

    private static Optional<ParquetShape> list(
            GroupType list, Type repeated, boolean isNeeded, Predicate<String> readField) {
        if (isElement(list, repeated)) {
            return single(repeated, isNeeded, readField)
                    .map(element ->
                            new Items(list.withNewFields(element.type()), element, Items.Layout.REPEATED_ELEMENT));
        }
        GroupType middle = repeated.asGroupType();
        return shape(middle.getType(0), isNeeded, readField)
                .map(element -> new Items(
                        list.withNewFields(middle.withNewFields(element.type())), element, Items.Layout.GROUPED));
    }

    /** Whether the repeated field of a list is the element itself: the format's rules of backward compatibility. */
    private static boolean isElement(GroupType list, Type repeated) {
        if (repeated.isPrimitive()) {
            return true;
        }
        GroupType group = repeated.asGroupType();
        return group.getFieldCount() != 1
                || group.getType(0).isRepetition(Type.Repetition.REPEATED)
                || group.getName().equals("array")
                || group.getName().equals(list.getName() + "_tuple");
    }

    private static boolean isMap(GroupType group) {
        return group.getLogicalTypeAnnotation() instanceof MapLogicalTypeAnnotation
                || group.getLogicalTypeAnnotation() instanceof MapKeyValueTypeAnnotation;
    }

    private static Optional<ParquetShape> map(GroupType map, GroupType entry, boolean isNeeded) {
        var fields = new ArrayList<ParquetShape>();
        for (Type field : entry.getFields()) {
            shape(field, isNeeded, name -> true).ifPresent(fields::add);
        }
        if (fields.size() < entry.getFieldCount() || fields.isEmpty() || fields.size() > 2) {
            return Optional.empty();
        }
        return Optional.of(new Entries(map, fields));
    }

    /** Primitive column; where it is not needed, a value that cannot be read is null. */
    record Leaf(PrimitiveType type, boolean isNeeded) implements ParquetShape {

        @Override
        public Converter converter(ParquetBudget budget, Consumer<@Nullable Object> out) {
            return new ParquetValue(
                    type,
                    budget,
                    isNeeded ? out : value -> out.accept(value instanceof ParquetValue.Unreadable ? null : value));
        }
    }

    /** Group of named fields; its value is a map of the fields that are there. */
    record Struct(GroupType type, List<ParquetShape> fields) implements ParquetShape {

        static Optional<ParquetShape> of(GroupType group, List<ParquetShape> fields) {
            if (fields.isEmpty()) {
                return Optional.empty();
            }
            List<Type> types = fields.stream().map(ParquetShape::type).toList();
            return Optional.of(new Struct(group.withNewFields(types), fields));
        }

        @Override
        public GroupConverter converter(ParquetBudget budget, Consumer<@Nullable Object> out) {
            var cells = new Cell<Map<String, @Nullable Object>>(Map.of());
            var converters = new ArrayList<Converter>();
            for (ParquetShape field : fields) {
                String name = field.type().getName();
                boolean isBare = field instanceof Items items && items.layout() == Items.Layout.BARE;
                converters.add(field.converter(budget, value -> {
                    if (isBare) {
                        items(cells.value.get(name)).add(value);
                    } else if (value != null) {
                        cells.value.put(name, value);
                    }
                }));
            }
            return new Group(
                    converters,
                    () -> {
                        cells.value = new LinkedHashMap<>();
                        for (ParquetShape field : fields) {
                            if (field instanceof Items items && items.layout() == Items.Layout.BARE) {
                                cells.value.put(field.type().getName(), new ArrayList<>());
                            }
                        }
                    },
                    () -> out.accept(cells.value));
        }

        @SuppressWarnings("unchecked") // put there when the struct began
        private static List<@Nullable Object> items(@Nullable Object list) {
            return list == null ? new ArrayList<>() : (List<@Nullable Object>) list;
        }
    }

    /** List of one of the layouts that there have been. */
    record Items(Type type, ParquetShape element, Layout layout) implements ParquetShape {

        enum Layout {
            /** A repeated field in a struct or message; its converter gives out single elements. */
            BARE,
            /** A list whose repeated field is the element. */
            REPEATED_ELEMENT,
            /** A list of a repeated group around the element. */
            GROUPED
        }

        @Override
        public Converter converter(ParquetBudget budget, Consumer<@Nullable Object> out) {
            if (layout == Layout.BARE) {
                return element.converter(budget, out);
            }
            var list = new Cell<List<@Nullable Object>>(List.of());
            Converter inner = layout == Layout.GROUPED ? grouped(budget, list) : repeated(budget, list);
            return new Group(List.of(inner), () -> list.value = new ArrayList<>(), () -> out.accept(list.value));
        }

        private Converter repeated(ParquetBudget budget, Cell<List<@Nullable Object>> list) {
            return element.converter(budget, value -> list.value.add(value));
        }

        private Converter grouped(ParquetBudget budget, Cell<List<@Nullable Object>> list) {
            var one = new Cell<List<@Nullable Object>>(List.of());
            Converter inner = element.converter(budget, value -> one.value.add(value));
            return new Group(
                    List.of(inner),
                    () -> one.value = new ArrayList<>(1),
                    () -> list.value.add(one.value.isEmpty() ? null : one.value.getFirst()));
        }
    }

    /** Map; a key that is no text becomes its text. */
    record Entries(GroupType type, List<ParquetShape> fields) implements ParquetShape {

        @Override
        public Converter converter(ParquetBudget budget, Consumer<@Nullable Object> out) {
            var map = new Cell<Map<String, @Nullable Object>>(Map.of());
            var entry = new Cell<@Nullable Object[]>(new Object[2]);
            var converters = new ArrayList<Converter>();
            for (int i = 0; i < fields.size(); i++) {
                int index = i;
                converters.add(fields.get(i).converter(budget, value -> entry.value[index] = value));
            }
            var inner = new Group(
                    converters,
                    () -> entry.value = new Object[2],
                    () -> map.value.put(String.valueOf(entry.value[0]), entry.value[1]));
            return new Group(List.of(inner), () -> map.value = new LinkedHashMap<>(), () -> out.accept(map.value));
        }
    }

    /** Value that is being put together. */
    final class Cell<T> {

        private T value;

        Cell(T value) {
            this.value = value;
        }
    }

    /** Converter of a group from those of its fields. */
    final class Group extends GroupConverter {

        private final List<Converter> fields;
        private final Runnable start;
        private final Runnable end;

        Group(List<Converter> fields, Runnable start, Runnable end) {
            this.fields = fields;
            this.start = start;
            this.end = end;
        }

        @Override
        public Converter getConverter(int field) {
            return fields.get(field);
        }

        @Override
        public void start() {
            start.run();
        }

        @Override
        public void end() {
            end.run();
        }
    }
}
