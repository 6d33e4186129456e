/**
 * Files that hold tensors, read as data: sizes are checked before memory is taken, and nothing in a
 * file is ever run.
 */
package dev.tenzing.engine.io;
