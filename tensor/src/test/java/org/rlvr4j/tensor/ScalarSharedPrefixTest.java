package org.rlvr4j.tensor;

/** The definition of attention over sequences that continue others, in memory that other tests do not release. */
class ScalarSharedPrefixTest implements SharedPrefixContract {

    private final TensorArena singles = new TensorArena(DType.F32);
    private final TensorArena bfloats = new TensorArena(DType.BF16);

    @Override
    public Backend backend() {
        return SCALAR;
    }

    @Override
    public TensorArena arena() {
        return singles;
    }

    @Override
    public TensorArena bfloats() {
        return bfloats;
    }
}
