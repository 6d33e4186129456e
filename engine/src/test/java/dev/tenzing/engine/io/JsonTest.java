package dev.tenzing.engine.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValueInOrder() {
    Map<String, Object> object =
        Json.parseObject(
            " { \"z\" : [ 1 , -2.5e1 , true , false , null ] ,\t\"a\"\n:\r{ } , \"e\" : [ ] } ");
    assertEquals(List.of("z", "a", "e"), List.copyOf(object.keySet()));
    assertEquals(Arrays.asList(1L, -25.0, true, false, null), object.get("z"));
    assertEquals(Map.of(), object.get("a"));
    assertEquals(List.of(), object.get("e"));
  }

  @Test
  void readsEscapes() {
    assertEquals(
        "\"\\/\b\f\n\r\tA\u00e9", Json.parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\""));
    assertEquals("\ud83d\ude00", Json.parse("\"\\ud83d\\ude00\""));
  }

  @Test
  void integersAreExactAndOthersAreDoubles() {
    assertEquals(Long.MAX_VALUE, Json.parse("9223372036854775807"));
    assertEquals(Long.MIN_VALUE, Json.parse("-9223372036854775808"));
    assertEquals(0x1p63, Json.parse("9223372036854775808"));
    assertEquals(1e30, Json.parse("1000000000000000000000000000000"));
    assertEquals(0L, Json.parse("-0"));
    assertEquals(1.0, Json.parse("1.0"));
    assertEquals(100.0, Json.parse("1E+2"));
    assertEquals(5e-324, Json.parse("5e-324"));
    assertEquals(0.0, Json.parse("1e-999"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[",
        "\"",
        "\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "[1",
        "[1,",
        "]",
        "}",
        ",",
        "{]",
        "[}",
        "[1,]",
        "[,1]",
        "{,}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{1:2}",
        "{\"a\" 1}",
        "[1 2]",
        "1 2",
        "{} {}",
        "nul",
        "nulll",
        "True",
        "NaN",
        "Infinity",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x10",
        "1e999",
        "-1e999",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\u\uff11\uff11\uff11\uff11\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"a\nb\"",
        "\"\u0000\"",
        "\ufeff{}",
        "// c\n1",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}"
      })
  void rejectsInASentence(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Json.parse(text)).getMessage();
    assertTrue(message.matches("JSON: .+ at character \\d+"), message);
  }

  @Test
  void rejectsDeepNestingWithoutExhaustingTheStack() {
    for (String open : List.of("[", "{\"a\":")) {
      String text = open.repeat(1_000_000);
      assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
    }
    String allowed = "[".repeat(256) + "]".repeat(256);
    assertEquals(List.class, assertList(Json.parse(allowed)));
    assertThrows(IllegalArgumentException.class, () -> Json.parse("[" + allowed + "]"));
  }

  private static Class<?> assertList(Object value) {
    return value instanceof List ? List.class : Object.class;
  }

  @Test
  void anObjectMayBeDemanded() {
    assertThrows(IllegalArgumentException.class, () -> Json.parseObject("[]"));
  }

  @Test
  void writesWhatItReads() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 300; i++) {
      Object value = randomValue(random, 4);
      String text = Json.write(value);
      assertEquals(value, Json.parse(text), text);
      assertEquals(text, Json.write(Json.parse(text)));
    }
  }

  @Test
  void writesArraysAndNoInfinity() {
    assertEquals("[1.5,null]", Json.write(new double[] {1.5, Double.NaN}));
    assertEquals("[[1,2],[3]]", Json.write(new int[][] {{1, 2}, {3}}));
    assertEquals("\"\\u0001\\ud800\\\"\"", Json.write("\u0001\ud800\""));
    assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
  }

  /** Damaged texts end in a sentence or in a value, never in another exception. */
  @Test
  void survivesDamage() {
    SplittableRandom random = new SplittableRandom(2);
    String alphabet = "{}[]\",:\\u0e+-.19tfn \u0001\ud800";
    int rejected = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(Json.write(randomValue(random, 3)));
      for (int flips = random.nextInt(1, 4); flips > 0 && !text.isEmpty(); flips--) {
        int at = random.nextInt(text.length());
        char c = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, c);
          case 1 -> text.insert(at, c);
          default -> text.setLength(at);
        }
      }
      try {
        Json.parse(text.toString());
      } catch (IllegalArgumentException e) {
        rejected++;
        assertTrue(e.getMessage().startsWith("JSON: "), e.getMessage());
      }
    }
    assertTrue(rejected > 5_000, "most are damaged beyond reading");
    assertFalse(rejected == 20_000, "some can still be read");
  }

  private static Object randomValue(SplittableRandom random, int depth) {
    return switch (random.nextInt(depth == 0 ? 5 : 7)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextLong();
      case 3 -> random.nextDouble() * Math.pow(10, random.nextInt(-300, 300));
      case 4 -> randomString(random);
      case 5 -> {
        List<Object> list = new ArrayList<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          list.add(randomValue(random, depth - 1));
        }
        yield list;
      }
      default -> {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int n = random.nextInt(4); n > 0; n--) {
          map.put(randomString(random), randomValue(random, depth - 1));
        }
        yield map;
      }
    };
  }

  private static String randomString(SplittableRandom random) {
    StringBuilder out = new StringBuilder();
    for (int n = random.nextInt(8); n > 0; n--) {
      int point = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x80);
      if (point < 0xd800 || point > 0xdfff) {
        out.appendCodePoint(point);
      }
    }
    return out.toString();
  }
}
