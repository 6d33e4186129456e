/**
 * Damaged input for every parser: made from good input by a seeded mutation, so that each is known
 * by target, seed and number, and judged by what a user would see of it.
 */
package dev.tenzing.fuzz;
