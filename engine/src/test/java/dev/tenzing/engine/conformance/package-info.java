/**
 * One conformance suite for every operation on every back end: forward against a plain formula in
 * double precision, gradients against finite differences of that formula, and the promises that all
 * operations make (accumulation, any alignment, the same bits on any number of threads).
 *
 * <p>A new operation is one line in {@link dev.tenzing.engine.conformance.Cases}; a new back end is
 * one subclass of {@link dev.tenzing.engine.conformance.Conformance}.
 */
package dev.tenzing.engine.conformance;
