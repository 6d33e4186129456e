package dev.tenzing.video.list;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tenzing.video.decode.FFmpeg;
import dev.tenzing.video.list.VideoList.Labels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.global.avformat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders as people and their systems have them. */
class PeoplesFoldersTest {
  /** Endings of the same containers for sound or pictures alone. */
  private static final Set<String> NO_VIDEO =
      Set.of("m4a", "m4b", "isma", "mka", "mks", "wma", "avif", "heic", "heif");

  @TempDir Path folder;

  private void file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }

  private VideoList read(Labels labels) throws VideoListException {
    return VideoList.read(folder, null, labels, 0);
  }

  private List<String> names(VideoList list) {
    return list.videos().stream().map(v -> folder.relativize(v.path()).toString()).toList();
  }

  /** What a list may name is found in a folder too. */
  @Test
  void everyEndingOfTheContainersThatAreReadIsFound() throws Exception {
    FFmpeg.load();
    List<String> endings =
        new ArrayList<>(
            List.of("MTS", "m2ts", "vob", "ts", "mpg", "mpeg", "gif", "apng", "dv", "rm", "wtv"));
    for (String format :
        List.of(
            "mov",
            "matroska",
            "avi",
            "mpegts",
            "mpeg",
            "flv",
            "asf",
            "ogg",
            "h264",
            "hevc",
            "ivf",
            "m4v",
            "mpegvideo",
            "gif",
            "apng",
            "dv",
            "mxf",
            "nut",
            "rm",
            "wtv",
            "yuv4mpegpipe")) {
      AVInputFormat demuxer = avformat.av_find_input_format(format);
      if (demuxer != null && demuxer.extensions() != null) {
        Collections.addAll(endings, demuxer.extensions().getString().split(","));
      }
    }
    endings.removeIf(NO_VIDEO::contains);
    for (String ending : endings) {
      file("walk/a." + ending);
      file("walk/B." + ending.toUpperCase(Locale.ROOT));
    }
    int expected = (int) endings.stream().distinct().count();
    VideoList list = read(Labels.REQUIRED);
    assertTrue(list.videos().size() >= 2 * expected - 2, names(list).toString());
    assertEquals(List.of(), list.notes());
    assertTrue(endings.size() > 25, endings.toString());
  }

  @Test
  void movingPicturesAreVideosUnlessTheyPreviewNumberedPictures() throws Exception {
    for (String name : List.of("a/1.gif", "a/2.mp4", "a/3.dv", "b/1.gif", "b/x.png", "b/2.apng")) {
      file(name);
    }
    for (String name : List.of("c/1.png", "c/2.png", "c/3.png", "c/preview.gif")) {
      file(name);
    }
    VideoList list = read(Labels.REQUIRED);
    assertEquals(List.of("a/1.gif", "a/2.mp4", "a/3.dv", "b/1.gif", "b/2.apng", "c"), names(list));
    assertTrue(
        list.notes().getFirst().contains(": 2 files are no videos"), list.notes().toString());
  }

  @Test
  void whatIsLeftOutIsCountedByItsEnding() throws Exception {
    for (String name :
        List.of(
            "a/1.mp4",
            "a/notes.txt",
            "a/2.TXT",
            "a/3.mp4.part",
            "b/1.mp4",
            "b/README",
            "b/x.jpg")) {
      file(name);
    }
    assertEquals(
        List.of(
            folder
                + ": 5 files are no videos by the ending and left out: .txt (2), .jpg, .part,"
                + " without ending"),
        read(Labels.REQUIRED).notes());
  }

  @Test
  void litterIsNoClassAndIsNamed() throws Exception {
    for (String name :
        List.of(
            "left/1.mp4",
            "left/._1.mp4",
            "left/.DS_Store",
            "right/2.mp4",
            "right/Thumbs.db",
            "right/desktop.ini",
            "right/@eaDir/2.mp4/VIDEO.mp4",
            "__MACOSX/left/._1.mp4",
            "@eaDir/x.mp4",
            ".ipynb_checkpoints/x.mp4",
            "lost+found/x.mp4",
            "$RECYCLE.BIN/x.mp4",
            "#recycle/x.mp4",
            "@Recycle/x.mp4",
            ".hidden/x.mp4")) {
      file(name);
    }
    VideoList list = read(Labels.REQUIRED);
    assertEquals(List.of("left", "right"), list.classNames());
    assertEquals(List.of("left/1.mp4", "right/2.mp4"), names(list));
    assertEquals(1, list.notes().size(), list.notes().toString());
    assertTrue(list.notes().getFirst().contains("left out as litter: "));
    assertEquals(List.of("left/1.mp4", "right/2.mp4"), names(read(Labels.OPTIONAL)));
  }

  @Test
  void whatARunOrPrepareWroteIsNoClass() throws Exception {
    file("left/1.mp4");
    file("run/config.yaml");
    file("run/checkpoints/step-1/x.mp4");
    file("prepared/clips.journal");
    file("prepared/clips/left/1.mp4");
    VideoList list = read(Labels.REQUIRED);
    assertEquals(List.of("left"), list.classNames());
    assertEquals(
        List.of(folder + ": left out as what a run or prepare wrote: prepared, run"), list.notes());
    assertEquals(1, read(Labels.OPTIONAL).videos().size());
  }

  @Test
  void partsOfASetAreNoClasses() throws Exception {
    for (String name : List.of("train/hug/1.mp4", "Val/hug/2.mp4", "test/hug/3.mp4", ".DS_Store")) {
      file(name);
    }
    String message =
        assertThrows(VideoListException.class, () -> read(Labels.REQUIRED)).getMessage();
    assertEquals(
        "%s: Val, test, train are no classes but parts of a set; name one of them, such as %s"
            .formatted(folder, folder.resolve("Val")),
        message);
    assertTrue(read(Labels.OPTIONAL).notes().getFirst().contains("all of them are used"));
    file("kick/1.mp4");
    assertEquals(4, read(Labels.REQUIRED).classes());
  }

  @Test
  void aClassWithoutVideosIsNamed() throws Exception {
    file("hug/1.mp4");
    Files.createDirectories(folder.resolve("kick"));
    VideoList list = read(Labels.REQUIRED);
    assertEquals(List.of(folder + ": the folder of the class kick holds no video"), list.notes());
    assertEquals("1 video of 2 classes: hug 1, kick 0", list.summary());
  }

  @Test
  void manyClassesAreToldShortly() throws Exception {
    for (int label = 0; label < 20; label++) {
      for (int video = 0; video <= label; video++) {
        file("c" + (char) (97 + label) + "/" + video + ".mp4");
      }
    }
    Files.createDirectories(folder.resolve("empty"));
    assertEquals(
        "210 videos of 21 classes, from ca 1 to ct 20; 1 without videos: empty",
        read(Labels.REQUIRED).summary());
    assertEquals("210 videos", read(Labels.OPTIONAL).summary());
  }
}
