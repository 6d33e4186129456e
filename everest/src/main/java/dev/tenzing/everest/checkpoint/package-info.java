/**
 * Checkpoints. Those of a run are written beside the last one, checksummed and renamed into place,
 * so that neither a kill nor a full disk loses what was saved. Files of the official PyTorch code
 * and of Hugging Face are recognised, checked, loaded and written as well.
 */
package dev.tenzing.everest.checkpoint;
