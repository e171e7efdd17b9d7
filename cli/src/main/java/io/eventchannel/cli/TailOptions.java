package io.eventchannel.cli;

import io.eventchannel.codec.FieldRules;
import io.eventchannel.policy.TransportPreference;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the words after {@code eventchannel tail} mean. */
final class TailOptions {
  static final String USAGE =
      String.join(
          System.lineSeparator(),
          "usage: eventchannel tail URL [options]",
          "",
          "Prints the events of a feed as they come, over WebSocket or SSE, and comes back after",
          "every loss from the last event ID. State changes go to standard error.",
          "",
          "  --transport auto|websocket|sse  auto (the default) tries WebSocket, then SSE",
          "  --topic TOPIC                   read this topic only; may be repeated",
          "  --last-event-id ID              begin after this event",
          "  --cursor-file FILE              keep the position here, and begin there next time",
          "  --header 'NAME: VALUE'          send this header; may be repeated",
          "  --json                          print one JSON object a line for each callback",
          "  --help                          print this",
          "",
          "exit status: 0 when the server said that the feed is over, 1 when the feed was given up,",
          "2 when the command line is wrong");

  private final String url;
  private final TransportPreference transport;
  private final Set<String> topics;
  private final @Nullable String lastEventId;
  private final @Nullable Path cursorFile;
  private final Map<String, String> headers;
  private final boolean json;

  private TailOptions(Parser parser, String url) {
    this.url = url;
    this.transport = parser.transport;
    this.topics = parser.topics;
    this.lastEventId = parser.lastEventId;
    this.cursorFile = parser.cursorFile;
    this.headers = parser.headers;
    this.json = parser.json;
  }

  /** Reads the words; null when they ask for help. */
  static @Nullable TailOptions parse(List<String> words) throws UsageException {
    return new Parser().parse(words.iterator());
  }

  String url() {
    return url;
  }

  TransportPreference transport() {
    return transport;
  }

  Set<String> topics() {
    return topics;
  }

  @Nullable String lastEventId() {
    return lastEventId;
  }

  @Nullable Path cursorFile() {
    return cursorFile;
  }

  Map<String, String> headers() {
    return headers;
  }

  boolean json() {
    return json;
  }

  private static final class Parser {
    private TransportPreference transport = TransportPreference.webSocketFirst();
    private final Set<String> topics = new LinkedHashSet<>();
    private @Nullable String lastEventId;
    private @Nullable Path cursorFile;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private boolean json;

    @Nullable TailOptions parse(Iterator<String> words) throws UsageException {
      List<String> urls = new ArrayList<>();
      while (words.hasNext()) {
        String word = words.next();
        switch (word) {
          case "--help":
          case "-h":
            return null;
          case "--json":
            json = true;
            break;
          case "--transport":
            transport = OptionValues.transport(OptionValues.next(word, words));
            break;
          case "--topic":
            topics.add(topic(OptionValues.next(word, words)));
            break;
          case "--last-event-id":
            lastEventId = OptionValues.next(word, words);
            break;
          case "--cursor-file":
            cursorFile = Paths.get(OptionValues.next(word, words));
            break;
          case "--header":
            OptionValues.header(OptionValues.next(word, words), headers);
            break;
          default:
            if (word.startsWith("-")) {
              throw new UsageException("unknown option " + word);
            }
            urls.add(word);
        }
      }
      if (urls.size() != 1) {
        throw new UsageException("expected one URL, got " + urls.size());
      }
      return new TailOptions(this, OptionValues.url(urls.get(0)));
    }

    private static String topic(String text) throws UsageException {
      if (!FieldRules.isTopic(text)) {
        throw new UsageException(
            "--topic: expected [A-Za-z0-9._:/-]{1,200}, got "
                + text.length()
                + " other characters");
      }
      return text;
    }
  }
}
