/**
 * The scalar back end: plain loops with double accumulators, one class a family. It is the
 * specification that every other back end is tested against.
 */
package dev.tenzing.engine.reference;
