/** Accuracy of a classifier over several views of every video. */
package dev.tenzing.everest.evaluation;
