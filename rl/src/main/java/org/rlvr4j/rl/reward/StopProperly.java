package org.rlvr4j.rl.reward;

/**
 * Stop-properly penalty of ProRL: the reward of a response that was cut off is multiplied by a factor. A negative reward
 * becomes milder by it, so the rewards should be 0 or more, such as {@link VerdictReward#ZERO_ONE}.
 *
 * @param truncatedFactor factor of the reward of a truncated response; from 0, no reward, to 1, no penalty
 * @see <a href="https://developer.nvidia.com/blog/scaling-llm-reinforcement-learning-with-prolonged-training-using-prorl-v2/">ProRL
 *     v2, 2025</a>, as NeMo-RL has it
 */
public record StopProperly(double truncatedFactor) implements LengthShaping {

    /** @throws IllegalArgumentException if the factor is out of its range */
    public StopProperly {
        if (!(truncatedFactor >= 0 && truncatedFactor <= 1)) {
            throw new IllegalArgumentException("truncatedFactor must be from 0 to 1, not " + truncatedFactor);
        }
    }

    @Override
    public String tag() {
        return "STOP_PROPERLY";
    }

    @Override
    public boolean acts() {
        return truncatedFactor < 1;
    }

    @Override
    public double shaped(double reward, int length, boolean truncated) {
        return truncated ? truncatedFactor * reward : reward;
    }
}
