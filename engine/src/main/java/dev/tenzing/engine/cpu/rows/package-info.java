/**
 * What memory bounds: functions of elements and rows, moving tokens and pixels, losses, optimisers.
 */
package dev.tenzing.engine.cpu.rows;
