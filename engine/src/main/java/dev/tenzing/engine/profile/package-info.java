/**
 * Where a step spends its time: every kernel call is timed, and counted by what it must compute and
 * move. Nothing of it is on the way when it is off; see {@link
 * dev.tenzing.engine.Device#profile()}.
 */
package dev.tenzing.engine.profile;
