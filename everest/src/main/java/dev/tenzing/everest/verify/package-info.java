/**
 * Replays reference values computed by the official PyTorch code and measures how far ours are from
 * them.
 */
package dev.tenzing.everest.verify;
