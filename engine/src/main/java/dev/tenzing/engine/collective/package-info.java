/** Several processes that train one model together, seen by one of them. */
package dev.tenzing.engine.collective;
