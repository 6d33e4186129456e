/** Targets and losses of classification. */
package dev.tenzing.nn.loss;
