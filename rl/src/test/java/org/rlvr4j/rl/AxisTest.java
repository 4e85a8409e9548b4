package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.rl.Method.Algorithm;

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
}
