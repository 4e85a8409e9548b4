package org.rlvr4j.cublas;

import org.rlvr4j.tornado.library.Product;
import org.rlvr4j.tornado.library.Product.Matrix;

/** General product of matrices as BLAS defines it, column by column: C = op(A) op(B) + beta C. */
interface Gemm extends AutoCloseable {

    /** Launches a product on the device. */
    void run(Call call);

    @Override
    void close();

    /**
     * Arguments of a product, by the names that BLAS gives them.
     *
     * @param transposedA whether op(A) is the transposed of A
     * @param transposedB whether op(B) is the transposed of B
     * @param m           rows of C
     * @param n           columns of C
     * @param k           columns of op(A)
     * @param a           address of A on the device
     * @param lda         numbers from a column of A to the next
     * @param b           address of B
     * @param ldb         numbers from a column of B to the next
     * @param beta        factor of C as it is: 1, or 0 if it is not read
     * @param c           address of C
     * @param ldc         numbers from a column of C to the next
     * @param bfloat16    whether A and B are rounded to bfloat16, rather than TensorFloat-32
     */
    record Call(
            boolean transposedA,
            boolean transposedB,
            int m,
            int n,
            int k,
            long a,
            int lda,
            long b,
            int ldb,
            float beta,
            long c,
            int ldc,
            boolean bfloat16) {

        /**
         * Call for a product of matrices that lie row by row. Read column by column such a matrix is its transposed; so the
         * call is for the transposed product, in which the right factor stands on the left.
         *
         * @param product product
         * @param left    address of the left factor's array on the device
         * @param right   address of the right factor's
         * @param result  address of the result's
         */
        static Call of(Product product, long left, long right, long result) {
            return new Call(
                    product.right().transposed(),
                    product.left().transposed(),
                    product.columns(),
                    product.rows(),
                    product.summed(),
                    address(right, product.right()),
                    product.right().stride(),
                    address(left, product.left()),
                    product.left().stride(),
                    product.adds() ? 1 : 0,
                    address(result, product.result()),
                    product.result().stride(),
                    product.bfloat16());
        }

        private static long address(long array, Matrix matrix) {
            return array + Float.BYTES * matrix.offset();
        }
    }
}
