/**
 * Checkpoints of a run: written beside the last one, checksummed, renamed into place, so that
 * neither a kill nor a full disk loses what was saved.
 */
package dev.tenzing.everest.checkpoint;
