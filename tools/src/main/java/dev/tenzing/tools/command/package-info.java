/** The commands of {@code tenzing}, one class each. */
package dev.tenzing.tools.command;
