/**
 * Whole runs, as commands and the demo start them: pre-training, fine-tuning, evaluation, and the
 * report that tells how they went.
 */
package dev.tenzing.tools.run;
