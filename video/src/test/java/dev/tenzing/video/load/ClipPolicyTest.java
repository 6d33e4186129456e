package dev.tenzing.video.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.augment.Augmentation;
import dev.tenzing.video.random.KeyedRandom;
import dev.tenzing.video.transform.Crop;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which frames and rectangles the views of a video of 100 frames, 20 x 8 pixels, are. */
class ClipPolicyTest {
  private static List<ClipPlan> plans(ClipPolicy policy, long key) {
    return policy.draw().clips(policy.sampling(), 100, 20, 8, new KeyedRandom(key));
  }

  private static void assertPlan(ClipPlan plan, Crop crop, int... frames) {
    assertArrayEquals(frames, plan.frames());
    assertEquals(crop, plan.crop());
    assertEquals(List.of(), plan.pictures());
    assertTrue(!plan.mirror());
    assertNull(plan.erasure());
  }

  @Test
  void testingTakesEveryCropOfEverySegment() {
    ClipPolicy policy = ClipPolicy.testing(4, 2, 8, 2, 3);
    List<ClipPlan> plans = plans(policy, 1);
    assertEquals(6, policy.views());
    assertEquals(6, plans.size());
    for (int crop = 0; crop < 3; crop++) {
      assertPlan(plans.get(crop), new Crop(6 * crop, 0, 8, 8), 0, 2, 4, 6);
      assertPlan(plans.get(3 + crop), new Crop(6 * crop, 0, 8, 8), 92, 94, 96, 98);
    }
    assertEquals(8, policy.shortSide());
  }

  @Test
  void asManySegmentsAsCropsMeetEachOther() {
    List<ClipPlan> plans = plans(ClipPolicy.testing(4, 2, 8, 2, 2), 1);
    assertPlan(plans.get(0), new Crop(0, 0, 8, 8), 0, 2, 4, 6);
    assertPlan(plans.get(1), new Crop(12, 0, 8, 8), 0, 2, 4, 6);
    assertPlan(plans.get(2), new Crop(0, 0, 8, 8), 92, 94, 96, 98);
    assertPlan(plans.get(3), new Crop(12, 0, 8, 8), 92, 94, 96, 98);
  }

  @Test
  void validationIsTheMiddleOfBoth() {
    ClipPolicy policy = ClipPolicy.validation(4, 2, 8);
    List<ClipPlan> plans = plans(policy, 1);
    assertEquals(1, plans.size());
    assertPlan(plans.getFirst(), new Crop(6, 0, 8, 8), 46, 48, 51, 53);
  }

  @Test
  void trainingDrawsAsManyClipsAsToldAndMirrorsHalf() {
    Augmentation three = new Augmentation(Augmentation.CropRule.RESIZED, true, null, null, null, 3);
    Augmentation plain = Augmentation.cropsOnly(Augmentation.CropRule.RESIZED, false);
    int mirrored = 0;
    for (int key = 0; key < 200; key++) {
      List<ClipPlan> plans = plans(ClipPolicy.finetuning(4, 2, 8, three), key);
      assertEquals(3, plans.size());
      mirrored += (int) plans.stream().filter(ClipPlan::mirror).count();
      assertTrue(!plans(ClipPolicy.finetuning(4, 2, 8, plain), key).getFirst().mirror());
      assertTrue(!plans(ClipPolicy.pretraining(4, 2, 8), key).getFirst().mirror());
    }
    assertEquals(300, mirrored, 60);
    assertEquals(3, ClipPolicy.finetuning(4, 2, 8, three).views());
  }

  @Test
  void randomCropsAreTakenFromMoreThanTheClipButNothingIsEnlargedForThem() {
    ClipPolicy training = ClipPolicy.pretraining(16, 4, 224);
    assertEquals(256, training.shortSide());
    assertEquals(256, shorter(training, 640, 480));
    assertEquals(120, shorter(training, 160, 120));
    ClipPolicy testing = ClipPolicy.testing(16, 4, 224, 5, 3);
    assertEquals(224, shorter(testing, 640, 480));
    assertEquals(224, shorter(testing, 160, 120));
    assertThrows(IllegalArgumentException.class, () -> ClipPolicy.testing(16, 4, 224, 0, 3));
    assertThrows(IllegalArgumentException.class, () -> ClipPolicy.validation(16, 4, 0));
  }

  private static int shorter(ClipPolicy policy, int width, int height) {
    return Math.min(
        policy.workingSize(width, height).width(), policy.workingSize(width, height).height());
  }
}
