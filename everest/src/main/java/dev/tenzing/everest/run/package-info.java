/**
 * What keeps the record of a run true: one process a folder, what may change when a run goes on,
 * the history of what did, its result, and whether the memory that it needs is there.
 */
package dev.tenzing.everest.run;
