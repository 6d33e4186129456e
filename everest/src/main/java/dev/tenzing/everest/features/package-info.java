/**
 * Features of whole videos, window by window, as temporal action detection takes them: from a video
 * of any length to a NumPy file, in constant memory.
 */
package dev.tenzing.everest.features;
