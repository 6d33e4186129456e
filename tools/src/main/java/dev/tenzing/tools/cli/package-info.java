/**
 * What every command shares: its common options, the console it talks to, progress, JSON, YAML
 * configuration, and how errors become exit codes and sentences.
 */
package dev.tenzing.tools.cli;
