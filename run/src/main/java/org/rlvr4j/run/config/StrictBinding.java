package org.rlvr4j.run.config;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Executable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.Change;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.Version;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdScalarSerializer;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Jackson module for configurations: a {@code @Nullable} component may be null, and a path is plain text, not a URI.
 */
final class StrictBinding extends SimpleModule {

    private static final long serialVersionUID = 1;

    StrictBinding() {
        addSerializer(new PathWriter());
        addDeserializer(Path.class, new PathReader());
        addSerializer(new ChangeWriter());
        addDeserializer(Change.class, new ChangeReader());
        addDeserializer(WarmUpSetting.class, new WarmUpReader());
    }

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        context.insertAnnotationIntrospector(new NullableComponents());
    }

    /** Rule that a record component annotated {@code @Nullable} accepts null. */
    private static final class NullableComponents extends NopAnnotationIntrospector {

        private static final long serialVersionUID = 1;

        @Override
        public Version version() {
            return Version.unknownVersion();
        }

        @Override
        public JsonSetter.@Nullable Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
            if (annotated instanceof AnnotatedParameter parameter
                    && parameter.getMember() instanceof Executable executable) {
                AnnotatedType type = executable.getAnnotatedParameterTypes()[parameter.getIndex()];
                return type.isAnnotationPresent(Nullable.class) ? JsonSetter.Value.forValueNulls(Nulls.SET) : null;
            }
            return null;
        }
    }

    /** Writer of a change of an axis: a word, or a group of settings. */
    private static final class ChangeWriter extends StdSerializer<Change> {

        ChangeWriter() {
            super(Change.class);
        }

        @Override
        public void serialize(Change change, JsonGenerator out, SerializationContext context) {
            if (change.kind() != null && change.settings().isEmpty()) {
                out.writeString(change.kind());
                return;
            }
            out.writeStartObject();
            if (change.kind() != null) {
                out.writeStringProperty(ChangeReader.KIND, change.kind());
            }
            change.settings().forEach(out::writePOJOProperty);
            out.writeEndObject();
        }
    }

    /** Reader of a change of an axis. */
    private static final class ChangeReader extends StdDeserializer<Change> {

        private static final String KIND = "kind";

        ChangeReader() {
            super(Change.class);
        }

        @Override
        public Change deserialize(JsonParser in, DeserializationContext context) {
            if (in.currentToken() == JsonToken.VALUE_STRING) {
                return Change.to(in.getString());
            }
            if (in.currentToken() != JsonToken.START_OBJECT) {
                return (Change) context.handleUnexpectedToken(Change.class, in);
            }
            Map<String, Object> settings = in.readValueAs(new TypeReference<LinkedHashMap<String, Object>>() {});
            Object kind = settings.remove(KIND);
            return new Change(kind == null ? null : kind.toString(), settings);
        }
    }

    /** Reader of a warm-up, which is from a teacher if it names no file of examples. */
    private static final class WarmUpReader extends StdDeserializer<WarmUpSetting> {

        WarmUpReader() {
            super(WarmUpSetting.class);
        }

        @Override
        public WarmUpSetting deserialize(JsonParser in, DeserializationContext context) {
            JsonNode group = context.readTree(in);
            Class<? extends WarmUpSetting> type =
                    group.has(Defaults.DEMONSTRATIONS) ? Demonstrations.class : WarmUpSetting.Taught.class;
            return context.readTreeAsValue(group, type);
        }
    }

    /** Writer of paths as text. */
    private static final class PathWriter extends StdScalarSerializer<Path> {

        PathWriter() {
            super(Path.class);
        }

        @Override
        public void serialize(Path path, JsonGenerator out, SerializationContext context) {
            out.writeString(path.toString());
        }
    }

    /** Reader of paths from text. */
    private static final class PathReader extends StdScalarDeserializer<Path> {

        PathReader() {
            super(Path.class);
        }

        @Override
        public Path deserialize(JsonParser in, DeserializationContext context) {
            return in.currentToken() == JsonToken.VALUE_STRING
                    ? Path.of(in.getString())
                    : (Path) context.handleUnexpectedToken(Path.class, in);
        }
    }
}
