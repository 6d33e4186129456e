package dev.tenzing.video.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.tenzing.video.Clips;
import dev.tenzing.video.decode.StreamAddress;
import dev.tenzing.video.decode.VideoDecoder;
import dev.tenzing.video.decode.VideoException;
import dev.tenzing.video.decode.VideoException.Reason;
import dev.tenzing.video.encode.EncoderSettings;
import dev.tenzing.video.sample.SlidingWindows;
import dev.tenzing.video.stream.WindowReader.Place;
import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams from servers that the test runs itself. */
class StreamTest {
  private static final SlidingWindows WINDOWS = new SlidingWindows(4, 2, 5);
  private static final int SIZE = 48;

  @TempDir Path folder;
  private final CountDownLatch done = new CountDownLatch(1);
  private final AtomicInteger foreign = new AtomicInteger();
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool(Thread.ofPlatform().daemon().factory()));
    server.start();
  }

  @AfterEach
  void stopServer() {
    done.countDown();
    server.stop(0);
  }

  /** Serves bytes in pieces with pauses between; after them it is silent when told to hang. */
  private String serve(String path, byte[] bytes, int pieces, boolean hang) {
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < pieces; i++) {
              int from = (int) ((long) bytes.length * i / pieces);
              out.write(bytes, from, (int) ((long) bytes.length * (i + 1) / pieces) - from);
              out.flush();
              pause();
            }
            if (hang) {
              done.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  private static void pause() throws InterruptedException {
    Thread.sleep(20);
  }

  private byte[] video(String name, int frames) throws IOException {
    EncoderSettings settings = EncoderSettings.mpeg4(64, 48, 25);
    return Files.readAllBytes(Clips.write(folder.resolve(name), settings, frames));
  }

  private static WindowFeed feed(String url, boolean live, int patience) {
    StreamAddress address = StreamAddress.of(url).orElseThrow();
    return new WindowFeed(
        address.name(),
        () -> VideoDecoder.open(address, patience),
        new WindowFeed.Plan(WINDOWS, Fit.STRETCH, SIZE, 1, live, patience));
  }

  /** What each window's frames say they are. */
  private static List<List<Integer>> read(WindowFeed feed) throws Exception {
    List<List<Integer>> windows = new ArrayList<>();
    for (WindowFeed.Group group = feed.take(); group != null; group = feed.take()) {
      windows.add(indices(group));
    }
    return windows;
  }

  private static List<Integer> indices(WindowFeed.Group group) {
    List<Integer> frames = new ArrayList<>();
    for (int i = 0; i < WINDOWS.length(); i++) {
      long bytes = 3L * SIZE * SIZE;
      frames.add(Clips.index(group.pixels().asSlice(i * bytes, bytes), SIZE, SIZE));
    }
    return frames;
  }

  private static List<List<Integer>> expected(int frames) {
    List<List<Integer>> windows = new ArrayList<>();
    for (int i = 0; i < WINDOWS.count(frames); i++) {
      windows.add(Arrays.stream(WINDOWS.frames(frames, i)).boxed().toList());
    }
    return windows;
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.ts", "a.mkv", "a.mp4"})
  void aSlowServerIsReadToItsEnd(String name) throws Exception {
    byte[] bytes = video(name, 60);
    try (WindowFeed feed = feed(serve("/" + name, bytes, 10, false), false, 20)) {
      assertEquals(expected(60), read(feed));
      assertEquals(60, feed.frames());
      assertEquals(0, feed.damaged());
    }
  }

  @Test
  void aStreamThatStallsIsGivenUpAfterWhatItBrought() throws Exception {
    byte[] bytes = video("a.ts", 60);
    long start = System.nanoTime();
    try (WindowFeed feed = feed(serve("/a.ts", bytes, 2, true), false, 1)) {
      for (int i = 0; i < 5; i++) {
        assertEquals(expected(60).get(i), indices(feed.take()));
      }
      VideoException e = assertThrows(VideoException.class, () -> read(feed));
      assertEquals(Reason.TIMEOUT, e.reason());
      assertTrue(e.getMessage().matches("http://127.*/a.ts: .* 1 second.*"), e::getMessage);
    }
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(20));
  }

  @Test
  void closingStopsAStreamThatHangs() throws Exception {
    byte[] bytes = video("a.ts", 60);
    WindowFeed feed = feed(serve("/a.ts", bytes, 2, true), false, 60);
    feed.take();
    long start = System.nanoTime();
    feed.close();
    assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(2));
  }

  /** One joins a broadcast somewhere, and packets get lost. */
  @Test
  void damageInAStreamIsLeftOutAndCounted() throws Exception {
    byte[] bytes = video("a.ts", 60);
    byte[] torn = Arrays.copyOfRange(bytes, 188 * 10 + 77, bytes.length);
    Arrays.fill(torn, torn.length / 2, torn.length / 2 + 2000, (byte) 0x5A);
    try (WindowFeed feed = feed(serve("/a.ts", torn, 3, false), false, 20)) {
      List<List<Integer>> windows = read(feed);
      assertFalse(windows.isEmpty());
      assertTrue(feed.frames() < 60 && feed.frames() > 20, "frames: " + feed.frames());
    }
  }

  @Test
  void packetsFromTheNetworkAreAStream() throws Exception {
    byte[] bytes = video("a.ts", 100);
    int port;
    try (DatagramSocket free = new DatagramSocket()) {
      port = free.getLocalPort();
    }
    try (WindowFeed feed = feed("udp://127.0.0.1:" + port, true, 10);
        DatagramSocket socket = new DatagramSocket()) {
      Thread sender =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  while (done.getCount() > 0) {
                    for (int at = 0; at < bytes.length; at += 7 * 188) {
                      int length = Math.min(7 * 188, bytes.length - at);
                      socket.send(
                          new DatagramPacket(
                              bytes, at, length, InetAddress.getLoopbackAddress(), port));
                      Thread.sleep(5);
                    }
                  }
                } catch (IOException | InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      long last = -1;
      for (int i = 0; i < 5; i++) {
        WindowFeed.Group group = feed.take();
        Place place = group.places().getFirst();
        assertTrue(place.index() > last, "windows go on");
        last = place.index();
      }
      sender.interrupt();
      done.countDown();
      sender.join();
    }
  }

  @Test
  void windowsOfALiveSourceThatNobodyTookAreDropped() throws Exception {
    String url = serve("/a.ts", video("a.ts", 200), 1, false);
    try (WindowFeed feed = feed(url, true, 20)) {
      Place first = feed.take().places().getFirst();
      while (feed.frames() < 200) {
        Thread.sleep(5);
      }
      Thread.sleep(50);
      List<List<Integer>> rest = read(feed);
      int all = WINDOWS.count(200);
      assertEquals(all - 1 - rest.size(), feed.dropped(), "after " + first);
      assertTrue(feed.dropped() > all / 2, "dropped: " + feed.dropped());
      assertEquals(expected(200).getLast(), rest.getLast());
    }
  }

  @Test
  void aPlaylistNamesSegments() throws Exception {
    serve("/1.ts", video("1.ts", 60), 2, false);
    String url =
        serve(
            "/list.m3u8",
            "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.4,\n1.ts\n#EXT-X-ENDLIST\n".getBytes(),
            1,
            false);
    try (WindowFeed feed = feed(url, false, 20)) {
      assertEquals(expected(60), read(feed));
    }
  }

  /** What the network sends may not make us open files of this machine. */
  @ParameterizedTest
  @ValueSource(strings = {"file:", "concat:", "subfile,,start,0,end,100000,,:"})
  void aPlaylistOpensNoFile(String protocol) throws Exception {
    Path secret = Clips.write(folder.resolve("secret.ts"), 60);
    String list =
        "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.4,\n%s%s\n#EXT-X-ENDLIST\n"
            .formatted(protocol, secret);
    try (WindowFeed feed = feed(serve("/list.m3u8", list.getBytes(), 1, false), false, 3)) {
      assertThrows(VideoException.class, () -> read(feed));
      assertEquals(0, feed.frames());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:1/a.mp4, the stream cannot be opened",
    "rtsp://user:secret@127.0.0.1:1/a, the stream cannot be opened",
    "tcp://127.0.0.1:1, the stream cannot be opened",
  })
  void aStreamThatIsNotThere(String url, String expected) throws Exception {
    try (WindowFeed feed = feed(url, false, 5)) {
      VideoException e = assertThrows(VideoException.class, () -> read(feed));
      assertEquals(Reason.UNREADABLE, e.reason());
      assertTrue(e.getMessage().contains(expected), e::getMessage);
      assertFalse(e.getMessage().contains("secret"), e::getMessage);
      assertNull(e.path());
    }
  }

  @Test
  void aPageIsNoVideo() throws Exception {
    String url = serve("/a.html", "<html>no such video</html>".repeat(100).getBytes(), 1, false);
    try (WindowFeed feed = feed(url, false, 5)) {
      VideoException e = assertThrows(VideoException.class, () -> read(feed));
      assertEquals(Reason.UNREADABLE, e.reason());
    }
  }

  @Test
  void aCameraThatIsNotThereIsOneSentence() throws Exception {
    assumeTrue(!Files.exists(Path.of("/dev/video97")));
    try (WindowFeed feed = feed("/dev/video97", true, 5)) {
      VideoException e = assertThrows(VideoException.class, () -> read(feed));
      assertTrue(e.getMessage().startsWith("/dev/video97: "), e::getMessage);
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void addresses() {
    assertEquals(StreamAddress.Kind.PIPE, StreamAddress.of("-").orElseThrow().kind());
    assertTrue(StreamAddress.of("videos/a.mp4").isEmpty());
    assertTrue(StreamAddress.of("/dev/videos").isEmpty());
    assertTrue(StreamAddress.of("HTTPS://host/a").orElseThrow().kind() == StreamAddress.Kind.WEB);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> StreamAddress.of("ftp://u:p@host/a"));
    assertEquals(
        "ftp://host/a: streams come by http, https, rtsp, udp or tcp, not by ftp; a file is given"
            + " as a path",
        e.getMessage());
  }
}
