package org.rlvr4j.cublas;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** cuBLAS, called natively: single-precision matrices, whose factors its tensor cores round. */
@SuppressWarnings("restricted") // native calls
final class Cublas implements Gemm {

    private static final List<String> NAMES = List.of("libcublas.so.13", "libcublas.so.12");

    /** Values of cuBLAS's and CUDA's enumerations. */
    private static final int SINGLE = 0; // CUDA_R_32F

    private static final int PLAIN = 0; // CUBLAS_OP_N
    private static final int TRANSPOSED = 1; // CUBLAS_OP_T
    private static final int BFLOAT16 = 75; // CUBLAS_COMPUTE_32F_FAST_16BF
    private static final int TF32 = 77; // CUBLAS_COMPUTE_32F_FAST_TF32
    private static final int DEFAULT = -1; // CUBLAS_GEMM_DEFAULT

    private static final @Nullable SymbolLookup LIBRARY = load();

    private final Arena arena = Arena.ofShared();
    private final MethodHandle gemm = function(
            "cublasGemmEx", // handle, operations, m, n, k, alpha, A, B, beta, C, precision, algorithm
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT);
    private final MemorySegment handle;
    private final MemorySegment one = arena.allocateFrom(JAVA_FLOAT, 1f);
    private final MemorySegment zero = arena.allocateFrom(JAVA_FLOAT, 0f);

    /** @param stream stream of the device that products are launched in */
    Cublas(long stream) {
        MemorySegment place = arena.allocate(ADDRESS);
        require("cublasCreate", call(function("cublasCreate_v2", ADDRESS), place));
        handle = place.get(ADDRESS, 0);
        require(
                "cublasSetStream",
                call(function("cublasSetStream_v2", ADDRESS, ADDRESS), handle, MemorySegment.ofAddress(stream)));
    }

    /** Reason why cuBLAS cannot be called, in one clause; empty if it can. */
    static Optional<String> obstacle() {
        return LIBRARY == null
                ? Optional.of("cuBLAS, which comes with CUDA, is not found as " + String.join(" or ", NAMES)
                        + ": put its folder into LD_LIBRARY_PATH")
                : Optional.empty();
    }

    private static @Nullable SymbolLookup load() {
        for (String name : NAMES) {
            try {
                return SymbolLookup.libraryLookup(name, Arena.global());
            } catch (IllegalArgumentException e) {
                // not there, or for another machine; perhaps the next is
            }
        }
        return null;
    }

    private static MethodHandle function(String name, MemoryLayout... arguments) {
        if (LIBRARY == null) {
            throw new IllegalStateException(obstacle().orElseThrow());
        }
        return Linker.nativeLinker()
                .downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
    }

    @Override
    public void run(Call call) {
        int status = call(
                gemm,
                handle,
                call.transposedA() ? TRANSPOSED : PLAIN,
                call.transposedB() ? TRANSPOSED : PLAIN,
                call.m(),
                call.n(),
                call.k(),
                one,
                MemorySegment.ofAddress(call.a()),
                SINGLE,
                call.lda(),
                MemorySegment.ofAddress(call.b()),
                SINGLE,
                call.ldb(),
                call.beta() == 0 ? zero : one,
                MemorySegment.ofAddress(call.c()),
                SINGLE,
                call.ldc(),
                call.bfloat16() ? BFLOAT16 : TF32,
                DEFAULT);
        require("cublasGemmEx of " + call.m() + " by " + call.k() + " by " + call.n(), status);
    }

    private static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** @throws IllegalStateException if a function did not succeed; the message says which and why */
    static void require(String function, int status) {
        if (status != 0) {
            throw new IllegalStateException(function + " failed: " + reason(status) + " (status " + status + ")");
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 1 -> "cuBLAS is not initialized, as where no device is free";
            case 3 -> "no memory is left on the device for cuBLAS's own use";
            case 7 -> "an argument is not valid";
            case 8 -> "the device is too old";
            case 13 -> "the product did not run on the device";
            case 14 -> "cuBLAS failed inside";
            case 15 -> "this cuBLAS or this device does not have it";
            default -> "cuBLAS gives no reason that is known here";
        };
    }

    @Override
    public void close() {
        require("cublasDestroy", call(function("cublasDestroy_v2", ADDRESS), handle));
        arena.close();
    }
}
