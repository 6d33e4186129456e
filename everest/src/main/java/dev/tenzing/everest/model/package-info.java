/**
 * The networks: a masked autoencoder for pre-training and a classifier for fine-tuning, with the
 * official parameter names.
 */
package dev.tenzing.everest.model;
