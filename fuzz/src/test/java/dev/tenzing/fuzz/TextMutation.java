package dev.tenzing.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Damages text where it has a meaning: lines, words, numbers, separators, line ends, letters. */
public final class TextMutation implements Mutation {
  private static final int LONGEST = 1 << 20;
  private static final Pattern NUMBER = Pattern.compile("[-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?");
  private static final Pattern WORD = Pattern.compile("[^\\s,:;\"'\\[\\]{}]+");
  private static final Pattern BETWEEN = Pattern.compile("[\\s,:;\"'\\[\\]{}=/]");
  private static final String[] NUMBERS = {
    "0",
    "-0",
    "-1",
    "1",
    "1.5",
    "1e308",
    "1e-320",
    "1e999",
    "-1e999",
    "NaN",
    "Infinity",
    "0x10",
    "1_000",
    "\u0661\u0662",
    "007",
    "+3",
    "9".repeat(30),
    "1e400",
    ".5",
    "5.",
    "1f",
    "1d",
    "1L"
  };
  private static final String[] LETTERS = {
    "\u0000",
    "\u001b[31m",
    "\u0007",
    "\u0085",
    "\u2028",
    "\uFEFF",
    "\u00e9",
    "e\u0301",
    "\u0130",
    "\ud83d\ude00",
    "\ud83d",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\f",
    " ",
    "\u00a0",
    ",",
    "\"",
    "'",
    "\\",
    "#",
    "%s",
    "%d",
    "%n",
    "{}",
    "${x}",
    "$1",
    "../",
    "/",
    "~",
    "*",
    "-",
    "null",
    "true",
    "\u202e"
  };

  private final String[] words;

  private TextMutation(String[] words) {
    this.words = words;
  }

  /** Damage to text that knows words of the format. */
  public static TextMutation with(String... words) {
    return new TextMutation(words);
  }

  @Override
  public byte[] mutate(List<byte[]> seeds, SplittableRandom random) {
    String text = new String(Mutation.pick(seeds, random), StandardCharsets.UTF_8);
    for (int left = Mutation.times(random); left > 0; left--) {
      String next = once(text, seeds, random);
      text = next.length() > LONGEST ? text : next;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(12) == 0 && bytes.length > 0) {
      // No longer UTF-8.
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(0x80, 0x100);
    }
    return bytes;
  }

  private String once(String text, List<byte[]> seeds, SplittableRandom random) {
    return switch (random.nextInt(12)) {
      case 0, 1 -> replaced(text, NUMBER, number(random), random);
      case 2 -> replaced(text, WORD, word(random), random);
      case 3 -> replaced(text, BETWEEN, Mutation.pick(LETTERS, random), random);
      case 4 -> replaced(text, WORD, "", random);
      case 5 -> inserted(text, Mutation.pick(LETTERS, random), random);
      case 6 -> inserted(text, word(random), random);
      case 7 -> inserted(text, repeated(random), random);
      case 8 -> text.substring(0, random.nextInt(text.length() + 1));
      case 9 -> ends(text, random);
      default -> lines(text, seeds, random);
    };
  }

  private String word(SplittableRandom random) {
    return words.length == 0 || random.nextInt(8) == 0
        ? number(random)
        : Mutation.pick(words, random);
  }

  private static String number(SplittableRandom random) {
    return random.nextBoolean()
        ? Mutation.pick(NUMBERS, random)
        : Long.toString(Mutation.oddNumber(random));
  }

  private String repeated(SplittableRandom random) {
    String one = random.nextBoolean() ? Mutation.pick(LETTERS, random) : word(random);
    int times = random.nextInt(8) == 0 ? 1 << random.nextInt(8, 15) : random.nextInt(2, 64);
    return one.repeat(Math.min(times, LONGEST / 8 / Math.max(1, one.length())));
  }

  private static String replaced(String text, Pattern what, String with, SplittableRandom random) {
    List<MatchResult> found = what.matcher(text).results().limit(2000).toList();
    if (found.isEmpty()) {
      return text + with;
    }
    MatchResult at = Mutation.pick(found, random);
    return text.substring(0, at.start()) + with + text.substring(at.end());
  }

  private static String inserted(String text, String what, SplittableRandom random) {
    int at = random.nextInt(text.length() + 1);
    return text.substring(0, at) + what + text.substring(at);
  }

  private static String ends(String text, SplittableRandom random) {
    return switch (random.nextInt(5)) {
      case 0 -> text.replace("\n", "\r\n");
      case 1 -> text.replace("\n", "\r");
      case 2 -> "\uFEFF" + text;
      case 3 -> text.stripTrailing();
      default -> text + "\n\n";
    };
  }

  private static String lines(String text, List<byte[]> seeds, SplittableRandom random) {
    List<String> lines = new ArrayList<>(Arrays.asList(text.split("\n", -1)));
    int at = random.nextInt(lines.size());
    int other = random.nextInt(lines.size());
    switch (random.nextInt(6)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(at, lines.get(other));
      case 2 -> lines.set(at, lines.set(other, lines.get(at)));
      case 3 -> lines.set(at, lines.get(at) + lines.get(other));
      case 4 -> {
        String from = new String(Mutation.pick(seeds, random), StandardCharsets.UTF_8);
        lines.add(at, Mutation.pick(from.split("\n", -1), random));
      }
      default -> lines.set(at, lines.get(at).indent(random.nextInt(-2, 5)).replace("\n", ""));
    }
    return String.join("\n", lines);
  }
}
