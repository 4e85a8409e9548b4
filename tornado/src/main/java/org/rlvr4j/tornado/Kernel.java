package org.rlvr4j.tornado;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task3;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What is compiled for the device, and in groups of which shape its threads run. */
@SuppressWarnings("ImmutableEnumChecker") // references to static methods have no state
enum Kernel {
    LINEAR(LinearKernels::kLinear, "LinearKernels.kLinear", LinearKernels.TILE, LinearKernels.TILE),
    LINEAR_INPUT(LinearKernels::kLinearInput, "LinearKernels.kLinearInput", LinearKernels.TILE, LinearKernels.TILE),
    LINEAR_WEIGHT(LinearKernels::kLinearWeight, "LinearKernels.kLinearWeight", LinearKernels.TILE, LinearKernels.TILE),
    LINEAR_BIAS(LinearKernels::kLinearBias, "LinearKernels.kLinearBias", RowKernels.GROUP, 1),
    RMS_NORM(RowKernels::kRmsNorm, "RowKernels.kRmsNorm", RowKernels.GROUP, 1),
    RMS_NORM_INPUT(RowKernels::kRmsNormInput, "RowKernels.kRmsNormInput", RowKernels.GROUP, 1),
    RMS_NORM_WEIGHT(RowKernels::kRmsNormWeight, "RowKernels.kRmsNormWeight", RowKernels.GROUP, 1),
    ROPE(RowKernels::kRope, "RowKernels.kRope", ElementKernels.GROUP, 1),
    COPY_ROWS(RowKernels::kCopyRows, "RowKernels.kCopyRows", ElementKernels.GROUP, 1),
    ADD_TO_ROWS(RowKernels::kAddToRows, "RowKernels.kAddToRows", RowKernels.GROUP, 1),
    ATTENTION(AttentionKernels::kAttention, "AttentionKernels.kAttention", AttentionKernels.BLOCK, 1),
    ATTENTION_DELTA(AttentionKernels::kAttentionDelta, "AttentionKernels.kAttentionDelta", AttentionKernels.BLOCK, 1),
    ATTENTION_QUERY(AttentionKernels::kAttentionQuery, "AttentionKernels.kAttentionQuery", AttentionKernels.BLOCK, 1),
    ATTENTION_KEY(AttentionKernels::kAttentionKey, "AttentionKernels.kAttentionKey", AttentionKernels.BLOCK, 1),
    CACHE_APPEND(AttentionKernels::kCacheAppend, "AttentionKernels.kCacheAppend", ElementKernels.GROUP, 1),
    SWI_GLU(ElementKernels::kSwiGlu, "ElementKernels.kSwiGlu", ElementKernels.GROUP, 1),
    SWI_GLU_BACKWARD(ElementKernels::kSwiGluBackward, "ElementKernels.kSwiGluBackward", ElementKernels.GROUP, 1),
    ADD(ElementKernels::kAdd, "ElementKernels.kAdd", ElementKernels.GROUP, 1),
    SCALE(ElementKernels::kScale, "ElementKernels.kScale", ElementKernels.GROUP, 1),
    ZERO(ElementKernels::kZero, "ElementKernels.kZero", ElementKernels.GROUP, 1),
    COPY(ElementKernels::kCopy, "ElementKernels.kCopy", ElementKernels.GROUP, 1),
    SUM_OF_SQUARES(ElementKernels::kSumOfSquares, "ElementKernels.kSumOfSquares", ElementKernels.GROUP, 1),
    ADAM_W(ElementKernels::kAdamW, "ElementKernels.kAdamW", ElementKernels.GROUP, 1),
    ROW_STATISTICS(TokenKernels::kRowStatistics, "TokenKernels.kRowStatistics", TokenKernels.GROUP, 1),
    LOGIT_GRADIENT(TokenKernels::kLogitGradient, "TokenKernels.kLogitGradient", ElementKernels.GROUP, 1),
    DRAW(TokenKernels::kDraw, "TokenKernels.kDraw", TokenKernels.GROUP, 1);

    private final @Nullable Task3<KernelContext, FloatArray, IntArray> code;
    private final @Nullable Task4<KernelContext, FloatArray, IntArray, FloatArray> scaledCode;
    private final String source;
    private final int localX;
    private final int localY;

    Kernel(Task3<KernelContext, FloatArray, IntArray> code, String source, int localX, int localY) {
        this.code = code;
        this.scaledCode = null;
        this.source = source;
        this.localX = localX;
        this.localY = localY;
    }

    Kernel(Task4<KernelContext, FloatArray, IntArray, FloatArray> code, String source, int localX, int localY) {
        this.code = null;
        this.scaledCode = code;
        this.source = source;
        this.localX = localX;
        this.localY = localY;
    }

    /** Adds the kernel, and the transfer of what it is controlled by, to a task graph. */
    TaskGraph task(TaskGraph graph, String id, KernelContext c, FloatArray m, IntArray p, FloatArray s) {
        TaskGraph controlled = graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, p);
        if (scaledCode != null) {
            return controlled
                    .transferToDevice(DataTransferMode.EVERY_EXECUTION, s)
                    .task(id, scaledCode, c, m, p, s);
        }
        return controlled.task(id, Objects.requireNonNull(code), c, m, p);
    }

    /** Whether it reads real numbers beside its control array. */
    boolean isScaled() {
        return scaledCode != null;
    }

    /** Class and method that it is compiled from. */
    String source() {
        return source;
    }

    int localX() {
        return localX;
    }

    int localY() {
        return localY;
    }
}
