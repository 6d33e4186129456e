/**
 * A run told in one self-contained page of HTML: numbers, curves, pictures, a confusion matrix and
 * tables, drawn as text, without scripts and without java.desktop.
 */
package dev.tenzing.tools.report;
