/**
 * What a configuration costs before anything is run: multiply-adds in the convention of the papers,
 * and the memory of a training step.
 */
package dev.tenzing.everest.cost;
