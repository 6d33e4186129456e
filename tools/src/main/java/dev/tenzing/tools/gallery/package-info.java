/**
 * Pictures of what a model does with a clip: which tokens a selection keeps, and what a masked
 * autoencoder predicts. Time runs from left to right, one column a temporal slot; the first frame
 * of each slot is shown.
 */
package dev.tenzing.tools.gallery;
