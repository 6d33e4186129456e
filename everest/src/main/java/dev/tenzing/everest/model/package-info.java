/**
 * The networks, with the official parameter names: one trunk, and on it a masked autoencoder for
 * pre-training, a pooled encoder for features, and a classifier for fine-tuning.
 */
package dev.tenzing.everest.model;
