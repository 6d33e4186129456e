/**
 * What a model is: its sizes, the clips it is made for, what it is for, and the network that all
 * this describes.
 */
package dev.tenzing.everest.description;
