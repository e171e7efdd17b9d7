package io.eventchannel.examples;

import io.eventchannel.Event;
import io.eventchannel.policy.SlowConsumerPolicy;
import io.eventchannel.server.EventFeed;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;

/**
 * A camera, so to speak: five pictures a second as binary events. Over WebSocket they travel as
 * they are, over SSE as base64 to whoever asks for that; a consumer that lags gets the newest
 * picture rather than all.
 */
public final class ImageServer implements AutoCloseable {
  static final String TOPIC = "camera";
  static final String FRAME = "frame";
  private static final int WIDTH = 320;
  private static final int HEIGHT = 200;
  private static final int MILLIS_BETWEEN = 200;

  private final EventFeed feed =
      EventFeed.builder().slowConsumerPolicy(SlowConsumerPolicy.conflate()).build();
  private final ExampleServer server;
  private final ScheduledExecutorService camera = Executors.newSingleThreadScheduledExecutor();
  private final ScheduledFuture<?> shooting;
  private int taken; // by the camera's thread

  private ImageServer(int port) throws IOException {
    server = ExampleServer.start(port, feed, "image.html", "", null);
    shooting =
        camera.scheduleAtFixedRate(this::takePicture, 0, MILLIS_BETWEEN, TimeUnit.MILLISECONDS);
  }

  /** Starts the camera on a port of the loopback interface; 0 takes a free one. */
  public static ImageServer start(int port) throws IOException {
    return new ImageServer(port);
  }

  /** Starts it at {@code -Dport=}, 8080 by default, and runs until the process is ended. */
  public static void main(String[] args) throws IOException {
    try (ImageServer images = start(Integer.getInteger("port", 8080))) {
      images.server.await("or write  the pictures to files, by ImageReceiver");
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.port();
  }

  private void takePicture() {
    feed.publish(TOPIC, Event.binary(FRAME, png(taken++)));
  }

  /** A clock hand that goes round once in ten seconds. */
  private static byte[] png(int number) {
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(Color.getHSBColor(number % 200 / 200f, 0.35f, 0.95f));
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    double angle = 2 * Math.PI * number / 50 - Math.PI / 2;
    pen.setColor(new Color(0x16202b));
    pen.setStroke(new BasicStroke(3));
    pen.drawOval(WIDTH / 2 - 80, HEIGHT / 2 - 80, 160, 160);
    pen.drawLine(
        WIDTH / 2,
        HEIGHT / 2,
        (int) (WIDTH / 2 + 76 * Math.cos(angle)),
        (int) (HEIGHT / 2 + 76 * Math.sin(angle)));
    pen.dispose();
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture in memory", e);
    }
    return png.toByteArray();
  }

  @Override
  public void close() throws IOException {
    shooting.cancel(false);
    camera.shutdown();
    server.close();
  }
}
