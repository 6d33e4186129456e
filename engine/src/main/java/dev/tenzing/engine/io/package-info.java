/**
 * Files that hold tensors, read as data: sizes are checked before memory is taken, and nothing in a
 * file is ever run. And how every file is written: {@link dev.tenzing.engine.io.AtomicFile}, {@link
 * dev.tenzing.engine.io.AtomicFolder}, {@link dev.tenzing.engine.io.LineLog}.
 */
package dev.tenzing.engine.io;
