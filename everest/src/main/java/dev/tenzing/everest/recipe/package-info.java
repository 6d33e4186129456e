/**
 * What a run is asked to do: optimisation settings and their official defaults, as plain records.
 */
package dev.tenzing.everest.recipe;
