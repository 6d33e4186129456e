/** Memory of this process, by address, for the back ends that compute on the host. */
package dev.tenzing.engine.host;
