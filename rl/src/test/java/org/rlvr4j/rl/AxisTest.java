package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.filter.Band;
import org.rlvr4j.rl.filter.Filter;
import org.rlvr4j.rl.filter.ResponseFilter;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.kl.KlPenalty.Estimator;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.reward.LengthShaping;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.rl.weight.Weight;

/** Choices by name: the tags of an axis's table, and published methods. */
class AxisTest {

    @ParameterizedTest
    @EnumSource
    void everyNameIsAChoiceAndChangesNothingButItsAxis(Axis axis) {
        Method grpo = Algorithm.GRPO.paper();

        assertThat(axis.choices()).isNotEmpty().doesNotHaveDuplicates().allSatisfy(name -> {
            Method changed = axis.changed(grpo, name, Preset.PAPER);
            String back = axis == Axis.DDOF ? "1" : "GRPO";
            assertThat(axis.changed(changed, back, Preset.PAPER)).isEqualTo(grpo);
        });
    }

    @ParameterizedTest
    @CsvSource({"WEIGHT, TOKEN_MEAN, DAPO", "FILTER, CONTRAST, DAPO", "ADVANTAGE, SMOOTH, DCPO", "RATIO, SEQUENCE, GSPO"
    })
    void tagIsTheChoiceOfTheMethodThatIntroducedIt(Axis axis, String tag, String algorithm) {
        Method grpo = Algorithm.GRPO.paper();

        assertThat(axis.changed(grpo, tag, Preset.PAPER)).isEqualTo(axis.changed(grpo, algorithm, Preset.PAPER));
    }

    @ParameterizedTest
    @EnumSource
    void unknownNameIsRefusedWithThoseThereAre(Axis axis) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> axis.changed(Algorithm.GRPO.paper(), "none such", Preset.PAPER))
                .withMessage(axis + " can be one of " + axis.choices() + ", not none such");
    }

    @Test
    void everyNumberOfAKindIsASetting() {
        Method dapo = Algorithm.DAPO.paper();

        assertThat(changed(Axis.CLIP, dapo, "clipHigh", 0.3).loss().clipping())
                .isEqualTo(new Clipping(new FixedClip(0.2, 0.3), 10));
        assertThat(changed(Axis.CLIP, dapo, "dualClip", 3).loss().clipping())
                .isEqualTo(new Clipping(new FixedClip(0.2, 0.28), 3));
        assertThat(changed(Axis.CLIP, dapo, "dualClip", "infinity").loss().clipping())
                .isEqualTo(new Clipping(new FixedClip(0.2, 0.28), Clipping.NO_DUAL_CLIP));
        assertThat(changed(Axis.ADVANTAGE, dapo, "byStd", false).advantage()).isEqualTo(new GroupNormalized(1, false));
        assertThat(changed(Axis.FILTER, dapo.with(new Band(0.1, 0.9)), "high", 0.5)
                        .filter())
                .isEqualTo(new Band(0.1, 0.5));
        assertThat(changed(Axis.ADVANTAGE, dapo, "ddof", 0).advantage()).isEqualTo(new GroupNormalized(0, true));
        assertThat(changed(Axis.RATIO, dapo, "logRatioLimit", 5).loss().ratio()).isEqualTo(new TokenRatio(5));
        assertThat(changed(Axis.OVERLONG, dapo, "buffer", 256).overlong()).isEqualTo(new OverlongShaping(3072, 256, 1));
        assertThat(changed(Axis.KL, dapo, "estimator", "k1").loss().kl()).isEqualTo(new KlPenalty(Estimator.K1, 0));
    }

    @Test
    void kindAndItsSettingsChangeTogether() {
        var change = new Change("K2", Map.of("coefficient", 0.01));

        assertThat(Axis.KL
                        .changed(Algorithm.GRPO.paper(), change, Preset.PAPER)
                        .loss()
                        .kl())
                .isEqualTo(new KlPenalty(Estimator.K2, 0.01));
        assertThat(Axis.CLIP.settings(Algorithm.DCPO.paper()))
                .containsExactly(
                        Map.entry("clipLow", 0.16),
                        Map.entry("clipHigh", 0.2),
                        Map.entry("maxRatio", 10.0),
                        Map.entry("dualClip", 10.0));
    }

    @Test
    void settingThatIsNotThereOrNotPossibleIsRefused() {
        Method grpo = Algorithm.GRPO.paper();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.CLIP, grpo, "maxRatio", 3))
                .withMessage("CLIP has no setting maxRatio, its settings are [clipLow, clipHigh, dualClip]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.WEIGHT, grpo, "scale", 3))
                .withMessage("WEIGHT has no setting scale, as it has none");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.CLIP, grpo, "clipLow", "low"))
                .withMessage("CLIP.clipLow must be a number, not low");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.CLIP, grpo, "clipLow", 2))
                .withMessage("CLIP: clipLow must be between 0 and 1, not 2.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.KL, grpo, "estimator", "K9"))
                .withMessage("KL.estimator must be one of K1, ABS, K2, K3, K3_UNBIASED, not K9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.ADVANTAGE, grpo, "ddof", 0.5))
                .withMessage("ADVANTAGE.ddof must be a whole number, not 0.5");
    }

    @Test
    void changeThatTheSurrogateDoesNotLookAtIsRefused() {
        Method dapo = Algorithm.DAPO.paper();
        Method sapo = Axis.SURROGATE.changed(dapo, "SAPO", Preset.PAPER);
        Method cispo = Axis.SURROGATE.changed(dapo, "CISPO", Preset.PAPER);
        Method gmpo = Axis.SURROGATE.changed(dapo, "GMPO", Preset.PAPER);

        assertThat(Axis.CLIP.changed(cispo, "ADAPTIVE", Preset.PAPER).loss().surrogate())
                .isEqualTo(cispo.loss().surrogate());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Axis.CLIP.changed(sapo, "ADAPTIVE", Preset.PAPER))
                .withMessage("CLIP has no effect beside the surrogate SAPO: leave it out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> changed(Axis.CLIP, cispo, "dualClip", 3))
                .withMessage("CLIP.dualClip has no effect beside the surrogate CISPO: leave it out");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Axis.RATIO.changed(gmpo, "SEQUENCE", Preset.PAPER))
                .withMessage("the kind of RATIO has no effect beside the surrogate GMPO: leave it out");
    }

    private static Method changed(Axis axis, Method method, String setting, Object value) {
        return axis.changed(method, new Change(null, Map.of(setting, value)), Preset.PAPER);
    }

    /** What no table holds cannot be named in YAML, and is not tested by {@link Methods}. */
    @ParameterizedTest
    @ValueSource(
            classes = {
                Filter.class,
                ResponseFilter.class,
                Advantage.class,
                Ratio.class,
                Clip.class,
                Surrogate.class,
                Gate.class,
                Weight.class,
                LengthShaping.class
            })
    void everyKindThereIsIsInATable(Class<?> axis) throws IOException, URISyntaxException {
        Set<Object> named = new HashSet<>();
        Methods.all().values().forEach(method -> addTypes(method, named));
        URL folder = Objects.requireNonNull(axis.getResource("."));
        try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
            List<String> kinds = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.startsWith("package-info"))
                    .map(name -> axis.getPackageName() + "." + name.substring(0, name.length() - ".class".length()))
                    .filter(name -> isKind(axis, name))
                    .toList();

            assertThat(kinds).isNotEmpty().allSatisfy(kind -> assertThat(named).contains(kind));
        }
    }

    private static boolean isKind(Class<?> axis, String name) {
        try {
            Class<?> type = Class.forName(name);
            return type.isRecord() && axis.isAssignableFrom(type);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static void addTypes(Object value, Set<Object> types) {
        if (value instanceof Record) {
            types.add(value.getClass().getName());
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                try {
                    addTypes(component.getAccessor().invoke(value), types);
                } catch (ReflectiveOperationException e) {
                    throw new LinkageError(e.getMessage(), e);
                }
            }
        }
    }
}
