/** The task of predicting the pixels of hidden tokens. It looks at no annotation. */
package dev.tenzing.everest.task.pretraining;
