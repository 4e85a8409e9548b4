package org.rlvr4j.model.text;

import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.lib.filter.Filter;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Json;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.core.util.Separators.Spacing;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** Filter {@code tojson}, with the blanks and the numbers of Python's {@code json.dumps}. */
final class ToJson implements Filter {

    private static final ObjectWriter WRITER = Json.MAPPER
            .rebuild()
            .addModule(new SimpleModule().addSerializer(new FloatingPoint()))
            .build()
            .writer()
            .with(new DefaultPrettyPrinter(Separators.createDefaultInstance()
                            .withObjectNameValueSpacing(Spacing.AFTER)
                            .withObjectEntrySpacing(Spacing.AFTER)
                            .withArrayElementSpacing(Spacing.AFTER)
                            .withObjectEmptySeparator("")
                            .withArrayEmptySeparator(""))
                    .withObjectIndenter(DefaultPrettyPrinter.NopIndenter.instance())
                    .withArrayIndenter(DefaultPrettyPrinter.NopIndenter.instance()))
            .without(JsonWriteFeature.WRITE_HEX_UPPER_CASE);

    @Override
    public String getName() {
        return "tojson";
    }

    @Override
    public String filter(@Nullable Object value, JinjavaInterpreter interpreter, String... arguments) {
        if (arguments.length > 0) {
            throw new InterpretException("unsupported argument of tojson: " + arguments[0]);
        }
        return WRITER.writeValueAsString(value);
    }

    /** Serializer of doubles as in Python: Java has the same digits, but 1.0E7 for 10000000.0 and 1.0E-5 for 1e-05. */
    private static final class FloatingPoint extends StdSerializer<Double> {

        FloatingPoint() {
            super(Double.class);
        }

        @Override
        public void serialize(Double value, JsonGenerator json, SerializationContext context) {
            String java = value.toString();
            int e = java.indexOf('E');
            int exponent = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
            if (exponent < -4 || exponent > 15) {
                String digits = java.substring(0, e).replaceFirst("\\.0$", "");
                json.writeRawValue("%se%+03d".formatted(digits, exponent));
            } else if (e > 0) {
                BigDecimal plain = new BigDecimal(java).stripTrailingZeros();
                json.writeRawValue(plain.setScale(Math.max(plain.scale(), 1)).toPlainString());
            } else {
                json.writeRawValue(java);
            }
        }
    }
}
