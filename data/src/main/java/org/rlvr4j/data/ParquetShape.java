package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.ListLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
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

    /** Use that is made of a field. */
    enum Use {
        /** The prompt or the answer is made of it: whatever it holds is read, and looked at when it is used. */
        NEEDED,
        /** A verifier may see it: bytes are left out, and what cannot be read is refused. */
        SHOWN,
        /** As above, but what cannot be read is left out, or null. */
        OPTIONAL,
        /** It is not read. */
        NONE
    }

    /** Shape of the columns that are read of a file with this schema. */
    static Struct of(MessageType schema, Columns columns) {
        Use others = columns == Columns.ALL ? Use.SHOWN : Use.OPTIONAL;
        var fields = new ArrayList<ParquetShape>();
        for (Type field : schema.getFields()) {
            switch (field.getName()) {
                case "data_source" -> fields.add(needed(field));
                case "prompt" -> fields.add(prompt(field, columns));
                case "reward_model" -> rewardModel(field, others).ifPresent(fields::add);
                case "ability", "extra_info" -> shape(field, others).ifPresent(fields::add);
                default -> {
                    if (columns == Columns.ALL) {
                        shape(field, others).ifPresent(fields::add);
                    }
                }
            }
        }
        return new Struct(
                new MessageType(
                        schema.getName(),
                        fields.stream().map(ParquetShape::type).toList()),
                fields);
    }

    /** Shape of the columns of these names, as far as a file with this schema has them; whatever they hold is read. */
    static Struct of(MessageType schema, Set<String> names) {
        List<ParquetShape> fields = schema.getFields().stream()
                .filter(field -> names.contains(field.getName()))
                .map(ParquetShape::needed)
                .toList();
        return new Struct(
                new MessageType(
                        schema.getName(),
                        fields.stream().map(ParquetShape::type).toList()),
                fields);
    }

    private static ParquetShape prompt(Type field, Columns columns) {
        Set<String> message = Set.of("role", "content");
        Use others = columns == Columns.ALL ? Use.SHOWN : Use.NONE;
        return shape(field, Use.NEEDED, name -> message.contains(name) ? Use.NEEDED : others)
                .filter(pruned -> pruned instanceof Items items
                        && items.element() instanceof Struct turn
                        && turn.names().containsAll(message))
                .orElseGet(() -> needed(field)); // and refused by row, if there is one
    }

    private static Optional<ParquetShape> rewardModel(Type field, Use others) {
        if (field.isPrimitive() || field.isRepetition(Type.Repetition.REPEATED)) {
            return Optional.of(needed(field)); // and refused by row, if there is one
        }
        return struct(field.asGroupType(), name -> name.equals("ground_truth") ? Use.NEEDED : others);
    }

    private static ParquetShape needed(Type field) {
        return shape(field, Use.NEEDED).orElseThrow();
    }

    private static Optional<ParquetShape> shape(Type field, Use use) {
        return shape(field, use, _ -> use);
    }

    /**
     * The shape of a field; nothing if it holds no leaf that is read. A list or a map with a leaf that is not read is left
     * out whole, unless the leaf is a field of a struct in it.
     *
     * @param use  use of a leaf that is in no struct
     * @param uses use of the fields of the outermost struct, by name
     */
    private static Optional<ParquetShape> shape(Type field, Use use, Function<String, Use> uses) {
        if (field.isRepetition(Type.Repetition.REPEATED)) { // a list of its own, of required elements
            return single(field, use, uses).map(element -> new Items(element.type(), element, Items.Layout.BARE));
        }
        return single(field, use, uses);
    }

    /** The shape of one occurrence of a field, whatever its repetition. */
    private static Optional<ParquetShape> single(Type field, Use use, Function<String, Use> uses) {
        if (field.isPrimitive()) {
            return leaf(field.asPrimitiveType(), use);
        }
        GroupType group = field.asGroupType();
        boolean isNested = group.getFieldCount() == 1 && group.getType(0).isRepetition(Type.Repetition.REPEATED);
        if (isNested && group.getLogicalTypeAnnotation() instanceof ListLogicalTypeAnnotation) {
            return list(group, group.getType(0), use, uses);
        }
        if (isNested && isMap(group) && !group.getType(0).isPrimitive()) {
            return map(group, group.getType(0).asGroupType(), use);
        }
        if (use == Use.SHOWN && group.getLogicalTypeAnnotation() instanceof VariantLogicalTypeAnnotation) {
            throw new UnsupportedParquetException(
                    "column " + group.getName() + " of type VARIANT is not supported; write it as a struct or as text");
        }
        return struct(group, uses);
    }

    private static Optional<ParquetShape> leaf(PrimitiveType leaf, Use use) {
        boolean isRead =
                switch (use) {
                    case NEEDED -> true;
                    case SHOWN -> !ParquetValue.isBytes(leaf);
                    case OPTIONAL -> ParquetValue.isReadable(leaf);
                    case NONE -> false;
                };
        return isRead ? Optional.of(new Leaf(leaf, use)) : Optional.empty();
    }

    private static Optional<ParquetShape> struct(GroupType group, Function<String, Use> uses) {
        var fields = new ArrayList<ParquetShape>();
        for (Type inner : group.getFields()) {
            Use use = uses.apply(inner.getName());
            if (use != Use.NONE) {
                shape(inner, use).ifPresent(fields::add);
            }
        }
        return Struct.of(group, fields);
    }

    private static Optional<ParquetShape> list(GroupType list, Type repeated, Use use, Function<String, Use> uses) {
        if (isElement(list, repeated)) {
            return single(repeated, use, uses)
                    .map(element ->
                            new Items(list.withNewFields(element.type()), element, Items.Layout.REPEATED_ELEMENT));
        }
        GroupType middle = repeated.asGroupType();
        return shape(middle.getType(0), use, uses)
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

    private static Optional<ParquetShape> map(GroupType map, GroupType entry, Use use) {
        var fields = new ArrayList<ParquetShape>();
        for (Type field : entry.getFields()) {
            shape(field, use).ifPresent(fields::add);
        }
        if (fields.size() < entry.getFieldCount() || fields.isEmpty() || fields.size() > 2) {
            return Optional.empty();
        }
        return Optional.of(new Entries(map, fields));
    }

    /** Primitive column; where its use is optional, a value that cannot be read is null. */
    record Leaf(PrimitiveType type, Use use) implements ParquetShape {

        @Override
        public Converter converter(ParquetBudget budget, Consumer<@Nullable Object> out) {
            return new ParquetValue(
                    type,
                    budget,
                    use == Use.OPTIONAL
                            ? value -> out.accept(value instanceof ParquetValue.Unreadable ? null : value)
                            : out);
        }
    }

    /** Group of named fields; its value is a map of all of them in their order, null where a row has none. */
    record Struct(GroupType type, List<ParquetShape> fields) implements ParquetShape {

        static Optional<ParquetShape> of(GroupType group, List<ParquetShape> fields) {
            if (fields.isEmpty()) {
                return Optional.empty();
            }
            List<Type> types = fields.stream().map(ParquetShape::type).toList();
            return Optional.of(new Struct(group.withNewFields(types), fields));
        }

        Set<String> names() {
            return fields.stream().map(field -> field.type().getName()).collect(Collectors.toSet());
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
                            boolean isBare = field instanceof Items items && items.layout() == Items.Layout.BARE;
                            cells.value.put(field.type().getName(), isBare ? new ArrayList<>() : null);
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
