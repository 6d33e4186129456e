/**
 * Random changes of training clips: colours and geometry of each picture, erased boxes, and
 * mixtures of the clips of a batch. Everything works on RGB bytes.
 *
 * <p>A rule ({@link dev.tenzing.video.augment.RandAugment}, {@link
 * dev.tenzing.video.augment.ColorJitter}, {@link dev.tenzing.video.augment.RandomErasing}, {@link
 * dev.tenzing.video.augment.Mixing}) draws what is to be done once for a clip or a batch; what it
 * draws is then done to every frame alike. Pictures come out as Pillow's functions of the same
 * names make them, bit for bit.
 */
package dev.tenzing.video.augment;
