/**
 * What models are trained for, one package a task: from annotations to targets, from them to a
 * loss, and to a metric. {@link dev.tenzing.everest.task.Tasks} lists them; the trainer knows none.
 */
package dev.tenzing.everest.task;
