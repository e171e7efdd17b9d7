package io.eventchannel.cli;

import io.eventchannel.Event;
import io.eventchannel.codec.FieldRules;
import io.eventchannel.policy.TransportPreference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the words after {@code eventchannel send} mean. */
final class SendOptions {
  static final String USAGE =
      String.join(
          System.lineSeparator(),
          "usage: eventchannel send URL [options] DATA",
          "       eventchannel send URL [options] -",
          "",
          "Sends an event to the application of a feed, or one for each line of standard input, over",
          "WebSocket or by POST beside SSE, and waits until all are taken. What goes wrong is told on",
          "standard error, and so are losses of the connection, after which it comes back.",
          "",
          "  --event TYPE                    the type of the events; message by default",
          "  --transport auto|websocket|sse  auto (the default) tries WebSocket, then SSE",
          "  --header 'NAME: VALUE'          send this header; may be repeated",
          "  --                              what follows is no option",
          "  --help                          print this",
          "",
          "exit status: 0 when the application took all events, 1 when it did not take one, or nobody",
          "knows, or the feed was given up, 2 when the command line is wrong");

  private final String url;
  private final String data;
  private final String type;
  private final TransportPreference transport;
  private final Map<String, String> headers;

  private SendOptions(Parser parser, String url, String data) {
    this.url = url;
    this.data = data;
    this.type = parser.type;
    this.transport = parser.transport;
    this.headers = parser.headers;
  }

  /** Reads the words; null when they ask for help. */
  static @Nullable SendOptions parse(List<String> words) throws UsageException {
    return new Parser().parse(words.iterator());
  }

  String url() {
    return url;
  }

  /** Whether each line of standard input is the data of an event. */
  boolean readsLines() {
    return data.equals("-");
  }

  /** The data of the one event, unless {@link #readsLines}. */
  String data() {
    return data;
  }

  String type() {
    return type;
  }

  TransportPreference transport() {
    return transport;
  }

  Map<String, String> headers() {
    return headers;
  }

  private static final class Parser {
    private String type = Event.DEFAULT_TYPE;
    private TransportPreference transport = TransportPreference.webSocketFirst();
    private final Map<String, String> headers = new LinkedHashMap<>();

    @Nullable SendOptions parse(Iterator<String> words) throws UsageException {
      List<String> others = new ArrayList<>();
      while (words.hasNext()) {
        String word = words.next();
        switch (word) {
          case "--help":
          case "-h":
            return null;
          case "--event":
            type = type(OptionValues.next(word, words));
            break;
          case "--transport":
            transport = OptionValues.transport(OptionValues.next(word, words));
            break;
          case "--header":
            OptionValues.header(OptionValues.next(word, words), headers);
            break;
          case "--":
            words.forEachRemaining(others::add);
            break;
          default:
            if (word.startsWith("-") && !word.equals("-")) {
              throw new UsageException("unknown option " + word);
            }
            others.add(word);
        }
      }
      if (others.size() != 2) {
        throw new UsageException("expected a URL, and data or -, got " + others.size() + " words");
      }
      return new SendOptions(this, OptionValues.url(others.get(0)), others.get(1));
    }

    private static String type(String text) throws UsageException {
      try {
        FieldRules.checkApplicationEvent(Event.of(text, ""));
        return text;
      } catch (IllegalArgumentException e) {
        throw new UsageException("--event: " + e.getMessage());
      }
    }
  }
}
