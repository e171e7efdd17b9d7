package consumer;

import io.eventchannel.Event;
import io.eventchannel.client.ChannelClient;
import io.eventchannel.jakarta.JakartaChannels;
import io.eventchannel.okhttp.OkHttpChannels;
import io.eventchannel.server.ChannelEndpoint;
import io.eventchannel.server.EventFeed;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import okhttp3.OkHttpClient;

/** Both sides on the class path, and a look at the class files of all that came with them. */
public final class Main {
  private static final int JAVA_11 = 55;

  private Main() {}

  public static void main(String[] args) throws IOException {
    EventFeed feed = EventFeed.inMemory();
    ChannelEndpoint endpoint = ChannelEndpoint.builder(feed).build();
    feed.publish("prices", Event.of("tick", "{\"EURUSD\":1.08}"));
    ChannelClient client = OkHttpChannels.newClient(new OkHttpClient()).build();
    require(endpoint != null && client != null, "nothing was built");
    require(!Main.class.getModule().isNamed(), "not on the class path");
    require(JakartaChannels.class.getPackage() != null, "no server adapter");

    int classes = 0;
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (path.endsWith(".jar")) {
        classes += checkClassFiles(new File(path));
      }
    }
    require(classes > 1000, "only " + classes + " classes were looked at");
    System.out.println("class path: fine, " + classes + " classes are for Java 11 or lower");
  }

  private static int checkClassFiles(File file) throws IOException {
    int count = 0;
    try (JarFile jar = new JarFile(file)) {
      for (Enumeration<JarEntry> all = jar.entries(); all.hasMoreElements(); ) {
        JarEntry entry = all.nextElement();
        String name = entry.getName();
        if (!name.endsWith(".class") || isForNewerJava(name)) {
          continue;
        }
        try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
          require(in.readInt() == 0xCAFEBABE, name + " is no class file");
          in.readUnsignedShort();
          int major = in.readUnsignedShort();
          require(major <= JAVA_11, file.getName() + ": " + name + " has version " + major);
          count++;
        }
      }
    }
    return count;
  }

  /** A JVM of version 11 does not load these. */
  private static boolean isForNewerJava(String name) {
    String prefix = "META-INF/versions/";
    return name.startsWith(prefix)
        && Integer.parseInt(name.substring(prefix.length(), name.indexOf('/', prefix.length())))
            > 11;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }
}
