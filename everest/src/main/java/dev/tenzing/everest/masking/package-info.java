/**
 * Which tokens of a clip the encoder sees and which the decoder predicts: ReRo selection (EVEREST)
 * and the tube and random masks it is compared with.
 */
package dev.tenzing.everest.masking;
