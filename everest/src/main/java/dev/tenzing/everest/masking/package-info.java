/**
 * Which tokens of a clip the encoder sees and which the decoder predicts: ReRo selection (EVEREST),
 * which looks at the tokens, and masks that do not, alone (VideoMAE, ST-MAE) or in pairs (VideoMAE
 * V2).
 */
package dev.tenzing.everest.masking;
