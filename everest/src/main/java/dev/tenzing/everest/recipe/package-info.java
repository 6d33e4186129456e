/**
 * What a run is asked to do, as immutable records: the recipes, which describe a run completely and
 * are made of small parts with the command's defaults, and what they come to ({@link
 * dev.tenzing.everest.recipe.Budget}, {@link dev.tenzing.everest.recipe.Hyper}). What is impossible
 * is refused when a record is made, in a sentence that names the option of the command.
 */
package dev.tenzing.everest.recipe;
