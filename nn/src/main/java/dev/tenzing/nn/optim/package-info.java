/** AdamW over parameter groups, and the schedules of its learning rate. */
package dev.tenzing.nn.optim;
