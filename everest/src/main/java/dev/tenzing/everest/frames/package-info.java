/**
 * Information-intensive frame selection of EVEREST (Hwang et al., ICML 2024, section 3.2): more
 * frames are read than the model takes, and those where much happens are drawn from them.
 */
package dev.tenzing.everest.frames;
