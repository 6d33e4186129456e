/**
 * The training loop: batches in, optimiser steps out, with metrics, checkpoints and a resume that
 * continues bit for bit.
 */
package dev.tenzing.everest.training;
