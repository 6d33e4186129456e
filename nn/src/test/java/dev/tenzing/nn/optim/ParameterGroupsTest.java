package dev.tenzing.nn.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tenzing.engine.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Parameter groups against those that the official {@code get_parameter_groups} prints. */
class ParameterGroupsTest {
  private static final Map<String, Object> GOLDEN = Golden.json("parameter-groups.json");

  /** A shape of the rank that the official parameter of that name has. */
  private static Shape shape(String name) {
    if (name.endsWith("pos_embed") || name.endsWith("_token") || name.endsWith(".scale")) {
      return Shape.of(1, 1, 2);
    }
    if (name.endsWith("patch_embed.proj.weight")) {
      return Shape.of(2, 3, 2, 2, 2);
    }
    boolean vector = name.endsWith("bias") || name.contains("norm") || name.contains("gamma");
    return vector ? Shape.of(2) : Shape.of(2, 2);
  }

  @Test
  void groupsAreTheOfficialOnes() {
    Map<String, Object> models = Golden.map(GOLDEN, "groups");
    assertEquals(6, models.size());
    for (String model : models.keySet()) {
      double layerDecay =
          model.contains("layer_decay=0.75") ? 0.75 : model.contains("=0.65") ? 0.65 : 1;
      var groups = new ParameterGroups(12, layerDecay, model.startsWith("everest"));
      Map<String, Object> parameters = Golden.map(models, model);
      for (String name : parameters.keySet()) {
        Map<String, Object> expected = Golden.map(parameters, name);
        assertEquals(
            Golden.number(expected, "weight_decay", Double.NaN) > 0,
            groups.decays(name, shape(name)),
            model + " " + name);
        double scale = Golden.number(expected, "lr_scale", Double.NaN);
        assertEquals(scale, groups.lrScale(name), 1e-14 * scale, model + " " + name);
      }
    }
  }

  @Test
  void layerDecayIsTheOfficialOne() {
    Map<String, Object> tables = Golden.map(GOLDEN, "layer_decay_values");
    for (String table : tables.keySet()) {
      int depth = Integer.parseInt(table.substring(table.indexOf("depth") + 5));
      double decay = Double.parseDouble(table.substring(0, table.indexOf('/')));
      var groups = new ParameterGroups(depth, decay, true);
      double[] values = Golden.doubles(tables, table);
      assertEquals(depth + 2, values.length);
      assertEquals(values[0], groups.lrScale("patch_embed.proj.weight"), 1e-14 * values[0], table);
      assertEquals(values[depth + 1], groups.lrScale("head.weight"), table);
      for (int i = 0; i < depth; i++) {
        double scale = groups.lrScale("blocks." + i + ".mlp.fc1.bias");
        assertEquals(values[i + 1], scale, 1e-14 * scale, table + " block " + i);
      }
    }
    Map<String, Object> giant = Golden.map(GOLDEN, "lr_scale_by_name_depth40_giant");
    var groups = new ParameterGroups(40, 0.9, false);
    for (String name : giant.keySet()) {
      assertEquals(Golden.number(giant, name, Double.NaN), groups.lrScale(name), 1e-15, name);
    }
  }

  @Test
  void refusesADecayThatIsNone() {
    var error =
        assertThrows(IllegalArgumentException.class, () -> new ParameterGroups(12, 1.5, true));
    assertEquals("the layer decay must be above 0 and at most 1, got 1.5", error.getMessage());
    assertThrows(IllegalArgumentException.class, () -> new ParameterGroups(12, 0, true));
  }
}
