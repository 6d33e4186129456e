/**
 * Masked video autoencoders: EVEREST (ICML 2024) and VideoMAE models, what of a video they look at,
 * and how they are trained and evaluated.
 *
 * <p>{@code model} holds the networks, {@code masking} decides which tokens are seen and which
 * predicted, {@code recipe} describes a run, {@code training} and {@code evaluation} carry it out,
 * {@code checkpoint} saves it, {@code verify} replays reference values.
 */
package dev.tenzing.everest;
