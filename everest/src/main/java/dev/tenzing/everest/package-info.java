/**
 * Masked video autoencoders: EVEREST (ICML 2024) and VideoMAE models, what of a video they look at,
 * and how they are trained and evaluated.
 *
 * <p>{@code model} holds the networks, {@code description} what a model is and is for, {@code
 * masking} decides which tokens are seen and which predicted, {@code task} has a package for each
 * thing that a model is trained for, {@code recipe} describes a run, {@code training} carries it
 * out, {@code checkpoint} saves it, {@code verify} replays reference values.
 */
package dev.tenzing.everest;
