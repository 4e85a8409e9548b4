package org.rlvr4j.cublas;

import java.util.function.LongFunction;
import org.rlvr4j.tornado.library.Product;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.runtime.common.TornadoXPUDevice;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryContext;
import uk.ac.manchester.tornado.runtime.library.spi.LibraryInvocation;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoLibraryProvider;
import uk.ac.manchester.tornado.runtime.library.spi.TornadoNativeStreamSupport;

/**
 * Provider of products to TornadoVM. One task serves all sizes and places: they are read from the control array when the
 * task is run.
 */
public final class CublasProvider implements TornadoLibraryProvider {

    private final LongFunction<Gemm> products;

    /** A provider that calls cuBLAS. */
    public CublasProvider() {
        this(Cublas::new);
    }

    /** @param products makes what multiplies, for a stream of the device */
    CublasProvider(LongFunction<Gemm> products) {
        this.products = products;
    }

    /** What multiplies in the stream of an execution plan. */
    private record Context(Gemm gemm) implements LibraryContext {}

    @Override
    public String libraryName() {
        return CublasLibrary.NAME;
    }

    @Override
    public boolean canHandle(TornadoXPUDevice device) {
        return device instanceof TornadoNativeStreamSupport;
    }

    @Override
    public LibraryContext createContext(TornadoXPUDevice device, long executionPlanId) {
        return context(((TornadoNativeStreamSupport) device).getNativeStream(executionPlanId));
    }

    LibraryContext context(long stream) {
        return new Context(products.apply(stream));
    }

    @Override
    public void dispatch(String functionName, LibraryInvocation invocation) {
        if (!functionName.equals(Product.FUNCTION)) {
            throw new IllegalArgumentException(
                    CublasLibrary.NAME + " has the function " + Product.FUNCTION + " only, not " + functionName);
        }
        Product product = Product.of((IntArray) invocation.getArg(3));
        var context = (Context) invocation.getContext();
        context.gemm()
                .run(Gemm.Call.of(
                        product,
                        invocation.getDevicePointer(0),
                        invocation.getDevicePointer(1),
                        invocation.getDevicePointer(2)));
    }

    @Override
    public void destroyContext(LibraryContext context) {
        ((Context) context).gemm().close();
    }
}
