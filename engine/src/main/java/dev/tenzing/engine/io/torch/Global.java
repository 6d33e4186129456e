package dev.tenzing.engine.io.torch;

/** A class or function of Python, by its name with its module; never more than the name. */
record Global(String name) {}
