/**
 * The differentiable operations, one a file: what shapes it takes, its forward, its backward, its
 * cost.
 */
package dev.tenzing.engine.op;
