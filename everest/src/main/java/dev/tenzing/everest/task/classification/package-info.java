/**
 * The task of telling the class of a video: labels as targets, loss of labels or of a teacher,
 * accuracy over several views of every video.
 */
package dev.tenzing.everest.task.classification;
