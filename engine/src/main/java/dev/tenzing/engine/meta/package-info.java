/**
 * A back end without values, as PyTorch's meta device: programs run for their shapes and for the
 * memory that they would take.
 */
package dev.tenzing.engine.meta;
