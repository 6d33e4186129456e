package dev.tenzing.engine.cuda;

import dev.tenzing.engine.DType;

/**
 * A product as cuBLASLt sees it, of column-major matrices: {@code d[rows, columns] = op(a) op(b) +
 * beta c (+ bias)}.
 *
 * @param factors type of a and b
 * @param result type of c, d and bias
 * @param transposeA whether a is stored as [inner, rows]
 * @param transposeB whether b is stored as [columns, inner]
 * @param bias whether a bias [rows] is added
 * @param alignmentA the bytes that divide the address of a, a power of two; likewise of b, c and d
 */
record MatmulShape(
    DType factors,
    DType result,
    boolean transposeA,
    boolean transposeB,
    int rows,
    int columns,
    int inner,
    boolean bias,
    int alignmentA,
    int alignmentB,
    int alignmentC,
    int alignmentD) {}
